"""`python -m app.transfer`: a classifier for your own pictures, from a network that was trained on others."""
