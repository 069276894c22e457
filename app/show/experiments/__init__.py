"""Figures and progress of the experiments; drawn from the numbers that their JSON holds."""
