"""What the tests of worksheets share: networks to ask about, and a student who knows only the sheet."""

import functools
import math
import re

from app.counting.chalkboard import nn
from app.worksheet.identity import Identity
from app.worksheet.worksheet import make_worksheet
from models import CATALOGUE


def grouped():
    """Groups, dilation, strides, normalisation, a frozen layer, a dropout; three colours."""
    frozen = nn.Conv2D(12, 3, strides=2, padding="same", groups=2, name="grouped")
    frozen.is_trained = False
    return nn.Sequential(
        [
            nn.Input((33, 27, 3), name="image"),
            nn.Conv2D(8, (5, 3), strides=(2, 1), name="conv"),
            nn.BatchNormalization(name="norm"),
            frozen,
            nn.Conv2D(6, 2, dilation_rate=2, use_bias=False, name="dilated"),
            nn.AveragePooling2D(2, padding="same", name="pool"),
            nn.GlobalAveragePooling2D(name="mean"),
            nn.Dropout(0.5, name="dropout"),
            nn.Dense(4, name="output"),
        ],
        name="grouped",
    )


def branched():
    """Two branches added, one beside them, and a layer that is called twice."""
    image = nn.Input((16, 16, 2), name="image")
    same = nn.Conv2D(4, 3, padding="same", name="same")
    left = same(image)
    right = nn.Conv2D(4, 1, name="right")(image)
    total = nn.Add(name="sum")([left, right])
    beside = nn.Concatenate(name="both")([total, left])
    again = nn.Conv2D(2, 3, strides=2, name="again")(beside)
    return nn.Model(image, nn.Dense(3, name="top")(nn.Flatten(name="flat")(again)), name="branched")


ARTICLES = (
    "mnist",
    "worked_example",
    "worked_example_classifier",
    "numpy_cnn",
    "x_or_not_x",
    "keras_vis_mnist",
)
"""Networks of the articles: small enough to work out by brute force, a sheet for each seed."""
NETWORKS = {name: CATALOGUE[name].builder for name in ARTICLES}
BOARDS = {name: builder(nn) for name, builder in NETWORKS.items()}
BOARDS |= {"grouped": grouped(), "branched": branched()}


def make(name, seed="0", blanks="all", vary=False, student=""):
    return make_worksheet(BOARDS[name], Identity(name, str(seed), student, str(blanks), vary))


class Robot:
    """Works a sheet out from its input shapes, kinds and settings alone, by brute force."""

    def __init__(self, worksheet):
        self.shapes, self.parameters, self.macs, self.seen = {}, {}, {}, {}
        self.fixed = {}
        for name, case in worksheet.cases.items():
            self.fixed[name] = 0
            if case.row.kind == "InputLayer":
                self.shapes[name] = tuple(map(int, case.row.output_shape))
                self.parameters[name] = self.macs[name] = 0
                self.seen[name] = (lambda o: {o}, lambda o: {o})
            else:
                self.work(name, case.row.kind, case.settings, case.parents)

    def work(self, name, kind, words, parents):
        shape = self.shapes[parents[0]]
        window = re.search(r"(\d+)×(\d+)", words)
        kernel = tuple(map(int, window.groups())) if window else None
        step = self.pair(words, "stride")
        reach = self.pair(words, "dilation")
        self.seen[name] = self.seen[parents[0]]
        out, parameters, macs = shape, 0, 0
        if kernel:
            taps = [
                self.taps(n, k, s, d, "same" in words)
                for n, k, s, d in zip(shape, kernel, step, reach, strict=False)
            ]
            out = (len(taps[0]), len(taps[1]), shape[2])
            self.seen[name] = tuple(
                self.widen(self.seen[parents[0]][i], kernel[i], step[i], reach[i]) for i in (0, 1)
            )
        if kind == "Conv2D":
            filters = int(re.search(r"([\d,]+) filters", words)[1].replace(",", ""))
            groups = int((re.search(r"(\d+) groups", words) or "11")[1])
            weights = sum(1 for _ in range(kernel[0]) for _ in range(kernel[1])) * shape[2] // groups
            out = (*out[:2], filters)
            macs = sum(weights for _ in range(out[0]) for _ in range(out[1])) * filters
            parameters = sum(weights + ("no bias" not in words) for _ in range(filters))
        elif kind == "Dense":
            units = int(re.search(r"([\d,]+) units?", words)[1].replace(",", ""))
            out = (*shape[:-1], units)
            parameters = sum(shape[-1] + ("no bias" not in words) for _ in range(units))
            macs = math.prod(shape) * units
        elif kind == "Flatten":
            out = (len([None for a in range(shape[0]) for b in range(shape[1]) for c in range(shape[2])]),)
        elif kind == "ZeroPadding2D":
            out = (shape[0] + 2 * int(words), shape[1] + 2 * int(words), shape[2])
        elif kind.startswith("Global"):
            out = shape[-1:]
        elif kind == "BatchNormalization":
            parameters, self.fixed[name] = 4 * shape[-1], 2 * shape[-1]
        elif kind == "Concatenate":
            out = (*shape[:2], sum(self.shapes[p][2] for p in parents))
        if len(parents) > 1:
            self.seen[name] = max((self.seen[p] for p in parents), key=lambda s: len(s[0](0)))
        if "frozen" in words:
            self.fixed[name] = parameters
        self.shapes[name], self.parameters[name], self.macs[name] = out, parameters, macs

    @staticmethod
    def pair(words, name):
        found = re.search(rf"{name} (\d+)(?:×(\d+))?", words)
        return (int(found[1]), int(found[2] or found[1])) if found else (1, 1)

    @staticmethod
    def taps(size, kernel, stride, dilation, padded):
        """Return the first cells of all windows that fit, or that begin inside if padded."""
        reach = (kernel - 1) * dilation
        return [first for first in range(0, size, stride) if padded or first + reach < size]

    @staticmethod
    def widen(seen, kernel, stride, dilation):
        return functools.cache(
            lambda o: set().union(*(seen(o * stride + t * dilation) for t in range(kernel)))
        )

    def answer(self, cell):
        if cell.layer:
            column = {"output": self.shapes, "parameters": self.parameters, "MACs": self.macs}
            if cell.quantity in column:
                return column[cell.quantity][cell.layer]
            pixels = [axis(0) for axis in self.seen[cell.layer]]
            return tuple(max(p) - min(p) + 1 for p in pixels)
        total = sum(self.parameters.values())
        return {
            "parameters": total,
            "trainable parameters": total - sum(self.fixed.values()),
            "MACs": sum(self.macs.values()),
            "memory of the parameters": total * 4,
        }[cell.quantity]
