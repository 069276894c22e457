"""Fully connected layers: parameters and multiply-accumulates, on a vector or at each place of a map."""

import math
from collections.abc import Sequence

from app.calculate.dimensions import size_signs
from app.calculate.reports.answers import Answer, calculation, count_text
from app.counting import formulas
from app.counting.count import Count, product_count
from app.counting.rows import shape_text
from app.show.document import Document

AT_EVERY_POSITION = (
    "Keras' Dense works on the last axis: the same weights at every position, like a 1×1 convolution. "
    "--flatten makes one vector of the map first."
)


def dense_report(shape: Sequence[int], units: int, use_bias: bool, flatten: bool) -> Document:
    """Return the report of a dense layer on an input of `shape`, flattened first or not."""
    inputs = product_count(*shape) if flatten else Count(shape[-1])
    places = [] if flatten else list(shape[:-1])
    output, positions = (*places, units), math.prod(places)
    each = "m·" if positions > 1 else ""
    values = product_count(positions, units) if each else product_count(units)
    signs = f"{size_signs(len(shape) - 1, 'in')}·c" if len(shape) > 1 else "c"
    answers = [
        *([Answer("inputs", signs, inputs)] if flatten else []),
        Answer(
            "parameters",
            "(n + 1)·u" if use_bias else "n·u",
            formulas.dense_parameters(inputs, units, use_bias),
        ),
        Answer("MACs", f"{each}n·u", formulas.dense_multiply_accumulates(inputs, units, positions)),
        Answer("activation values", f"{each}u", values),
    ]
    words = count_text(units, "unit") + ("" if use_bias else ", no bias")
    title = f"dense, {words}: {shape_text(shape)} becomes {shape_text(output)}"
    notes = [AT_EVERY_POSITION] if places else []
    data = {
        "kind": "dense",
        "input": list(shape),
        "units": units,
        "use_bias": use_bias,
        "flatten": flatten,
        "output": list(output),
    }
    return calculation(title, answers, notes, data, n="inputs of a unit")
