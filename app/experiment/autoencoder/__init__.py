"""The variational auto-encoder: its loss and training, what its decoder draws, and the figure."""
