"""A model replayed as a straight-line program that ends in logits."""
