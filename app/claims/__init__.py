"""`python -m app.claims`: what five articles claim, each claim recomputed and judged."""
