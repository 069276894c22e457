"""What sliding windows share: which cells they read, and how many are left."""

from collections.abc import Sequence

from app.counting import formulas
from app.counting.axes import MAX_SIZE, MAX_WORK, Reads
from app.counting.fields import Field
from app.counting.layers.base import is_placed, same_everywhere
from app.counting.rows import Shape, shape_text


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

    def output_size(self, sizes: Sequence[int]) -> Shape:
        """Return the cells that are left along each axis; a causal border keeps what `same` keeps."""
        padding = "same" if self.padding == "causal" else self.padding
        return tuple(
            formulas.output_size(n, kernel, stride, padding, dilation)
            for n, kernel, stride, dilation in self._along(sizes)
        )

    def field(self, shape: Shape, field: Field) -> Field | None:
        """Return the field of the map that the window makes of a map of `shape`.

        None where positions no longer stand for places (behind a Flatten), or the window is enormous.
        """
        if is_enormous(self.spans(), shape, field):
            return None
        if not is_placed(shape, field):
            return same_everywhere(field)
        known: dict[tuple[int, ...], Reads] = {}
        reads = [known.setdefault(along, self._reads(*along)) for along in self._along(shape)]
        return field.read(reads)

    def spans(self) -> list[int]:
        """Return the cells from the first to the last tap along each axis."""
        return [formulas.span(*pair) for pair in zip(self.kernel_size, self.dilation_rate, strict=True)]

    def _along(self, sizes: Sequence[int]) -> list[tuple[int, int, int, int]]:
        axes = (self.kernel_size, self.strides, self.dilation_rate)
        return [(int(n), *axis) for n, *axis in zip(sizes, *axes, strict=False)]  # type: ignore[misc]

    def _reads(self, size: int, kernel: int, stride: int, dilation: int) -> Reads:
        if self.padding == "causal":
            before, count = formulas.span(kernel, dilation) - 1, -(-size // stride)
        else:
            before, _ = formulas.padding_amounts(size, kernel, stride, self.padding, dilation)
            count = formulas.output_size(size, kernel, stride, self.padding, dilation)
        return Reads(
            lambda o: range(o * stride - before, o * stride - before + dilation * kernel, dilation),
            count,
            period=(1, stride),
        )

    def __str__(self) -> str:
        words = [shape_text(self.kernel_size)]
        words += [f"stride {_short(self.strides)}"] if set(self.strides) != {1} else []
        words += [f"dilation {_short(self.dilation_rate)}"] if set(self.dilation_rate) != {1} else []
        return ", ".join([*words, self.padding])


def is_enormous(spans: Sequence[int], shape: Shape, field: Field) -> bool:
    """Return whether a field is too much to work out: a hostile file must not hang."""
    for span, cells, axis in zip(spans, shape, field.axes, strict=False):
        seen = min(axis.size + span * axis.jump, axis.pixels)
        if span > MAX_SIZE or cells * seen > MAX_WORK:
            return True
    return False


def _short(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else shape_text(sizes)
