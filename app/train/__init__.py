"""`python -m app.train`: train a network."""
