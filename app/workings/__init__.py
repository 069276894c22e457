"""Workings: the steps of a calculation, number by number, as walks that anything can draw."""
