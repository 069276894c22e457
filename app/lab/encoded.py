"""Arrays as text, as the page reads them: base64 of little-endian numbers in row-major order."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.program.program import Program


def arrays_of(program: Program) -> dict[str, np.ndarray]:
    """Return the weights of a program by the names that its written form has for them."""
    found: dict[str, np.ndarray] = {}
    seen: set[int] = set()
    for step in program.steps:
        arrays: Mapping[str, Any] = getattr(step, "arrays", {})
        if id(arrays) not in seen:
            seen.add(id(arrays))
            found |= {f"{step.name}/{name}": np.asarray(values) for name, values in arrays.items()}
    return found


def weight_count(program: Program) -> int:
    """Return how many numbers its layers hold."""
    return sum(values.size for values in arrays_of(program).values())


def as_single(values: np.ndarray) -> dict[str, Any]:
    """Return an array in single precision."""
    return {"shape": list(values.shape), "dtype": "float32", "data": as_text(values, "<f4")}


def as_half(values: np.ndarray) -> dict[str, Any]:
    """Return an array in half precision; one that does not fit into its range stays as it is."""
    with np.errstate(over="ignore"):
        halved = np.asarray(values, np.float16)
    if not np.isfinite(halved).all():
        return as_single(values)
    return {"shape": list(values.shape), "dtype": "float16", "data": as_text(halved, "<f2")}


def as_text(values: np.ndarray, kind: str) -> str:
    """Return numbers as base64, of a type such as `<f4`."""
    return base64.b64encode(np.ascontiguousarray(values, np.dtype(kind)).tobytes()).decode("ascii")
