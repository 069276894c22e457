"""Room 6, what the five articles claim, each claim checked by computing it. Standard library."""
