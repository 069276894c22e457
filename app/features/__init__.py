"""`python -m app.features`: look inside a network: feature maps, filters, nearest images, made-up inputs."""
