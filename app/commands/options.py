"""The options that commands share, with click types that check themselves; options in sections of the help."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from app.commands.apart import Limits
from app.commands.door import ISOLATE, Door
from app.commands.outputs import OUTPUT, OutputFile
from models import Pixels

Decorator = Callable[[Any], Any]
Group = TypeVar("Group")


class PixelRange(click.Tuple):
    """Two finite numbers, the lower one first: what black and white are worth to a network."""

    def __init__(self) -> None:
        super().__init__([float, float])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the pixels that the two numbers mean.

        Raises:
            ValueError: they are not finite, or not in order.
        """
        low, high = super().convert(value, param, ctx)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"--pixel-range needs two finite numbers, low before high, not {low} {high}")
        return Pixels((low, high))


class Memory(click.ParamType):
    """An amount of memory in bytes, typed as `512MB` or `2GiB`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes that a text means."""
        found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?)(i?)B?\s*", value)
        if not found:
            self.fail(f"{value!r} is no amount of memory; write 512MB or 2GiB", param, ctx)
        number, prefix, binary = found.groups()
        size = float(number) * (1024 if binary else 1000) ** " kMGT".index(prefix or " ")
        if not 1 << 20 <= size < 1 << 50:
            self.fail(f"{value} is out of range; give from 1MiB to 1000TB", param, ctx)
        return int(size)


class InputShape(click.ParamType):
    """A shape typed as `224x224x3`; `is_image`: of an image, whose channels, if there is only one, may be left out."""

    name = "shape"

    def __init__(self, is_image: bool = False) -> None:
        self.is_image = is_image

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002
    ) -> tuple[int, ...]:
        """Return the sizes.

        Raises:
            ValueError: it says none.
        """
        texts = value.lower().replace("×", "x").split("x")
        option = param.opts[0] if param is not None else "the shape"
        if not all(text.strip().isascii() and text.strip().isdigit() for text in texts):
            raise ValueError(f"{option} {value!r} is no shape; write it as 224x224x3")
        sizes = tuple(int(text) for text in texts)
        return as_image_shape(sizes, option) if self.is_image else sizes


def as_image_shape(sizes: Sequence[int], what: str) -> tuple[int, ...]:
    """Return height, width and channels; one channel where there are only two sizes.

    Raises:
        ValueError: they are no image's.
    """
    shape = (*sizes, 1) if len(sizes) == 2 else tuple(sizes)
    if len(shape) != 3 or not all(0 < n <= 1 << 16 for n in shape):
        given = "×".join(map(str, sizes))
        raise ValueError(f"{what} is height, width and channels, as 28x28x1, not {given}")
    return shape


def model_option() -> Decorator:
    """Return the option --model, a trained model, with --isolate beside it."""
    words = "A trained network of the catalogue, or any .keras or .h5 file."
    return all_of(
        (
            click.option("--model", "name", metavar="NAME|FILE", required=True, help=words),
            isolate_option(Limits()),
        )
    )


def isolate_option(limits: Limits) -> Decorator:
    """Return the option --isolate, which `Door` obeys; the command does not see it."""
    return click.option(
        "--isolate/--no-isolate",
        default=True,
        show_default=True,
        envvar="CONVLAB_ISOLATE",
        expose_value=False,
        callback=lambda ctx, _, value: ctx.meta.update({ISOLATE: limits if value else None}),
        help="Open a model that is a file in a process of its own, with limits of memory and time, so that a "
        "damaged or hostile one brings nothing down (on Linux).",
    )


def machine_option() -> Decorator:
    """Return the option --engine of commands that tf-keras-vis has no part in."""
    return click.option(
        "--engine",
        "machine",
        type=click.Choice(["numpy", "tensorflow"]),
        help="What runs the network. Default: NumPy where it can (small networks of common layers), else TensorFlow.",
    )


def pixel_range_option() -> Decorator:
    """Return the option --pixel-range."""
    return click.option(
        "--pixel-range",
        type=PixelRange(),
        metavar="LOW HIGH",
        help="What black and white are worth to the network. Default: the range in the model's card; without a card "
        "0 1, or 0 255 for a model with a rescaling layer of its own.",
    )


def image_shape_option() -> Decorator:
    """Return the option --image-shape."""
    return click.option(
        "--image-shape",
        type=InputShape(is_image=True),
        metavar="HxWxC",
        help="The shape of an image, such as 28x28x1, where the network's input is a matrix, a vector, or an image "
        "of any size. Default: as the network reshapes it, else the square that it fills.",
    )


def image_input_option(words: str) -> Decorator:
    """Return the option --input; `words` say what the input is, and what the others get."""
    return click.option("--input", "image_input", metavar="NAME", help=words)


def head_option(words: str) -> Decorator:
    """Return the option --head; `words` say what is done with that output."""
    return click.option("--head", metavar="NAME", help=words)


def regression_option() -> Decorator:
    """Return the option --regression."""
    words = "The outputs are quantities, not classes. Default: as the stored loss says."
    return click.option("--regression", is_flag=True, help=words)


def batch_size_option(default: int, what: str) -> Decorator:
    """Return the option --batch-size of commands that ask a network of many images."""
    words = f"{what} that the network is asked of at a time."
    sizes = click.IntRange(1, 4096)
    return click.option("--batch-size", type=sizes, default=default, show_default=True, help=words)


def image_option() -> Decorator:
    """Return the option --image."""
    return click.option(
        "--image",
        "image_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A PNG or JPEG of your own; signs of a hand are prepared as the network's own data. Or an array, .npy or "
        ".csv, that the network takes as it is.",
    )


def index_option(default: str) -> Decorator:
    """Return the option --index."""
    words = f"Test image N, from 0{default}"
    return click.option("--index", type=click.IntRange(0), metavar="N", help=words)


def prepare_option(words: str) -> Decorator:
    """Return the option --prepare."""
    ways = click.Choice(["auto", "digit", "resize"])
    return click.option("--prepare", type=ways, default="auto", show_default=True, help=words)


def folder_option(words: str) -> Decorator:
    """Return the option --output; a folder, `output` unless it is given."""
    return click.option(
        "--output", type=click.Path(path_type=Path), default=OUTPUT, show_default=True, help=words
    )


def picture_option() -> Decorator:
    """Return the option --output of commands that draw one picture."""
    return folder_option("Folder, or a file ending in .png, .svg or .pdf.")


def raw_option(what: str) -> Decorator:
    """Return the option --raw."""
    words = f"Also write the unscaled {what}."
    return click.option("--raw", type=OutputFile(), metavar="FILE.npz", help=words)


def seed_option(words: str) -> Decorator:
    """Return the option --seed."""
    return click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help=words)


def verbose_option(words: str) -> Decorator:
    """Return the option --verbose; `words` say what is printed beside the summary."""
    return click.option("--verbose", is_flag=True, help=f"Print {words} too, and not the summary alone.")


def log_options() -> Decorator:
    """Return the options --csv-log and --tensorboard."""
    table = "Write the measures of each epoch into a table."
    board = "Write the measures of each epoch for TensorBoard (tensorboard --logdir FOLDER)."
    folder = click.Path(path_type=Path, file_okay=False)
    return all_of(
        (
            click.option("--csv-log", type=OutputFile(), metavar="FILE", help=table),
            click.option("--tensorboard", type=folder, metavar="FOLDER", help=board),
        )
    )


def all_of(options: Iterable[Decorator]) -> Decorator:
    """Return a decorator that gives a command options, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed([*options]):
            command = option(command)
        return command

    return decorate


def section(title: str, *options: Decorator) -> Decorator:
    """Return a decorator that gives a `SectionedDoor` options below a heading of their own."""

    def decorate(command: Any) -> Any:
        before = len(getattr(command, "__click_params__", ()))
        command = all_of(options)(command)
        for parameter in command.__click_params__[before:]:
            parameter.section = title
        return command

    return decorate


class SectionedDoor(Door):
    """A command whose help lists its options by section, in the order in which they were declared."""

    other_options = "Other"


def take(group: type[Group], options: dict[str, Any]) -> Group:
    """Return a record made of the options that are its fields, which are taken out of `options`."""
    return group(**{each.name: options.pop(each.name) for each in fields(group) if each.name in options})  # type: ignore[arg-type]
