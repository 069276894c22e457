"""One entry of a stored configuration, made into the chalkboard's layer."""

from typing import Any

from app.counting.layers import APPLICATION_LAYERS, CUSTOM_LAYERS, LAYERS, Layer, UnsupportedLayerError
from app.counting.layers.unknown import ELEMENTWISE, REDUCTIONS, UnknownLayer, make_operation
from app.counting.layers.wrappers import SpectralNormalization, TimeDistributed, Wrapper
from app.counting.rows import Shape
from app.counting.stored.calls import Config

WRAPPERS: dict[str, type[Wrapper]] = {
    "TimeDistributed": TimeDistributed,
    "SpectralNormalization": SpectralNormalization,
}


def as_text(value: Any) -> str:
    """Return a stored name.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(value, str):
        raise TypeError("a name that is no text")
    return value


def make_layer(entry: Config, stated: Shape | None = None) -> Layer:
    """Return the chalkboard's layer for one entry of a configuration.

    Args:
        entry: the entry, as Keras stores it.
        stated: the output's shape, if the file states it; operations need it.

    Raises:
        UnsupportedLayerError: there is no formula for it.
    """
    kind, module = as_text(entry["class_name"]), as_text(entry.get("module") or "keras.layers")
    config = entry["config"]
    registered = entry.get("registered_name")
    own = str(registered or kind).removeprefix("convlab>")
    if own in CUSTOM_LAYERS and f"convlab>{own}" in (kind, registered):
        return CUSTOM_LAYERS[own].from_config(config)
    is_operation = module.startswith("keras.src.ops") or (
        "module" not in entry and kind not in LAYERS and kind in ELEMENTWISE | REDUCTIONS
    )  # legacy files name no module
    if is_operation:
        return make_operation(kind, config, stated, config.get("name"))
    if kind in WRAPPERS and module == "keras.layers":
        wrapper = WRAPPERS[kind](make_layer(config["layer"]), config.get("name"))
        wrapper.arguments = config
        return wrapper
    known = LAYERS if module == "keras.layers" else {}
    if module.startswith("keras.src.applications"):
        known = APPLICATION_LAYERS
    if kind not in known:
        named = kind if module == "keras.layers" else f"{module}>{kind}"
        raise UnsupportedLayerError(f"no formula for {named}")
    return known[kind].from_config(config)


def make_unknown(entry: Config, label: str, reason: str, stated: Shape | None) -> UnknownLayer:
    """Return the row's layer for an entry without a formula; `reason` says why there is none."""
    layer = UnknownLayer(as_text(entry["class_name"]), label, reason, stated)
    layer.arguments = entry["config"]
    return layer
