"""What the project's own sliding layers share."""

from collections.abc import Sequence

from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, positive, spread
from app.counting.layers.shapes import split_map
from app.counting.layers.sliding import SlidingWindow
from app.counting.rows import Shape


def square_window(kernel_size: Size, strides: Size = 1, padding: str = "valid") -> SlidingWindow:
    """Return a window over height and width.

    Raises:
        ValueError: a size is below 1, or the padding is neither `valid` nor `same`.
    """
    kernel = positive(spread(kernel_size, 2), "the kernel size")
    return SlidingWindow(kernel, positive(spread(strides, 2), "the stride"), padding)


class Windowed(Layer):
    """A layer that slides a window over a map."""

    window: SlidingWindow

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along each axis."""
        sizes, channels = split_map(inputs[0], 2, self.kind)
        return (*self.window.output_size(sizes), self.channels_out(channels))

    def channels_out(self, channels: int) -> int:
        """Return the channels that come out."""
        return channels

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Slide the window over what the input's cells see."""
        return self.window.field(shapes[0], fields[0]) if fields[0] else None
