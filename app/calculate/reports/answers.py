"""Answers: a quantity, its formula in symbols, the same with numbers in place, and the result."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.calculate.dimensions import group_alike, size_signs
from app.calculate.geometry import ReversibleWindow
from app.calculate.transposing import Transposed
from app.counting.count import Count, product_count
from app.counting.rows import FLOAT_BYTES, shape_text
from app.counting.windows import Padding
from app.show.document import Block, Document, Paragraph, Table
from app.show.numbers import decimal

SYMBOLS = {
    "n": "cells along the axis",
    "k": "kernel",
    "k_d": "kernel depth",
    "k_h": "kernel height",
    "k_w": "kernel width",
    "s": "stride",
    "d": "dilation",
    "p": "padding on each side",
    "p_before": "padding before",
    "p_after": "padding after",
    "o": "output padding",
    "w": "d·(k − 1) + 1",
    "c": "channels",
    "f": "filters",
    "g": "groups",
    "l_in": "input length",
    "d_in": "input depth",
    "h_in": "input rows",
    "w_in": "input columns",
    "l_out": "output length",
    "d_out": "output depth",
    "h_out": "output rows",
    "w_out": "output columns",
    "u": "units",
    "m": "positions",
}
STRIDE_AND_DILATION = "Keras refuses a stride and a dilation above 1 together; PyTorch takes them."


@dataclass(frozen=True)
class Answer:
    """One line of a calculation."""

    quantity: str
    formula: str
    count: Count
    unit: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the line of the table."""
        result = f"{int(self.count):,}"
        if self.unit == "bytes":
            result += f" bytes ({decimal(self.count / 10**6)} MB)"
        return self.quantity, self.formula, self.count.working, result

    def data(self) -> dict[str, Any]:
        """Return the line for machines."""
        numbers = {"working": self.count.working, "result": int(self.count)}
        return {"quantity": self.quantity, "formula": self.formula, **numbers}


def calculation(
    title: str,
    answers: Sequence[Answer],
    notes: Sequence[str],
    data: Mapping[str, Any],
    tables: Sequence[Table] = (),
    **symbols: str,
) -> Document:
    """Return the report of one layer: the lines, what the symbols mean, more tables, notes.

    Args:
        title: what goes in and what comes out.
        answers: the lines.
        notes: a paragraph each.
        data: the layer's settings and shapes for machines; the lines and notes are added.
        tables: what stands between the lines and the notes.
        symbols: what a symbol means where it is not as everywhere.
    """
    first: list[Block] = [answers_table(title, answers), legend(answers, **symbols)]
    blocks = (*first, *tables, *map(Paragraph, notes))
    more = {"answers": [answer.data() for answer in answers], "notes": list(notes)}
    return Document(title, blocks, {**data, **more})


def answers_table(title: str, answers: Sequence[Answer]) -> Table:
    """Return the lines as a table."""
    columns = ("quantity", "formula", "with the numbers", "result")
    return Table(columns, tuple(answer.cells() for answer in answers), title, (3,), prose=(0,))


def legend(answers: Sequence[Answer], **others: str) -> Paragraph:
    """Return what the symbols in the formulas mean; `others` say what is different here."""
    symbols = SYMBOLS | others
    used = set(re.findall(r"[a-z]+(?:_[a-z]+)?", " ".join(a.formula for a in answers)))
    return Paragraph("; ".join(f"{sign}: {words}" for sign, words in symbols.items() if sign in used))


def axis_answers(found: Sequence[tuple[str, Count]]) -> list[Answer]:
    """Return the output size along each axis, in one line for axes that are alike.

    Args:
        found: formula and size, for each axis.
    """
    groups = group_alike(found, key=lambda line: line[1].sum_line())
    return [Answer(f"output {axes}", *line) for axes, line in groups]


def value_answers(output: Sequence[int], channels: str = "f") -> list[Answer]:
    """Return how many values the output has and what they take in float32.

    Args:
        output: the sizes along the axes, and the channels.
        channels: the sign of these.
    """
    values = f"{size_signs(len(output) - 1, 'out')}·{channels}"
    memory = product_count(FLOAT_BYTES, *output)
    return [
        Answer("activation values", values, product_count(*output)),
        Answer("activation memory, float32", f"{FLOAT_BYTES}·{values}", memory, "bytes"),
    ]


def padding_text(padding: Padding, ceil: bool = False) -> str:
    """Return a padding as it is typed: `same`, `1`, `1,2`; `ceil` for a pool without padding."""
    if isinstance(padding, tuple):
        text = f"{padding[0]}" if padding[0] == padding[1] else f"{padding[0]},{padding[1]}"
        return f"{text} with ceil" if ceil else text
    return "ceil" if ceil else padding


def stride_and_dilation(windows: Sequence[ReversibleWindow | Transposed]) -> bool:
    """Return whether both are above 1, be it along different axes."""
    return any(w.stride > 1 for w in windows) and any(w.dilation > 1 for w in windows)


def settings_text(windows: Sequence[ReversibleWindow | Transposed]) -> str:
    """Return what the windows are: `5×5, stride 2, padding same`."""
    parts = [shape_text([window.kernel for window in windows])]
    strides = [window.stride for window in windows]
    parts.append(f"stride {_once(strides)}")
    if any(window.dilation > 1 for window in windows):
        parts.append(f"dilation {_once([window.dilation for window in windows])}")
    ceil = [isinstance(window, ReversibleWindow) and window.ceil for window in windows]
    paddings = [padding_text(w.padding, c) for w, c in zip(windows, ceil, strict=True)]
    parts.append(f"padding {_once(paddings)}")
    return ", ".join(parts)


def settings_data(windows: Sequence[ReversibleWindow | Transposed]) -> dict[str, Any]:
    """Return what the windows are for machines, in the order of the axes."""
    return {
        "kernel_size": [window.kernel for window in windows],
        "strides": [window.stride for window in windows],
        "dilation_rate": [window.dilation for window in windows],
        "padding": [
            list(window.padding) if isinstance(window.padding, tuple) else window.padding
            for window in windows
        ],
    }


def _once(values: Sequence[Hashable]) -> str:
    return "×".join(map(str, values[:1] if len(set(values)) == 1 else values))


def count_text(number: int, word: str) -> str:
    """Return `1 filter`, `10 filters`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")
