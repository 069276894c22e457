"""Arithmetic on paper: formulas, the chalkboard, receptive fields, comparison.

Standard library only (h5py, imported late, reads the configuration in a legacy `.h5` file). It
never asks Keras anything, so that agreement with Keras is evidence.
"""
