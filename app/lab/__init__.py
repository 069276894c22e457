"""python -m app.lab: a page that answers while you draw, shows each number, and can be taken home."""
