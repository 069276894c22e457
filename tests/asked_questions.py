"""What tests of questions share: every kind over some seeds, and a student who reads only what is printed."""

import re

import numpy as np

from app.questions.kinds import KINDS
from app.questions.making import make_question
from app.scratch import loops

KIND_NAMES = list(KINDS)
NUMBERED = [name for name, kind in KINDS.items() if not kind.is_fixed]


def some(kind, seeds=12):
    """Questions of a kind: every maker, over several seeds."""
    makers = len(KINDS[kind].makers)
    return [make_question(kind, seed, number) for seed in range(seeds) for number in range(1, makers + 1)]


def array(grid):
    return np.array([[float(cell) for cell in row] for row in grid])[None, :, :, None]


def given(question):
    return [array(each.grid) for each in question.givens]


def number(pattern, text, otherwise=None):
    found = re.search(pattern, text)
    return int(found[1].replace("−", "-").replace(",", "")) if found else otherwise


def by_reading(question):
    """Work a question out from its text and grids alone, with arrays and by counting."""
    return WORKERS[question.kind](question)


def convolution(question):
    x, kernel = given(question)
    stride = number(r"stride (\d)", question.text)
    border = number(r"border of (\d)", question.text, 0)
    bias = number(r"bias (−?\d+)", question.text, 0)
    return loops.convolve(x, kernel[0][..., None], stride, border)[0, :, :, 0] + bias


def pooling(question):
    (x,) = given(question)
    size, stride = number(r"window of (\d)", question.text), number(r"stride (\d)", question.text)
    kind = "max" if "max-pooling" in question.text else "mean"
    extra = [(0, (size - n) % stride) if "Incomplete" in question.text else (0, 0) for n in x.shape[1:3]]
    return loops.pool(x, kind, size, stride, extra)[0, :, :, 0]


def backward(question):
    if "delta rule" in question.text:
        weights, x = (each[0, 0, :, 0] for each in given(question))
        target = float(re.search(r"t = (−?[\d.]+\d|−?\d)", question.text)[1].replace("−", "-"))
        rate = float(re.search(r"η = ([\d.]+\d)", question.text)[1])
        # one step down the slope of (t − y)²/2, the slope by central differences, which are exact for a square
        steps = 0.5 * np.eye(len(x))
        slopes = [(loss(weights + e, x, target) - loss(weights - e, x, target)) for e in steps]
        return (weights - rate * np.array(slopes))[None]
    if "mean-pooling" in question.text:
        (g,) = given(question)
        x = np.zeros((1, 2 * g.shape[1], 2 * g.shape[2], 1))
        return loops.pool_back(x, g, "mean", 2)[0, :, :, 0]
    x, g = given(question)
    if "max-pooling" in question.text:
        return loops.pool_back(x, g, "max", 2)[0, :, :, 0]
    return loops.convolve_back(x, np.zeros((2, 2, 1, 1)), g)[1][:, :, 0, 0]


def loss(weights, x, target):
    return (target - weights @ x) ** 2 / 2


def places(cells, kernel, stride, border, dilation=1):
    """Count the places of a window one by one."""
    taps = range(0, kernel * dilation, dilation)
    starts = range(-border, cells + border, stride)
    return sum(all(start + tap < cells + border for tap in taps) for start in starts)


def sizes(question):
    text = question.text
    kernel = number(r"kernel (?:of )?(\d+)", text) or number(r"filters of (\d+)", text)
    stride, dilation = number(r"stride (\d+)", text, 1), number(r"dilation (\d+)", text, 1)
    if "“same”" in text:
        cells = number(r"map of (\d+)", text)
        return len(range(0, cells, stride))
    border = number(r"padding (?:of )?(\d+)", text, 0)
    shape = re.search(r"map of (\d+)×(\d+)×(\d+)", text)
    if shape:
        ways = [places(int(n), kernel, stride, border) for n in shape.groups()[:2]]
        return (*ways, number(r"with (\d+) filters", text))
    return places(number(r"reads (\d+) cells", text), kernel, stride, border, dilation)


def parameters(question):
    text = question.text
    side, channels = number(r"picture of (\d+)", text), number(r"with (\d+) channels?\b", text)
    has_bias = "without bias" not in text
    if "fully connected" in text:
        units = number(r"with ([\d,]+) units", text)
        return np.zeros((side * side * channels, units), np.int8).size + units * has_bias
    filters, kernel = number(r"with (\d+) filters", text), number(r"filters of (\d+)", text)
    return np.zeros((kernel, kernel, channels, filters)).size + np.zeros(filters).size * has_bias


def fields(question):
    """Follow the cells back layer by layer."""
    layers = [
        (number(r"(\d)×", line), number(r"stride (\d)", line), number(r"dilation (\d)", line, 1))
        for line in question.text.splitlines()
        if re.match(r"\d\. ", line)
    ]
    row = number(r"row (\d) of the last", question.text, 0)
    cells = {row}
    for kernel, stride, dilation in reversed(layers):
        cells = {cell * stride + tap * dilation for cell in cells for tap in range(kernel)}
    reach = max(cells) - min(cells) + 1
    return (min(cells), max(cells)) if question.is_range else (reach, reach)


WORKERS = {
    "convolution": convolution,
    "pooling": pooling,
    "sizes": sizes,
    "parameters": parameters,
    "fields": fields,
    "backward": backward,
}


def is_answer(question, found):
    """Whether what was found is the question's answer."""
    if question.form == "grid":
        return np.allclose(array(question.answer)[0, :, :, 0], found, atol=1e-9)
    return question.answer == found
