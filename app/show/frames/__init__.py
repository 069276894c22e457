"""Frames: a calculation shown number by number, as plain data, and what draws it."""
