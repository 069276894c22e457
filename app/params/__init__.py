"""`python -m app.params`: count a network by hand and check the count against Keras."""
