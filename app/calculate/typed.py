"""Windows of layers, from their settings as they are typed."""

from app.calculate import notation
from app.calculate.geometry import ReversibleWindow
from app.calculate.settings import Given, Setting, SettingError, require
from app.calculate.transposing import CUTS, Transposed
from app.counting.windows import Padding


def number(given: Given, name: str) -> int:
    """Return the number of filters or groups; 1 where none is given."""
    return 1 if given[name] is None else notation.parse_number(given[name], f"number of {name}")


def sliding_windows(given: Given, size: str) -> tuple[ReversibleWindow, ReversibleWindow]:
    """Return the windows along rows and columns; `size` names the setting with their size."""
    settings = _axes(given, size, notation.PADDING_WORDS)
    ceil = bool(given.get("ceil"))
    if ceil and any(sides in ("same", "full") for _, _, sides, _ in settings):
        raise SettingError(
            Setting("ceil"), " goes with valid or a number; same and full leave nothing hanging"
        )
    rows, columns = (ReversibleWindow(k, s, p, d, ceil) for k, s, p, d in settings)
    return rows, columns


def transposed_windows(given: Given) -> tuple[Transposed, Transposed]:
    """Return the transposed windows along rows and columns."""
    settings = _axes(given, "kernel", CUTS)
    text = given["output_padding"]
    more = (None, None) if text is None else notation.parse_pair(text, "output padding", least=0)
    rows, columns = (Transposed(*axis, o) for axis, o in zip(settings, more, strict=True))
    return rows, columns


def _axes(given: Given, size: str, words: tuple[str, ...]) -> list[tuple[int, int, Padding, int]]:
    """Return kernel, stride, padding and dilation of rows and of columns."""
    kernels = notation.parse_pair(require(given, size, "3"), f"{size} size")
    strides = notation.parse_pair(given["stride"] or "1", "stride")
    paddings = notation.parse_padding(given.get("padding") or "valid", words)
    dilations = notation.parse_pair(given.get("dilation") or "1", "dilation")
    return list(zip(kernels, strides, paddings, dilations, strict=True))
