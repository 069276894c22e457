"""The layers in NumPy, one module a topic; `LAYERS` lists them by Keras' class name.

In the order of a lesson: base, dense, activations, convolution, pooling, reshaping, merging, normalization,
transposed, resampling; then what the first networks had: lenet, neocognitron.
"""

import importlib

from app.scratch.layers.base import Layer

ORDER = "dense activations convolution pooling reshaping merging normalization transposed resampling lenet neocognitron"
LAYERS: dict[str, type[Layer]] = {}
for topic in ORDER.split():
    module = importlib.import_module(f"app.scratch.layers.{topic}")
    own = [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]
    LAYERS |= {k.__name__: k for k in own if not k.__name__.startswith(("_", "Fused"))}

__all__ = ["LAYERS", "Layer"]
