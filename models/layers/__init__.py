"""The layers that classic networks need and Keras lacks, one a file.

Importing this package imports Keras; so only `app.engine.build` does. The same names with the
same arguments are on the chalkboard in `app.counting.layers.custom`.
"""

from models.layers.constant_padding import ConstantPadding2D
from models.layers.grouped_convolution import GroupedConv2D
from models.layers.local_response_normalization import LocalResponseNormalization
from models.layers.neocognitron import CCells, SCells
from models.layers.partial_convolution import PartialConv2D
from models.layers.radial_basis import RadialBasis
from models.layers.scaled_tanh import ScaledTanh
from models.layers.subsampling import Subsampling2D

__all__ = [
    "CCells",
    "ConstantPadding2D",
    "GroupedConv2D",
    "LocalResponseNormalization",
    "PartialConv2D",
    "RadialBasis",
    "SCells",
    "ScaledTanh",
    "Subsampling2D",
]
