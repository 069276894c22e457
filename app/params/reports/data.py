"""Rows and totals as plain values, for reports in JSON: numbers as numbers, shapes as lists."""

from collections.abc import Sequence
from typing import Any

from app.counting.fields import Field
from app.counting.published import FigureCheck
from app.counting.rows import FLOAT_BYTES, Row, Sheet


def totals_data(sheet: Sheet) -> dict[str, Any]:
    """Return the totals as numbers."""
    stored = FLOAT_BYTES * sheet.parameters
    return {
        "parameters": int(sheet.parameters),
        "trainable": int(sheet.trainable) if sheet.is_split_known else None,
        "non_trainable": int(sheet.non_trainable) if sheet.is_split_known else None,
        "float32_bytes": stored,
        "megabytes": stored / 10**6,
        "mebibytes": stored / 2**20,
        "multiply_accumulates": int(sheet.multiply_accumulates),
        "connections": int(sheet.connections),
        "activation_bytes": int(sheet.activation_bytes),
        "are_lower_bounds": bool(sheet.unknown),
    }


def row_data(row: Row) -> dict[str, Any]:
    """Return one row as plain values."""
    return {
        "layer": row.name,
        "kind": row.kind,
        "settings": row.settings,
        "inputs": list(row.inputs),
        "input_shapes": [shape_data(shape) for shape in row.input_shapes],
        "output_shape": shape_data(row.output_shape) if row.is_shape_known else None,
        "parameters": int(row.parameters),
        "trainable": int(row.trainable) if row.is_split_known else None,
        "non_trainable": int(row.non_trainable) if row.is_split_known else None,
        "trainable_working": row.trainable.working,
        "non_trainable_working": row.non_trainable.working,
        "weights": [
            {"name": w.name, "shape": shape_data(w.shape), "is_trained": w.is_trained} for w in row.weights
        ],
        "multiply_accumulates": None if row.unknown else int(row.multiply_accumulates),
        "connections": None if row.unknown else int(row.connections),
        "are_parameters_known": row.is_weighed,
        "activation_bytes": int(row.activation_bytes),
        "shared_with": row.shared_with or None,
        "unknown": row.unknown or None,
        "sees": {name: field_data(field) for name, field in row.fields.items()},
    }


def field_data(field: Field) -> dict[str, Any]:
    """Return a receptive field as plain values, in pixels of the image."""
    return {
        "size": [int(n) for n in field.window_sizes()],
        "image": [int(axis.pixels) for axis in field.axes],
        "sizes_by_phase": [list(axis.sizes) for axis in field.axes],
        "jump": None if field.whole else [float(axis.jump) for axis in field.axes],
        "whole": field.whole,
    }


def shape_data(shape: Sequence[int]) -> list[int]:
    """Return a shape as a list of plain numbers."""
    return [int(n) for n in shape]


def figure_data(compared: FigureCheck) -> dict[str, Any]:
    """Return a published figure beside ours; `unit` is what its last printed digit is worth."""
    published = compared.published
    return {
        "quantity": published.quantity,
        "published": published.value,
        "ours": compared.ours,
        "source": published.source,
        "unit": published.unit,
        "is_equal": compared.is_equal,
        "why": published.why or None,
    }
