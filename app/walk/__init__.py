"""python -m app.walk: a calculation number by number, of one operation or of a whole network."""
