"""How an exported file is used: a few lines of Python, with the pictures prepared as the network wants them."""

from dataclasses import dataclass
from pathlib import Path

from models.pixels import Pixels

Shape = tuple[int | None, ...]


def prepared(pixels: Pixels, values: str = "x") -> str:
    """Return the expression that turns bytes into what the network takes.

    >>> prepared(Pixels())
    'x / 255'
    >>> prepared(Pixels((0.0, 255.0), mean=(127.0,), std=(128.0,)))
    '(x - 127) / 128'
    """
    low, high = pixels.range
    text, is_sum = values, False
    if (low, high) != (0.0, 255.0):
        text = f"{values} / 255"
        if high - low != 1:
            text += f" * {high - low:.9g}"
        if low:
            text, is_sum = f"{text} {'+' if low > 0 else '-'} {abs(low):.9g}", True
    if pixels.order == "BGR":
        text, is_sum = (f"({text})" if text != values else text) + "[..., ::-1]", False
    if pixels.mean:
        text, is_sum = f"{text} - {_number(pixels.mean)}", True
    if pixels.std:
        text = f"({text}) / {_number(pixels.std)}" if is_sum else f"{text} / {_number(pixels.std)}"
    return text


def _number(values: tuple[float, ...]) -> str:
    listed = [f"{value:.9g}" for value in values]
    return listed[0] if len(set(listed)) == 1 else f"[{', '.join(listed)}]"


@dataclass(frozen=True)
class Use:
    """How one picture goes through an exported file."""

    picture: Shape | None
    """Height, width and channels; None where the input is no picture."""
    shape: Shape
    """Of the input, without the batch; None where a size is open."""
    channels_first: bool
    pixels: Pixels
    given: str
    """The name of the input."""
    output: str
    """The name of the output."""

    def lines(self, format: str, path: Path) -> list[str]:
        """Return lines of Python that run a file on one picture and print what it puts out."""
        imports, running = RUNNING[format]
        reading = self._reading()
        needed = ["import numpy", *imports] + ["from PIL import Image"] * (self.picture is not None)
        names = {"path": path.as_posix(), "given": self.given, "output": self.output}
        filled = [line.format(**{name: repr(text) for name, text in names.items()}) for line in running]
        return [*sorted(needed, key=lambda line: line.startswith("from")), "", *reading, *filled]

    def _reading(self) -> list[str]:
        """Return the lines that make `pixels`, one picture as the network takes it."""
        if self.picture is None:
            sizes = ", ".join(str(size or 16) for size in self.shape)
            return [f'pixels = numpy.zeros((1, {sizes}), "float32")  # your numbers']
        height, width, channels = self.picture
        mode = "L" if channels == 1 else "RGB"
        resized = f".resize(({width}, {height}))" if height and width else ""
        turned = ".transpose(2, 0, 1)" if self.channels_first else ""
        sizes = ", ".join(map(str, self.shape))
        if None in self.shape:
            sizes = f"picture.height, picture.width, {channels}"
        return [
            f'picture = Image.open("picture.png").convert("{mode}"){resized}',
            'x = numpy.asarray(picture, "float32")',
            f"pixels = numpy.float32({prepared(self.pixels)}){turned}.reshape(1, {sizes})",
        ]


RUNNING = {
    "saved_model": (
        ["import tensorflow"],
        [
            "loaded = tensorflow.saved_model.load({path})",
            'outputs = loaded.signatures["serving_default"](**{{{given}: tensorflow.constant(pixels)}})',
            "print(outputs[{output}].numpy())",
        ],
    ),
    "onnx": (
        ["import onnxruntime"],
        [
            "session = onnxruntime.InferenceSession({path})",
            "print(session.run([{output}], {{{given}: pixels}})[0])",
        ],
    ),
    "litert": (
        ["from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert"],
        [
            "interpreter = Interpreter({path})",
            "print(interpreter.get_signature_runner()(**{{{given}: pixels}})[{output}])",
        ],
    ),
}
"""For each format what is imported, and the lines that run the file on `pixels`."""
