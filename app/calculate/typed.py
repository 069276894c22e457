"""Windows of layers, from their settings as they are typed."""

from app.calculate import notation
from app.calculate.dimensions import MOST
from app.calculate.geometry import ReversibleWindow
from app.calculate.settings import Given, Setting, SettingError, require
from app.calculate.transposing import CUTS, Transposed
from app.counting.windows import Padding


def number(given: Given, name: str) -> int:
    """Return the number of filters or groups; 1 where none is given."""
    return 1 if given[name] is None else notation.parse_number(given[name], f"number of {name}")


def axes(given: Given, *sizes: str) -> int:
    """Return along how many axes windows slide: what `dimensions` says; without it 2, or 3 for a size of four parts.

    Args:
        given: the settings.
        sizes: the names of those that are a size with its channels.
    """
    if given["dimensions"] is not None:
        return notation.parse_number(given["dimensions"], "number of dimensions", 1, MOST)
    typed = [given[name] for name in sizes if given[name] is not None]
    return 3 if any(notation.count_parts(text) == MOST + 1 for text in typed) else 2


def sliding_windows(given: Given, size: str, rank: int) -> tuple[ReversibleWindow, ...]:
    """Return the windows along each axis; `size` names the setting with their size."""
    settings = _settings(given, size, notation.PADDING_WORDS, rank)
    ceil = bool(given.get("ceil"))
    if ceil and any(sides in ("same", "full") for _, _, sides, _ in settings):
        raise SettingError(
            Setting("ceil"), " goes with valid or a number; same and full leave nothing hanging"
        )
    return tuple(ReversibleWindow(*axis, ceil) for axis in settings)


def transposed_windows(given: Given, rank: int) -> tuple[Transposed, ...]:
    """Return the transposed windows along each axis."""
    settings = _settings(given, "kernel", CUTS, rank)
    text = given["output_padding"]
    added: tuple[int | None, ...] = (None,) * rank
    if text is not None:
        added = notation.parse_axes(text, "output padding", rank, least=0)
    return tuple(Transposed(*axis, more) for axis, more in zip(settings, added, strict=True))


def _settings(
    given: Given, size: str, words: tuple[str, ...], rank: int
) -> list[tuple[int, int, Padding, int]]:
    """Return kernel, stride, padding and dilation of each axis."""
    kernels = notation.parse_axes(require(given, size, "3"), f"{size} size", rank)
    strides = notation.parse_axes(given["stride"] or "1", "stride", rank)
    paddings = notation.parse_padding(given.get("padding") or "valid", words, rank)
    dilations = notation.parse_axes(given.get("dilation") or "1", "dilation", rank)
    return list(zip(kernels, strides, paddings, dilations, strict=True))
