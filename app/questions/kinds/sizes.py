"""Output sizes: what a layer with kernel k, stride s and padding p makes of n cells."""

from collections.abc import Callable

from app.counting.rows import Shape
from app.counting.windows import Window
from app.questions.draws import Draws
from app.questions.question import Mistake, Question, distinct

STRIDE = "the stride is ignored; divide by it"
NO_PADDING = "the padding is ignored; p cells are added on each side"
ONE_SIDE = "the padding is added once; p cells lie on both sides: n + 2·p"
ONE = "the + 1 is forgotten; the first position counts too"
UP = "rounded up; a window that does not fit is left out: ⌊ ⌋"
DOWN = "rounded down; with “same” the last window is padded: ⌈n/s⌉"
ADDED = "the kernel is added; it is subtracted: ⌊(n + 2·p − k)/s⌋ + 1"
SAME = "the size is taken to stay; without enough padding it shrinks: ⌊(n + 2·p − k)/s⌋ + 1"
SHRUNK = "the map is taken to shrink; “same” pads it so that ⌈n/s⌉ cells come out"
DILATION = "the dilation is ignored; the kernel spans d·(k − 1) + 1 cells"
CHANNELS = "the input's channels are kept; a convolution makes one channel for each filter"
FIRST = "the channels stand first; the order is height × width × channels"
HINT = "One axis: ⌊(n + 2·p − k)/s⌋ + 1. A convolution has as many channels as filters."
HINT_SAME = "With “same” the map is padded so that ⌈n/s⌉ cells come out; the kernel plays no part."
HINT_DILATED = (
    "A kernel with dilation d spans d·(k − 1) + 1 cells; put that for k into ⌊(n + 2·p − k)/s⌋ + 1."
)


def along_an_axis(draws: Draws) -> Question:
    """Return a question about one axis, with stride and padding."""
    kernel, stride = draws.pick((3, 5, 7)), draws.pick((1, 2, 2, 3))
    window = Window(kernel, stride, (draws.pick((0, 1, 2)),) * 2)
    size = draws.number(12, 40)
    answer = int(window.output_size(size))
    border = window.padding[0]
    text = (
        f"A convolution reads {size} cells in a row: kernel {kernel}, stride {stride}, padding {border} "
        f"{'cell' if border == 1 else 'cells'} on each side. How many cells come out?"
    )
    mistakes = [Mistake(name, words, value) for name, words, value in slips(window, size)]
    label = f"output size, n {size}, k {kernel}, s {stride}, p {border}"
    steps = (f"⌊(n + 2·p − k)/s⌋ + 1: {window.output_size(size).sum_line()}",)
    return Question("sizes", label, text, answer, steps, HINT, mistakes=distinct(answer, mistakes))


def of_a_layer(draws: Draws) -> Question:
    """Return a question about the shape that a convolution makes."""
    kernel, stride, border = draws.pick(((3, 1, 0), (3, 1, 1), (3, 2, 1), (5, 1, 2), (5, 2, 0), (7, 2, 3)))
    height, width = draws.number(10, 64), draws.number(10, 64)
    return shape_question(
        (height, width, draws.pick((1, 3, 16))), draws.pick((4, 8, 10, 32)), kernel, stride, border
    )


def same(draws: Draws) -> Question:
    """Return a question about padding `same`."""
    kernel, stride, size = draws.pick((3, 5)), draws.pick((2, 3)), draws.number(11, 60)
    size += size % stride == 0  # else there is nothing to round
    answer = -(-size // stride)
    mistakes = [
        Mistake("rounded down", DOWN, size // stride),
        Mistake("padding ignored", SHRUNK, (size - kernel) // stride + 1),
        Mistake("stride ignored", STRIDE, size),
        Mistake("one added", "the + 1 belongs to the other formula; with “same” it is ⌈n/s⌉", answer + 1),
    ]
    text = (
        f"A convolution with a kernel of {kernel}×{kernel}, stride {stride} and padding “same” reads a map of "
        f"{size}×{size}. How many cells has each row of its output?"
    )
    steps = (f"⌈n/s⌉: ⌈{size}/{stride}⌉ = {answer}",)
    label = f"output size, n {size}, s {stride}, same"
    return Question("sizes", label, text, answer, steps, HINT_SAME, mistakes=distinct(answer, mistakes))


def dilated(draws: Draws) -> Question:
    """Return a question about a dilated kernel."""
    window = Window(3, draws.pick((1, 2)), "valid", draws.pick((2, 3)))
    size = draws.number(14, 40)
    answer = int(window.output_size(size))
    plain = Window(3, window.stride)
    mistakes = [
        Mistake("dilation ignored", DILATION, int(plain.output_size(size))),
        *(Mistake(name, words, value) for name, words, value in slips(window, size)),
    ]
    text = (
        f"A convolution with kernel 3, dilation {window.dilation}, stride {window.stride} and no padding reads {size} "
        "cells in a row. How many cells come out?"
    )
    steps = (
        f"the kernel spans {window.dilation}·(3 − 1) + 1 = {window.span} cells",
        window.output_size(size).sum_line(),
    )
    label = f"output size, n {size}, k 3, d {window.dilation}"
    return Question("sizes", label, text, answer, steps, HINT_DILATED, mistakes=distinct(answer, mistakes))


MAKERS: tuple[Callable[[Draws], Question], ...] = (along_an_axis, of_a_layer, same, dilated)


def slips(window: Window, size: int) -> list[tuple[str, str, int]]:
    """Return name, words and value of the mistakes along one axis; not one that would leave no cell."""
    border, stride, span = window.sides(size)[0], window.stride, window.span
    room = size + 2 * border - span
    found = [
        ("stride ignored", STRIDE, room + 1),
        ("padding ignored", NO_PADDING, (room - 2 * border) // stride + 1),
        ("padding added once", ONE_SIDE, (room - border) // stride + 1),
        ("one forgotten", ONE, room // stride),
        ("rounded up", UP, -(-room // stride) + 1),
        ("kernel added", ADDED, (size + 2 * border + span) // stride + 1),
        ("padding assumed", SAME, -(-size // stride)),
    ]
    return [each for each in found if each[2] > 0]


def shape_question(shape: Shape, filters: int, kernel: int, stride: int, border: int) -> Question:
    """Return the question for the shape that a convolution makes of a map."""
    window = Window(kernel, stride, (border, border))
    down, across = (window.output_size(n) for n in shape[:2])
    answer = (int(down), int(across), filters)
    mistakes = [
        Mistake("channels kept", CHANNELS, (*answer[:2], shape[2])),
        Mistake("channels first", FIRST, (filters, *answer[:2])),
    ]
    for one, other in zip(slips(window, shape[0]), slips(window, shape[1]), strict=False):
        if one[0] == other[0]:
            mistakes.append(Mistake(one[0], one[1], (one[2], other[2], filters)))
    lines = dict.fromkeys(f"{n.sum_line()}" for n in (down, across))
    steps = (
        *(f"⌊(n + 2·p − k)/s⌋ + 1: {line}" for line in lines),
        f"one channel for each of the {filters} filters",
    )
    padding = f"a padding of {border} on each side" if border else "no padding"
    text = (
        f"A convolution with {filters} filters of {kernel}×{kernel}, stride {stride} and {padding} reads a map of "
        f"{'×'.join(map(str, shape))} (height × width × channels). What is the shape of its output?"
    )
    label = f"output shape, {'×'.join(map(str, shape))}, {filters} filters {kernel}×{kernel}"
    return Question("sizes", label, text, answer, steps, HINT, mistakes=distinct(answer, mistakes))
