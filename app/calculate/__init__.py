"""`python -m app.calculate`: a pocket calculator for single layers."""
