"""Multiple choice: four options, three of which come from mistakes that have names."""

from collections.abc import Callable
from dataclasses import dataclass

from app.counting.formulas import conv_multiply_accumulates, conv_parameters
from app.counting.windows import Window
from app.questions.draws import Draws
from app.questions.kinds.statements import STATEMENTS
from app.questions.kinds.wrong import Wrong
from app.questions.question import LETTERS, Mistake, Question


@dataclass(frozen=True)
class Choice:
    """A question with its right option and three others."""

    label: str
    text: str
    right: str
    others: tuple[Wrong, Wrong, Wrong]
    steps: tuple[str, ...]
    hint: str


def ask(choice: Choice, draws: Draws, kind: str = "choice") -> Question:
    """Return the question with its options in any order."""
    options = draws.shuffled((choice.right, *(wrong.text for wrong in choice.others)))
    letters = dict(zip(options, LETTERS, strict=True))
    answer = letters[choice.right]
    return Question(
        kind,
        choice.label,
        choice.text,
        answer,
        (*choice.steps, f"so {answer}: {choice.right}"),
        choice.hint,
        options=tuple(options),
        mistakes=tuple(Mistake(wrong.name, wrong.words, letters[wrong.text]) for wrong in choice.others),
    )


def parameters(draws: Draws) -> Choice:
    """How many parameters has a convolution?"""
    kernel, channels, filters = draws.pick((3, 5)), draws.pick((3, 6, 16)), draws.pick((10, 20, 32))
    count = conv_parameters((kernel, kernel), channels, filters)
    return Choice(
        f"parameters of {filters} filters {kernel}×{kernel} on {channels} channels",
        f"A convolution with {filters} filters of {kernel}×{kernel} and bias reads {channels} channels. "
        "How many parameters has it?",
        f"{count:,}",
        (
            Wrong("bias forgotten", "every filter has a bias", f"{count - filters:,}"),
            Wrong(
                "channels forgotten",
                "a filter reads all channels of its input",
                f"{(kernel**2 + 1) * filters:,}",
            ),
            Wrong("one bias for all", "every filter has a bias of its own", f"{count - filters + 1:,}"),
        ),
        (count.sum_line(),),
        "One filter has k·k·c weights and a bias.",
    )


def output_size(draws: Draws) -> Choice:
    """How large is the output?"""
    size, stride = draws.pick((29, 33, 37)), 2
    kernel, border = draws.pick(((5, 2), (7, 2), (7, 3)))
    count = Window(kernel, stride, (border, border)).output_size(size)
    room = size + 2 * border - kernel
    return Choice(
        f"output size, n {size}, k {kernel}, s {stride}, p {border}",
        f"A convolution with kernel {kernel}, stride {stride} and padding {border} on both sides reads {size} cells "
        "in a row. How many come out?",
        f"{count}",
        (
            Wrong("one forgotten", "the first position counts too: + 1", f"{room // stride}"),
            Wrong("stride ignored", "the stride divides", f"{room + 1}"),
            Wrong(
                "padding ignored", "p cells are added on each side", f"{(room - 2 * border) // stride + 1}"
            ),
        ),
        (count.sum_line(),),
        "⌊(n + 2·p − k)/s⌋ + 1.",
    )


def stacked_kernels(draws: Draws) -> Choice:
    """How much do several 3×3 kernels see?"""
    layers = draws.pick((3, 4))
    field = 2 * layers + 1
    return Choice(
        f"{layers} convolutions 3×3 in a row",
        f"{'Three' if layers == 3 else 'Four'} convolutions of 3×3 with stride 1 follow each other. How much of the "
        "input does one cell of the last map see?",
        f"{field}×{field}",
        (
            Wrong("kernel alone", "each layer widens what the last one sees", "3×3"),
            Wrong(
                "kernels multiplied",
                "each layer adds k − 1; nothing is multiplied",
                f"{3**layers}×{3**layers}",
            ),
            Wrong("one not subtracted", "each layer adds k − 1, not k", f"{3 * layers}×{3 * layers}"),
        ),
        (f"1{' + 2' * layers} = {field}",),
        "Each 3×3 convolution adds one pixel on each side.",
    )


def small_kernels(draws: Draws) -> Choice:
    """How many weights do two small kernels have against a large one?"""
    channels = draws.pick((8, 16, 32, 64))
    two, one = 18 * channels**2, 25 * channels**2
    return Choice(
        f"two 3×3 against one 5×5 with {channels} channels",
        f"One 5×5 convolution from {channels} to {channels} channels is replaced by two 3×3 convolutions in a row, "
        f"each with {channels} channels, without bias. How many weights are there then?",
        f"{two:,} instead of {one:,}",
        (
            Wrong(
                "channels forgotten",
                "every filter reads all channels, and there is one for each channel that comes out",
                f"{18:,} instead of {25:,}",
            ),
            Wrong("one layer only", "there are two layers with weights", f"{two // 2:,} instead of {one:,}"),
            Wrong(
                "one side of channels only",
                "the channels count twice: those that are read and those that come out",
                f"{18 * channels:,} instead of {25 * channels:,}",
            ),
        ),
        (
            f"two layers: 2·3·3·{channels}·{channels} = {two:,}",
            f"one layer: 5·5·{channels}·{channels} = {one:,}",
        ),
        "A convolution without bias has k·k·c_in·c_out weights.",
    )


def operations(draws: Draws) -> Choice:
    """How many multiply-accumulates has a convolution?"""
    side, channels, filters = draws.pick((12, 14, 26)), draws.pick((3, 8)), draws.pick((16, 32))
    out = side - 2
    count = conv_multiply_accumulates((3, 3), channels, (out, out, filters))
    return Choice(
        f"MACs of {filters} filters 3×3 on {side}×{side}×{channels}",
        f"A convolution with {filters} filters of 3×3, stride 1 and no padding reads a map of "
        f"{side}×{side}×{channels}. How many multiply-accumulates does it take?",
        f"{count:,}",
        (
            Wrong(
                "parameters for MACs",
                "these are the weights; each is used once at every place",
                f"{9 * channels * filters:,}",
            ),
            Wrong(
                "input size counted",
                "the places are those of the output",
                f"{9 * channels * filters * side**2:,}",
            ),
            Wrong("channels forgotten", "a filter reads all channels", f"{9 * filters * out**2:,}"),
        ),
        (f"the output is {out}×{out}×{filters}", count.sum_line()),
        "Each value that comes out takes k·k·c of them.",
    )


def flattened(draws: Draws) -> Choice:
    """How long is a flattened map?"""
    side, channels = draws.pick((5, 6, 7, 13)), draws.pick((10, 16, 64))
    return Choice(
        f"flattened map of {side}×{side}×{channels}",
        f"A map of {side}×{side} with {channels} channels is flattened. How many values has the vector?",
        f"{side * side * channels:,}",
        (
            Wrong("depth forgotten", "all channels go into the vector", f"{side * side:,}"),
            Wrong("sizes added", "the sizes are multiplied: h·w·c", f"{side + side + channels:,}"),
            Wrong("one side forgotten", "height and width both count: h·w·c", f"{side * channels:,}"),
        ),
        (f"{side}·{side}·{channels} = {side * side * channels:,}",),
        "Every cell of every channel becomes one value.",
    )


def stated(number: int) -> Callable[[Draws], Choice]:
    """Return the maker of a question that has no numbers."""
    return lambda _: Choice(*STATEMENTS[number])


CHOICES: tuple[Callable[[Draws], Choice], ...] = (
    *(stated(number) for number in range(len(STATEMENTS))),
    *(parameters, output_size, stacked_kernels, small_kernels, operations, flattened),
)


def maker(make: Callable[[Draws], Choice]) -> Callable[[Draws], Question]:
    """Return the maker of the question with its options in any order."""
    return lambda draws: ask(make(draws), draws)


MAKERS: tuple[Callable[[Draws], Question], ...] = tuple(map(maker, CHOICES))
