"""Answers to one question at a time: geometry with any padding, its inverse, and how it is typed."""
