"""`python -m app.experiment`: do article 004's experiments again: depth, shortcuts, gradients, the ImageNet years."""
