"""ConvLab: a laboratory for convolutional networks. Importing it loads nothing heavy."""
