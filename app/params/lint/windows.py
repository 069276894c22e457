"""What windows leave out: cells of a map that nothing ever reads."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.counting.layers import layer_class
from app.counting.rows import Row
from app.counting.windows import RecoveredWindow, find_windows
from app.params.lint.finding import Finding, Inspection

AXES = ("rows", "columns")


@dataclass(frozen=True)
class Loss:
    """Cells along one axis of a layer's input that neither it nor any other layer reads."""

    axis: str
    count: int
    window: RecoveredWindow

    @property
    def is_between(self) -> bool:
        """Whether they lie between windows that step further than they are wide."""
        return self.window.stride > self.window.span

    def words(self) -> str:
        """Return how many they are: `1 row`, `3 columns`."""
        return f"{self.count:,} {self.axis[:-1] if self.count == 1 else self.axis}"


def find_losses(seen: Inspection) -> Iterator[tuple[Row, list[Loss]]]:
    """Yield every layer with a window that leaves cells unread, along each axis where it does.

    A cell is lost only if no reader of its map reads it, and if it sees anything of the image: cells of
    padding are no loss.
    """
    for row, windows in slides(seen):
        source = seen.sources(row)[0]
        if source in seen.outputs or source.field is None:
            continue
        losses = []
        for i, (axis, window) in enumerate(zip(AXES, windows, strict=False)):
            unread = {n for n, (_, bits) in enumerate(source.field.axes[i].cells) if bits}
            for reader in seen.readers[source.name]:
                unread -= _cells_read(seen, reader, i, window.inputs)
            if unread:
                losses.append(Loss(axis, len(unread), window))
        if losses:
            yield row, losses


def _cells_read(seen: Inspection, row: Row, axis: int, size: int) -> set[int]:
    """Return the cells that a row reads along an axis; all `size` of them where it is no window."""
    windows = _windows(seen, row)
    return windows[axis].cells() if windows else set(range(size))


def slides(seen: Inspection) -> Iterator[tuple[Row, tuple[RecoveredWindow, ...]]]:
    """Yield every row whose window slides with a step of whole cells, and its windows."""
    for row in seen.rows:
        windows = _windows(seen, row)
        if windows:
            yield row, windows


def _windows(seen: Inspection, row: Row) -> tuple[RecoveredWindow, ...]:
    windows = find_windows(row, seen.named) if layer_class(row.kind).slides else ()
    return windows if all(window.is_whole for window in windows) else ()


def dropped_cells(seen: Inspection) -> Iterator[Finding]:
    """Point at rows or columns at the end of a map that no window reaches."""
    for row, losses in find_losses(seen):
        dropped = [loss for loss in losses if not loss.is_between]
        if dropped:
            alike = len({loss.window for loss in dropped}) < len(dropped)
            both = [replace(dropped[0], axis=" and ".join(AXES))] if alike else dropped
            whys, sizes = zip(*map(_fit, both), strict=True)
            yield Finding(
                row.name,
                "cells dropped",
                f"no layer reads {' and '.join(loss.words() for loss in dropped)} at the end of its input",
                f"{' and '.join(whys)}; what lies behind is lost",
                f"use padding='same' here, or an input of {' and '.join(sizes)}",
            )


def _fit(loss: Loss) -> tuple[str, str]:
    """Return how far the windows reach along an axis, and which sizes they would fill."""
    window = loss.window
    reached, stride = window.last + 1, int(window.stride)
    why = (
        f"windows of {window.span:g}, one every {stride}, end after {reached:,} of "
        f"{window.inputs:,} {loss.axis}"
    )
    return why, f"{reached:,} or {reached + stride:,} {loss.axis}"


def skipped_cells(seen: Inspection) -> Iterator[Finding]:
    """Point at cells that lie between windows and are read by no other layer."""
    for row, losses in find_losses(seen):
        skipped = [loss for loss in losses if loss.is_between]
        if skipped:
            window = skipped[0].window
            advice = f"use a window of at least {window.stride:g}"
            if layer_class(row.kind).family != "Pooling":
                advice += f", or pool with stride {window.stride:g} first and convolve with stride 1"
            yield Finding(
                row.name,
                "cells skipped",
                f"its stride {window.stride:g} is larger than its window {window.span:g}: no layer reads "
                f"{' and '.join(loss.words() for loss in skipped)} of its input",
                "the cells in between are computed and then never read",
                advice,
            )


def window_larger_than_input(seen: Inspection) -> Iterator[Finding]:
    """Point at windows that are mostly padding because the map is smaller than they are."""
    for row, windows in slides(seen):
        for window in windows:
            if window.span > window.inputs:
                yield Finding(
                    row.name,
                    "window larger than its input",
                    f"a window of {window.span:g} slides over {window.inputs} cells",
                    "some of its weights only ever meet padding: they cannot learn anything",
                    "use a smaller kernel here, or fewer reductions before it",
                )
                break


RULES = (dropped_cells, skipped_cells, window_larger_than_input)
