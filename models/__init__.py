"""What the networks are: builders over a vocabulary `nn`, and the catalogue that lists them.

Importing this package loads nothing but the standard library. A builder imports neither Keras nor
anything of ConvLab: it is handed `nn`, which is either Keras (`app.engine.build`) or the
chalkboard (`app.counting.chalkboard`).
"""

from models.catalogue import CATALOGUE, find_network
from models.network import ErrorRate, Network, Published
from models.pixels import Pixels
from models.pretrained import PACKAGED, PRETRAINED, PackagedWeights, PublishedWeights

__all__ = [
    "CATALOGUE",
    "PACKAGED",
    "PRETRAINED",
    "ErrorRate",
    "Network",
    "PackagedWeights",
    "Pixels",
    "Published",
    "PublishedWeights",
    "find_network",
]
