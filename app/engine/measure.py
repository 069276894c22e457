"""What Keras says of a model: the second witness for counts, and its predictions."""

from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np

from app.counting.comparison import LayerCount
from app.engine.replay.graphs import functional_inside
from app.program.heads import both_classes

BATCH = 1000
"""Images at a time, where only memory matters."""


def count_layers(
    model: keras.Model, prefix: str = "", known: dict[int, str] | None = None
) -> list[LayerCount]:
    """Return name, kind, output shape and parameters of each call of each layer, inputs included.

    Nested models are unrolled, their layers named `network/layer`; a layer's second call is `layer:2` and counts no
    weights again, also where it is made in another nested model. Parameters are counted from the weights' shapes;
    `summary()` would add the optimiser's state.
    """
    counts: list[LayerCount] = []
    seen: dict[str, int] = {}
    known = {id(layer): name for name, layer in list_layers(model)} if known is None else known
    for operation, shape in _calls(model):
        if prefix and isinstance(operation, keras.layers.InputLayer):
            continue  # a nested model reads what it is called on
        if isinstance(operation, keras.Model) and functional_inside(operation) is not None:
            before = known.setdefault(id(operation), f"{prefix}{operation.name}/")
            inner = count_layers(operation, before, known)
        else:
            name = known.setdefault(id(operation), prefix + operation.name)
            inner = [_count(operation, name, shape, known)]
        for count in inner:
            calls = seen[count.name] = seen.get(count.name, 0) + 1
            if calls > 1:
                count = replace(count, name=f"{count.name}:{calls}", trainable=0, non_trainable=0)
            counts.append(count)
    return counts


def list_layers(
    model: keras.Model, prefix: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, keras.Layer]]:
    """Yield each layer once, with its name where it is listed first; nested models too, with a "/" behind."""
    seen = set() if seen is None else seen
    for layer in getattr(model, "layers", ()):
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        is_nested = isinstance(layer, keras.Model) and functional_inside(layer) is not None
        name = f"{prefix}{layer.name}/" if is_nested else prefix + layer.name
        yield name, layer
        if is_nested:
            yield from list_layers(layer, name, seen)


def _calls(model: keras.Model) -> Iterator[tuple[keras.Operation, tuple[int, ...]]]:
    """Yield each call inside a model with the shape that it makes, in the order of calls."""
    graph = getattr(model, "_functional", None) or model
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            output = keras.tree.flatten(node.output_tensors)[0]
            yield node.operation, tuple(output.shape[1:])


def _count(
    operation: keras.Operation, name: str, shape: tuple[int, ...], owners: dict[int, str]
) -> LayerCount:
    """Return what a layer has; a weight is counted where it is met first, which `owners` remembers by its id."""
    trained = getattr(operation, "trainable_weights", [])
    kept = getattr(operation, "non_trainable_weights", [])
    sizes = [
        sum(int(np.prod(w.shape)) for w in weights if owners.setdefault(id(w), name) == name)
        for weights in (trained, kept)
    ]
    return LayerCount(name, type(operation).__name__, shape, sizes[0], sizes[1])


def predict_probabilities(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the probability of each class, (count, classes); one unit answers for two."""
    starts = range(0, len(images), BATCH)
    outputs = np.concatenate([model.predict_on_batch(images[i : i + BATCH]) for i in starts])
    return both_classes(outputs)
