"""The layers as the chalkboard knows them: Keras' names, arguments and defaults, and the arithmetic.

Each class says what comes out (`output_shape`), what it stores (`weights`, and as formulas
`trainable` and `non_trainable`), what it costs (`multiply_accumulates`, `connections`), what its
cells see (`field`), and what else is asked of its kind. Shapes are without the batch axis, channels last.
`LAYERS` lists them by Keras' class name, `CUSTOM_LAYERS` among them are the project's own, and
`APPLICATION_LAYERS` are defined inside keras.applications. A new class in one of the modules is in the list.
"""

from types import ModuleType

from app.counting.layers import (
    activations,
    applications,
    attention,
    borders,
    convolution,
    custom,
    dense,
    lenet,
    merging,
    neocognitron,
    normalization,
    pointwise,
    pooling,
    resampling,
    reshaping,
    transposed,
)
from app.counting.layers.base import Layer, UnsupportedLayerError
from app.counting.layers.unknown import StatedLayer


def _list_layers(*modules: ModuleType) -> dict[str, type[Layer]]:
    """Return the public classes of layers in modules, but for those that others there are made from."""
    found = {}
    for module in modules:
        own = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
        bases = {base for layer in own for base in layer.__bases__}
        layers = [c for c in own if issubclass(c, Layer) and c not in bases]
        found.update({layer.__name__: layer for layer in layers if not layer.__name__.startswith("_")})
    return found


APPLICATION_LAYERS = _list_layers(applications)
CUSTOM_LAYERS = _list_layers(custom, lenet, neocognitron)
LAYERS = _list_layers(
    *(activations, attention, borders, convolution, dense, merging, normalization),
    *(pointwise, pooling, resampling, reshaping, transposed, custom, lenet, neocognitron),
)


def layer_class(kind: str) -> type[Layer]:
    """Return the class of a row's kind; that of a layer without a formula for one that is not known."""
    return Layer if kind == "InputLayer" else LAYERS.get(kind, StatedLayer)


__all__ = ["APPLICATION_LAYERS", "CUSTOM_LAYERS", "LAYERS", "Layer", "UnsupportedLayerError", "layer_class"]
