"""The formats in which a picture can be written."""

FORMATS = (".png", ".svg", ".pdf")
"""Endings of file names, in lower case."""
