"""What the calculator answers, as reports."""
