"""A working as people write it, evaluated: `⌊(28 − 3)/2⌋ + 1` is 13."""

import math
import re
from fractions import Fraction

SIGNS = {"·": "*", "×": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}

NAMES = {"Fraction": Fraction, "floor": math.floor, "ceil": math.ceil, "min": min, "max": max}


def calculated(working):
    """Return what a working says, in exact arithmetic."""
    working = re.sub(r"(?<=\d),(?=\d{3})", "", working)
    for sign, plain in SIGNS.items():
        working = working.replace(sign, plain)
    exact = re.sub(r"\d+", r"Fraction(\g<0>)", working)
    assert re.fullmatch(r"(?:Fraction\(\d+\)|floor|ceil|min|max|[-+*/(), ])*", exact), working
    return eval(exact, NAMES)


def counts_of(row):
    """Return every figure of a row that carries its working."""
    figures = [
        row.trainable,
        row.non_trainable,
        row.multiply_accumulates,
        row.connections,
        row.activation_bytes,
        *row.output_shape,
    ]
    return [figure for figure in figures if getattr(figure, "working", "")]
