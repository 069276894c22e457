"""A window over several axes, and the layers that slide one over a map."""

from collections.abc import Sequence

from app.counting.axes import MAX_SIZE, MAX_WORK, Taps
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, is_placed, positive, same_everywhere, spread
from app.counting.layers.shapes import split_map
from app.counting.rows import Shape, shape_text
from app.counting.windows import Window


class SlidingWindow:
    """The geometry of a window that slides over the spatial axes of a map."""

    def __init__(
        self,
        kernel_size: Sequence[int],
        strides: Sequence[int],
        padding: str = "valid",
        dilation_rate: Sequence[int] | None = None,
    ) -> None:
        self.kernel_size, self.strides = tuple(kernel_size), tuple(strides)
        self.dilation_rate = tuple(dilation_rate or (1,) * len(self.kernel_size))
        self.padding = padding.lower()
        if self.padding not in ("valid", "same", "causal"):
            raise ValueError(f"padding must be 'valid' or 'same', not {padding!r}")

    @property
    def windows(self) -> list[Window]:
        """The window along each axis."""
        axes = zip(self.kernel_size, self.strides, self.dilation_rate, strict=True)
        return [Window(k, s, self.padding, d) for k, s, d in axes]

    def output_size(self, sizes: Sequence[int]) -> Shape:
        """Return the cells that are left along each axis."""
        return tuple(w.output_size(n) for n, w in zip(sizes, self.windows, strict=False))

    def field(self, shape: Shape, field: Field) -> Field | None:
        """Return the field of the map that the window makes of a map of `shape`.

        None where positions no longer stand for places (behind a Flatten), or the window is enormous.
        """
        if is_enormous(self.windows, shape, field):
            return None
        if not is_placed(shape, field):
            return same_everywhere(field)
        known: dict[tuple[int, Window], Taps] = {}
        axes = zip(shape, self.windows, strict=False)
        return field.read([known.setdefault((int(n), w), w.taps(n)) for n, w in axes])

    def __str__(self) -> str:
        words = [shape_text(self.kernel_size)]
        words += [f"stride {_short(self.strides)}"] if set(self.strides) != {1} else []
        words += [f"dilation {_short(self.dilation_rate)}"] if set(self.dilation_rate) != {1} else []
        return ", ".join([*words, self.padding])


def is_enormous(windows: Sequence[Window], shape: Shape, field: Field) -> bool:
    """Return whether a field is too much to work out: a hostile file must not hang."""
    for window, cells, axis in zip(windows, shape, field.axes, strict=False):
        seen = min(axis.size + window.span * axis.jump, axis.pixels)
        if window.span > MAX_SIZE or cells * seen > MAX_WORK:
            return True
    return False


def _short(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else shape_text(sizes)


def square_window(kernel_size: Size, strides: Size = 1, padding: str = "valid") -> SlidingWindow:
    """Return a window over height and width.

    Raises:
        ValueError: a size is below 1, or the padding is neither `valid` nor `same`.
    """
    kernel = positive(spread(kernel_size, 2), "the kernel size")
    return SlidingWindow(kernel, positive(spread(strides, 2), "the stride"), padding)


class Sliding(Layer):
    """A layer that slides a window over a map."""

    keeps_field = False
    slides = True
    rank = 2
    window: SlidingWindow

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along each axis."""
        sizes, channels = split_map(inputs[0], self.rank, self.kind)
        return (*self.window.output_size(sizes), self.channels_out(channels))

    def channels_out(self, channels: int) -> int:
        """Return the channels that come out."""
        return channels

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Slide the window over what the input's cells see."""
        return self.window.field(shapes[0], fields[0]) if fields[0] else None
