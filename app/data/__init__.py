"""`python -m app.data`: look at a data set: shapes, classes, pictures."""
