"""The reports of the pocket calculator: one module for each kind of question."""
