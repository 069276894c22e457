"""Room 7, the experiments of article 004: what is run, what is kept of it, what follows from it."""
