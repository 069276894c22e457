"""The third reading of `nn`: networks in NumPy, forward and backward, to be read in class and run."""
