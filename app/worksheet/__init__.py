"""`python -m app.worksheet`: make worksheets with blanks, and mark them, each mistake named."""
