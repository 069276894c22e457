"""`python -m app.pretrained`: a network with weights that were published for it."""
