"""`python -m app.saliency`: see what a trained network looks at, and how far to trust it."""
