"""What lies on disk: whole-or-nothing writes, model cards, saved models by name."""
