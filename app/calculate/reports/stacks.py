"""Stacks of layers that have a wanted receptive field."""

from collections.abc import Sequence

from app.calculate.chains import find_stacks, follow
from app.calculate.notation import Link
from app.calculate.settings import Setting, SettingError
from app.show.document import Block, Document, Paragraph, Table


def stacks_report(pieces: Sequence[Link], field: int, depth: int) -> Document:
    """Return the stacks of pieces that see `field` pixels, or the nearest fields there are.

    Raises:
        ValueError: a piece is not square, or there are too many stacks to try.
    """
    for piece in pieces:
        if len(set(piece.windows)) > 1:
            raise SettingError(
                f"{piece.text}: ", Setting("find"), " stacks square layers only; write one number"
            )
    windows = [piece.windows[0] for piece in pieces]
    found, nearest = find_stacks(windows, field, depth)
    stacks = [[pieces[i].text for i in stack] for stack in found]
    names = ", ".join(piece.text for piece in pieces)
    space = Paragraph(f"Searched: every stack of up to {depth} layers out of {names}.")
    title = f"stacks that see {field:,} pixels: {len(stacks):,}"
    if stacks:
        lasts = [follow([windows[i] for i in stack])[-1] for stack in found]
        rows = [
            (" ".join(stack), f"{len(stack)}", f"{int(last.jump):,}", last.field.sum_line())
            for stack, last in zip(stacks, lasts, strict=True)
        ]
        columns = ("stack", "layers", "jump", "the last layer: r + d·(k − 1)·j")
        answer: Block = Table(columns, tuple(rows), title, numbers=(1, 2))
    else:
        others = " and ".join(f"{near:,}" for near in nearest)
        answer = Paragraph(f"No stack sees exactly {field:,} pixels. The nearest: {others}.")
    data = {
        "kind": "stacks",
        "receptive_field": field,
        "depth": depth,
        "pieces": [piece.text for piece in pieces],
        "stacks": stacks,
        "nearest": nearest,
    }
    return Document(title, (space, answer), data)
