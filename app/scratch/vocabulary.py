"""The vocabulary `nn` read with NumPy: a builder of `models/` becomes a network that computes here."""

from types import SimpleNamespace

from app.scratch.layers import LAYERS
from app.scratch.network import Input, Model, Sequential

nn = SimpleNamespace(Input=Input, Sequential=Sequential, Model=Model, **LAYERS)
"""The names that Keras and the chalkboard offer, as far as NumPy has code for them."""
