"""`python -m app.claims`: what the five articles claim, each claim computed and judged."""
