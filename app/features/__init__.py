"""`python -m app.features`: look inside a network."""
