"""Reads a working as it is printed, `⌊(28 + 2·1 − 3)/2⌋ + 1`, and works it out."""

import math
import re

SIGNS = {"·": "*", "×": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}


def calculated(working):
    """Return the value of a working."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", working)
    for sign, plain in SIGNS.items():
        text = text.replace(sign, plain)
    names = {"floor": math.floor, "ceil": math.ceil, "min": min, "max": max}
    return eval(text, {"__builtins__": {}}, names)
