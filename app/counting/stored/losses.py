"""What the loss that a model was compiled with says about its outputs."""

from typing import Any

from app.counting.symbols import snake_case

FOR_QUANTITIES = (
    "mean_squared",
    "mse",
    "mean_absolute",
    "mae",
    "msle",
    "mape",
    "huber",
    "log_cosh",
    "logcosh",
    "poisson",
    "tweedie",
)
"""How the names of losses for quantities begin, as opposed to scores of classes."""


def loss_name(loss: Any) -> tuple[str, bool]:
    """Return a stored loss's name, `sparse_categorical_crossentropy`, and whether it takes logits."""
    if isinstance(loss, str):
        return snake_case(loss), False
    if not isinstance(loss, dict):
        return "", False
    inner = loss.get("config")
    if isinstance(inner, str):
        return snake_case(inner), False
    from_logits = isinstance(inner, dict) and inner.get("from_logits") is True
    return snake_case(str(loss.get("class_name", ""))), from_logits


def is_for_quantities(name: str) -> bool:
    """Return whether a loss of this name compares quantities: `mean_squared_error`."""
    return name.lower().startswith(FOR_QUANTITIES)
