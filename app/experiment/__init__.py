"""`python -m app.experiment`: article 004's experiments done again."""
