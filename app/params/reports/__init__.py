"""The reports on counts, each a pure function of what was counted."""
