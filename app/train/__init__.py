"""`python -m app.train`: train a network, with pictures of how it went."""
