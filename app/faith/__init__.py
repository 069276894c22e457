"""`python -m app.faith`: which maps deserve to be believed."""
