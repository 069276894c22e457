"""`python -m app.faith`: test which maps deserve to be believed, on many images."""
