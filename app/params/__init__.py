"""`python -m app.params`: networks counted by hand, explained, compared and checked."""
