"""`python -m app.calculate`: work out one layer: sizes, padding, cost, receptive field; and the way back."""
