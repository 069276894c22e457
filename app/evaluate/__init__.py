"""`python -m app.evaluate`: how well a trained network does, how sure it is, and where it is wrong."""
