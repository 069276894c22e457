"""The lab's web server: one page, one kind of question, for a laptop in a classroom."""
