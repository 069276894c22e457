"""Receptive fields: how much of the input a cell sees after some layers, and from where to where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.counting.windows import Window
from app.questions.draws import Draws
from app.questions.question import Mistake, Question, distinct

ALONE = "this is the last kernel alone; the layers before widen what it sees"
JUMP = (
    "the strides before are ignored; each layer adds (k − 1)·j, with j the product of the strides before it"
)
OWN_STRIDE = "a layer's own stride is counted; it widens only what the layers after it add"
MULTIPLIED = "the kernels are multiplied; each layer adds (k − 1)·j"
ADDED = "whole kernels are added; each layer adds (k − 1)·j"
DILATION = "the dilation is ignored; a kernel with dilation d spans d·(k − 1) + 1 cells"
LAST_LEFT_OUT = "the last layer is left out; it widens the field too"
DISTANCE = "this is the distance between neighbouring cells (the jump), not the field"
FROM_ONE = "the rows are counted from 1; here they are counted from 0"
ONE_BEHIND = "the last row is one too far; of k rows from a on the last is a + k − 1"
NO_JUMP = "the field has the right size, but it begins at row · j, with j the product of the strides"
HINT = "Begin with r = 1 and j = 1. Each layer makes r to r + (k − 1)·j, then j to j·s."
HINT_ROWS = "Go back layer by layer: row a of a map reads from row a·s on, k rows of the map before."


@dataclass(frozen=True)
class Layer:
    """A layer that slides a window, along one axis."""

    words: str
    window: Window


def layer(kind: str, kernel: int, stride: int = 1, dilation: int = 1) -> Layer:
    """Return a layer with the words in which a question tells it."""
    words = f"{kind} {kernel}×{kernel}, stride {stride}"
    return Layer(
        words + (f", dilation {dilation}" if dilation > 1 else ""), Window(kernel, stride, "valid", dilation)
    )


CONVOLUTIONS = (layer("convolution", 3), layer("convolution", 5))
STRIDED = (layer("convolution", 3, 2), layer("max-pooling", 2, 2), layer("max-pooling", 3, 2))
DILATED = layer("convolution", 3, 1, 2)


def two(draws: Draws) -> Question:
    """Return the field after a convolution and a layer with a stride, or the other way round."""
    return _question([draws.pick(STRIDED), draws.pick(CONVOLUTIONS)])


def three(draws: Draws) -> Question:
    """Return the field after three layers."""
    return _question([draws.pick(CONVOLUTIONS), draws.pick(STRIDED), draws.pick(CONVOLUTIONS)])


def dilated(draws: Draws) -> Question:
    """Return the field after layers one of which is dilated."""
    return _question([draws.pick(CONVOLUTIONS), draws.pick(STRIDED), DILATED])


def rows(draws: Draws) -> Question:
    """Return the first and the last row of the input that a row of the last map sees."""
    layers = [draws.pick(CONVOLUTIONS), draws.pick(STRIDED[:2])]
    if draws.pick((False, True)):
        layers.reverse()
    return _question_of_rows(layers, draws.number(1, 4))


MAKERS: tuple[Callable[[Draws], Question], ...] = (two, rows, three, dilated)


def _listed(layers: Sequence[Layer]) -> str:
    return "\n".join(f"{i}. {layer.words}" for i, layer in enumerate(layers, 1))


def widen(windows: Sequence[Window]) -> tuple[int, int, tuple[str, ...]]:
    """Return the receptive field and the jump after windows, and the steps of the working."""
    field = jump = 1
    lines = ["before the first layer: r = 1, j = 1"]
    for i, window in enumerate(windows, 1):
        wider, further = window.widen(field, jump)
        span = f"the kernel spans {window.dilation}·({window.kernel} − 1) + 1 = {window.span} cells, "
        span = span if window.dilation > 1 else ""
        lines.append(
            f"layer {i}: {span}r = {field} + ({window.span} − 1)·{jump} = {wider}, "
            f"j = {jump}·{window.stride} = {further}"
        )
        field, jump = wider, further
    return field, jump, tuple(lines)


def _question(layers: Sequence[Layer]) -> Question:
    windows = [layer.window for layer in layers]
    field, jump, steps = widen(windows)
    text = (
        "An image goes through these layers:\n"
        f"{_listed(layers)}\n"
        "How many pixels, height × width, does one cell of the last map see, away from the borders?"
    )
    return Question(
        "fields",
        f"receptive field after {len(layers)} layers",
        text,
        (field, field),
        (*steps, f"the receptive field is {field}×{field}"),
        HINT,
        points=2,
        mistakes=distinct((field, field), [_square(*m) for m in _sizes(windows, jump)]),
    )


def _square(name: str, words: str, size: int) -> Mistake:
    return Mistake(name, words, (size, size))


def _sizes(windows: Sequence[Window], jump: int) -> list[tuple[str, str, int]]:
    """Return name, words and value of the mistakes with a size."""
    product, own = 1, 1
    field_own, ahead = 1, 1
    for window in windows:
        product *= window.span
        ahead *= window.stride
        field_own += (window.span - 1) * ahead
        own += window.span - 1
    whole = sum(window.span for window in windows)
    found = [
        ("jump ignored", JUMP, own),
        ("own stride counted", OWN_STRIDE, field_own),
        ("last layer left out", LAST_LEFT_OUT, widen(windows[:-1])[0]),
        ("kernel alone", ALONE, windows[-1].kernel),
        ("kernels multiplied", MULTIPLIED, product),
        ("one not subtracted", ADDED, whole),
        ("one not subtracted", ADDED, _with_whole_kernels(windows)),
        ("jump for the field", DISTANCE, jump),
    ]
    if any(window.dilation > 1 for window in windows):
        found.insert(
            0, ("dilation ignored", DILATION, widen([Window(w.kernel, w.stride) for w in windows])[0])
        )
    return found


def _with_whole_kernels(windows: Sequence[Window]) -> int:
    field, jump = 1, 1
    for window in windows:
        field, jump = field + window.span * jump, jump * window.stride
    return field


def _question_of_rows(layers: Sequence[Layer], row: int) -> Question:
    windows = [layer.window for layer in layers]
    first = last = row
    steps = []
    for i, window in reversed(list(enumerate(windows, 1))):
        where = "the image" if i == 1 else f"map {i - 1}"
        before = first, last
        first, last = first * window.stride, last * window.stride + window.span - 1
        steps.append(
            f"layer {i} reads {where} from row {before[0]}·{window.stride} = {first} "
            f"to row {before[1]}·{window.stride} + {window.span} − 1 = {last}"
        )
    field, jump, _ = widen(windows)
    text = (
        "An image goes through these layers, all without padding:\n"
        f"{_listed(layers)}\n"
        f"Rows are counted from 0. Which is the first and which the last row of the image that row {row} of the last "
        "map sees?"
    )
    ignored = row + sum(window.span - 1 for window in windows)
    mistakes = [
        Mistake("counted from 1", FROM_ONE, (first + 1, last + 1)),
        Mistake("end one too far", ONE_BEHIND, (first, last + 1)),
        Mistake("start not moved", NO_JUMP, (row, row + field - 1)),
        Mistake("jump ignored", JUMP, (row, ignored)),
        Mistake("jump ignored", JUMP, (row * jump, row * jump + ignored - row)),
        Mistake("start at the first row", NO_JUMP, (0, field - 1)),
    ]
    return Question(
        "fields",
        f"rows that row {row} sees",
        text,
        (first, last),
        tuple(steps),
        HINT_ROWS,
        points=2,
        is_range=True,
        mistakes=distinct((first, last), mistakes),
    )
