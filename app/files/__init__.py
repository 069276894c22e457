"""Room 0, what lies on disk: whole-or-nothing writes, model cards, saved models by name."""
