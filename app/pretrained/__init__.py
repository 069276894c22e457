"""`python -m app.pretrained`: a network with the weights that keras.applications publishes."""
