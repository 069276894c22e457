"""`python -m app.pretrained`: published weights in networks of the catalogue."""
