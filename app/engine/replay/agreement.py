"""Whether a replay computes what its model computes: looked at before any map is drawn."""

import keras
import numpy as np

from app.engine.replay.copying import HALF, ReplayError
from app.engine.replay.following import state_kept
from app.engine.replay.graphs import Graph
from app.engine.replay.steps import Replay

OPEN_SIZES = (32, 96, 224)
"""Sizes to try where a model leaves height and width open: deep ones do not fit small images."""


def assert_same_function(model: keras.Model, graph: Graph, result: Replay, output_index: int) -> None:
    """Compare model and replay on two random images.

    Raises:
        ReplayError: they differ by more than rounding.
    """
    for open_size in OPEN_SIZES:
        probes = _probes(result, graph, [n or open_size for n in result.image_shape])
        values = result.start(result.as_input(probes))
        inputs = [values[slot] for slot in sorted(values, key=lambda slot: slot.index)]
        try:
            with state_kept(model):
                outputs = graph.call(model, inputs)
            break
        except Exception:
            if None not in result.image_shape or open_size == OPEN_SIZES[-1]:
                raise
    expected = np.asarray(outputs[output_index], np.float64).reshape(len(probes), -1)
    actual = np.asarray(result.run(values, head=True)[result.output], np.float64)
    half = any(layer.compute_dtype in HALF for layer in model._flatten_layers())
    tolerance = 5e-2 if half else 1e-4
    whole = [i for i in (0, 1) if i == 0 or np.isfinite(expected[i]).all()]  # 0…255 may overflow
    if not np.isfinite(expected[0]).all():
        raise ReplayError(
            f"{model.name!r} puts out values that are not finite for an image of 0…1; check its weights"
        )
    for ours, theirs in zip(actual[whole], expected[whole], strict=True):
        gap = float(np.abs(ours - theirs).max()) / (1.0 + float(np.abs(theirs).max()))
        if not gap <= tolerance:
            raise ReplayError(
                f"the replay of {model.name!r} differs from the model by {gap:.2g}: it contains a layer "
                "that behaves differently each time or when copied; no map is drawn"
            )


def _probes(result: Replay, graph: Graph, size: list[int]) -> np.ndarray:
    """Return one image of 0…1 and one of 0…255, for a model that rescales by itself."""
    probes = np.random.default_rng(0).uniform(0, 1, (2, *size))
    probes[1] *= 255
    kind = str(graph.function.inputs[result.image.index - 1].dtype)
    return np.floor(probes) if "int" in kind else probes
