"""The operations by their names: what each takes, and the walk that it makes."""

from collections.abc import Callable, Mapping
from typing import Any

from app.show.frames.frame import Walk
from app.walk.given import read_image, read_kernel, read_row


def convolution(
    image: Any = "cross5", kernel: Any = "x_filter", backward: bool = False, **settings: Any
) -> Walk:
    """Return the walk of a convolution, or one step back through it."""
    x, w = read_image(image), read_kernel(kernel)
    if backward:
        from app.workings.backward_windows import walk_convolution_back

        refuse(settings, "bias", "relu", "activation", "flip")
        settings["gradient"] = _gradient(settings)
        return walk_convolution_back(x, w, **settings)
    from app.workings.convolving import walk_convolution

    refuse(settings, "gradient")
    if settings.pop("relu", False):
        settings["activation"] = "relu"
    if settings.get("bias") is not None:
        settings["bias"] = read_row(settings["bias"], "the bias")
    return walk_convolution(x, w, **settings)


def pooling(image: Any = "figure6", backward: bool = False, **settings: Any) -> Walk:
    """Return the walk of a pooling, or one step back through it."""
    x = read_image(image, "the map")
    if backward:
        from app.workings.backward_windows import walk_pooling_back

        settings["gradient"] = _gradient(settings)
        return walk_pooling_back(x, **settings)
    from app.workings.pooling import walk_pooling

    refuse(settings, "gradient")
    return walk_pooling(x, **settings)


def transposed(
    image: Any = "1 2; 3 4", kernel: Any = "ones", backward: bool = False, **settings: Any
) -> Walk:
    """Return the walk of a transposed convolution, or one step back through it."""
    x, w = read_image(image, "the input"), read_kernel(kernel)
    if backward:
        from app.workings.backward_windows import walk_transposed_back

        refuse(settings, "bias", "zeros")
        settings["gradient"] = _gradient(settings)
        return walk_transposed_back(x, w, **settings)
    from app.workings.transposing import walk_transposed

    refuse(settings, "gradient")
    return walk_transposed(x, w, way="zeros" if settings.pop("zeros", False) else "stamps", **settings)


def dense(
    inputs: Any = "1 2 3", weights: Any = "1 0; 0 1; 2 -1", backward: bool = False, **settings: Any
) -> Walk:
    """Return the walk of a dense layer, or one step back through it."""
    x, w = read_row(inputs, "the input"), read_image(weights, "the weights")[..., 0]
    w = w.T if w.shape[0] == 1 and len(x) > 1 else w
    if backward:
        from app.workings.backward_units import walk_dense_back

        refuse(settings, "bias", "activation")
        return walk_dense_back(x, w, _row_gradient(settings))
    from app.workings.units import walk_dense

    refuse(settings, "gradient")
    if settings.get("bias") is not None:
        settings["bias"] = read_row(settings["bias"], "the bias")
    return walk_dense(x, w, **settings)


def activation(
    values: Any = "-2 -1 0 1 2", name: str = "relu", backward: bool = False, gradient: Any = None
) -> Walk:
    """Return the walk of an activation, or one step back through it."""
    from app.workings.backward_units import walk_activation_back
    from app.workings.units import walk_activation

    x = read_image(values, "the input")
    if backward:
        return walk_activation_back(x.ravel(), name, _row_gradient({"gradient": gradient}))
    refuse({"gradient": gradient}, "gradient")
    return walk_activation(x[..., 0] if x.shape[-1] == 1 and len(x) > 1 else x.ravel(), name)


def softmax(logits: Any = "1 2 3", backward: bool = False, target: int | None = None) -> Walk:
    """Return the walk of a softmax, or one step back through it and the cross-entropy."""
    from app.workings.backward_units import walk_softmax_back
    from app.workings.units import walk_softmax

    z = read_row(logits, "the logits")
    if backward:
        if target is None:
            raise ValueError("one step back needs the right class: give --target N")
        return walk_softmax_back(z, target)
    if target is not None:
        raise ValueError("--target goes with --backward")
    return walk_softmax(z)


def loss(kind: str = "log", outputs: Any = "0.98", targets: Any = "1", backward: bool = False) -> Walk:
    """Return the walk of a loss, or its gradient."""
    from app.workings.backward_units import walk_loss_back
    from app.workings.units import walk_loss

    made = walk_loss_back if backward else walk_loss
    return made(kind, read_row(outputs, "the output"), read_row(targets, "the target"))


def delta(inputs: Any = "1 0", target: Any = "1", **settings: Any) -> Walk:
    """Return one step of the delta rule."""
    from app.workings.delta_rule import walk_delta_rule

    return walk_delta_rule(read_row(inputs, "the input"), read_row(target, "the target"), **settings)


OPERATIONS: dict[str, Callable[..., Walk]] = {
    "conv": convolution,
    "pool": pooling,
    "transposed": transposed,
    "dense": dense,
    "activation": activation,
    "softmax": softmax,
    "loss": loss,
    "delta": delta,
}
"""By the names that they have on the command line."""


def check_flags(settings: Mapping[str, Any]) -> None:
    """Refuse flags that are neither true nor false.

    Raises:
        ValueError: one is.
    """
    for name in ("backward", "flip", "relu", "zeros"):
        value = settings.get(name)
        if value is not None and not isinstance(value, bool):
            raise ValueError(f"{name} is True or False, not {value!r}")


def refuse(settings: dict[str, Any], *names: str) -> None:
    """Take settings out that do not belong to what is done.

    Raises:
        ValueError: one of them was given.
    """
    for name in names:
        value = settings.pop(name, None)
        if value not in (None, False, "linear"):
            way = "goes with --backward" if name == "gradient" else "and --backward contradict each other"
            raise ValueError(f"--{name.replace('_', '-')} {way}")


def _gradient(settings: Mapping[str, Any]) -> Any:
    given = settings.get("gradient")
    return None if given is None else read_image(given, "the gradient")


def _row_gradient(settings: Mapping[str, Any]) -> Any:
    given = settings.get("gradient")
    return None if given is None else read_row(given, "the gradient")
