"""`python -m app.predict`: what a trained network says of your pictures, one or a hundred thousand."""
