"""`python -m app.worksheet`: worksheets with blanks, and their marking."""
