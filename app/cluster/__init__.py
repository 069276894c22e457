"""Workers that train together: who they are, that all are there and mean the same, and that none is lost."""
