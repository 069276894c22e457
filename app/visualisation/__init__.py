"""Room 5, maps from trained models, each with a verdict on how far to trust it."""
