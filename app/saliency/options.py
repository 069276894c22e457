"""The options of the saliency door, in sections, and how its help prints them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.commands.door import DATA_HELP, OUTPUT, Door
from app.maps.methods import ARTICLE, TITLES
from app.show.pictures import PALETTES

PIXELS = {"max": "the largest channel", "mean": "their mean", "channels": "all of them, as colours"}


class Option(click.Option):
    """An option that belongs to a section of the help."""

    def __init__(self, *args: Any, section: str = "Other", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class SectionedDoor(Door):
    """A command whose help lists its options by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section, in the order in which they were declared."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Other"), []).append(record)
        for name, records in sections.items():
            with formatter.section(name):
                formatter.write_dl(records)


def memory_bytes(_ctx: click.Context, _parameter: click.Parameter, text: str) -> int:
    """Return the bytes that a text like `512MB` or `2GiB` means."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?)(i?)B?\s*", text)
    if not found:
        raise click.BadParameter(f"{text!r} is no amount of memory; write 512MB or 2GiB")
    number, prefix, binary = found.groups()
    size = float(number) * (1024 if binary else 1000) ** " kMGT".index(prefix or " ")
    if not 1 << 20 <= size < 1 << 50:
        raise click.BadParameter(f"{text} is out of range; give from 1MiB to 1000TB")
    return int(size)


def _options(section: str, *declarations: tuple[Any, ...]) -> list[Callable[..., Any]]:
    return [
        click.option(*names, cls=Option, section=section, **settings) for *names, settings in declarations
    ]


_FILE = click.Path(path_type=Path, dir_okay=False)
_MODEL = _options(
    "Which model",
    (
        "--model",
        "name",
        {
            "metavar": "NAME|FILE",
            "required": True,
            "help": "A trained network of the catalogue, or any .keras or .h5 file.",
        },
    ),
    (
        "--pixel-range",
        {
            "nargs": 2,
            "type": float,
            "metavar": "LOW HIGH",
            "help": "What black and white are worth to the network. Default: as its card says; without "
            "one 0 1, or 0 255 for a model that rescales by itself.",
        },
    ),
    (
        "--input",
        "image_input",
        {
            "metavar": "NAME",
            "help": "The input that is the image, where a model has several; the others are held at 0.",
        },
    ),
    ("--head", {"metavar": "NAME", "help": "The output to explain, where a model has several."}),
    (
        "--regression",
        {
            "is_flag": True,
            "help": "The outputs are quantities, not classes. Default: as the stored loss says.",
        },
    ),
)
_IMAGES = _options(
    "Which images",
    (
        "--image",
        "image_path",
        {
            "type": click.Path(path_type=Path),
            "metavar": "FILE",
            "help": "A PNG or JPEG of your own. Digits are prepared as MNIST's were.",
        },
    ),
    (
        "--images",
        "image_folder",
        {
            "type": click.Path(path_type=Path),
            "metavar": "FOLDER",
            "help": "Every picture in a folder: one strip and one .json each, in --output. Stopped, it "
            "goes on where it was; what cannot be read is listed at the end.",
        },
    ),
    (
        "--index",
        {
            "type": click.IntRange(0),
            "metavar": "N",
            "help": "Test image N, from 0. Default: the first test image of the class.",
        },
    ),
    (
        "--count",
        {
            "type": click.IntRange(1, 100),
            "metavar": "N",
            "help": "The first N test images, of the class if one is given.",
        },
    ),
    (
        "--over-epochs",
        {
            "is_flag": True,
            "help": "One image as the network saw it before training and after each epoch; needs python -m "
            "app.train --keep-epochs.",
        },
    ),
    ("--data", "source", {"metavar": "SOURCE", "help": "Test images. " + DATA_HELP}),
    (
        "--prepare",
        {
            "type": click.Choice(["auto", "digit", "resize"]),
            "default": "auto",
            "show_default": True,
            "help": "digit: own pictures are inverted, cropped, scaled and centred as "
            "in MNIST; resize: only brought to size. auto: digit for a network trained on mnist, or one of "
            "28×28×1 without a card.",
        },
    ),
)
_QUESTION = _options(
    "What is asked",
    (
        "--class",
        "class_text",
        {"metavar": "CLASS", "help": "The class to explain, by number or name. Default: the predicted one."},
    ),
    (
        "--against",
        "against_text",
        {
            "metavar": "CLASS",
            "help": "Why --class and not this one: the difference of the two logits is explained.",
        },
    ),
    (
        "--all-classes",
        {
            "is_flag": True,
            "help": "One row for each class; with --image or --index, one image for all classes.",
        },
    ),
    (
        "--method",
        "methods",
        {
            "multiple": True,
            "type": click.Choice([*TITLES, "all"]),
            "metavar": "METHOD",
            "help": f"Which map; may be repeated: {', '.join(TITLES)}, or all. "
            f"Default: {', '.join(ARTICLE)}.",
        },
    ),
    (
        "--layer",
        {
            "metavar": "NAME",
            "help": "Layer whose maps the class-activation maps use. Default: the last before pooling.",
        },
    ),
    (
        "--cell",
        {
            "nargs": 2,
            "type": click.IntRange(0),
            "metavar": "ROW COLUMN",
            "help": "Frame what this cell of the class-activation maps sees. Default: the strongest.",
        },
    ),
    (
        "--engine",
        {
            "type": click.Choice(["convlab", "tf-keras-vis"]),
            "default": "convlab",
            "show_default": True,
            "help": "Who computes the maps. tf-keras-vis has vanilla, smoothgrad, "
            "gradcam, gradcam++, layercam and scorecam.",
        },
    ),
    (
        "--samples",
        {
            "type": click.IntRange(1, 100_000),
            "default": 20,
            "show_default": True,
            "help": "Noisy versions for smoothgrad, smoothgrad-squared and vargrad.",
        },
    ),
    (
        "--noise",
        {
            "type": click.FloatRange(0),
            "default": 0.2,
            "show_default": True,
            "help": "Their noise, as a share of the image's range.",
        },
    ),
    (
        "--steps",
        {
            "type": click.IntRange(1, 100_000),
            "default": 50,
            "show_default": True,
            "help": "Steps of integrated gradients.",
        },
    ),
    (
        "--baseline",
        {
            "type": float,
            "metavar": "VALUE",
            "help": "The pixel value that stands for nothing, as the network takes it: where integrated "
            "gradients begin, what a patch hides with. Default: black.",
        },
    ),
    (
        "--patch",
        {
            "type": click.IntRange(1),
            "metavar": "PIXELS",
            "help": "Side of the occluding patch. Default: an eighth of the image's.",
        },
    ),
    (
        "--seed",
        {"type": click.IntRange(0, 2**31 - 1), "default": 0, "show_default": True, "help": "Of the noise."},
    ),
)
_TESTS = _options(
    "How far to believe it (python -m app.faith tests all maps on many images)",
    (
        "--sanity",
        {
            "is_flag": True,
            "help": "Randomise the weights layer by layer, from the top, and see whether each map changes; one "
            "that does not is labelled so in the picture.",
        },
    ),
    (
        "--faithfulness",
        {
            "is_flag": True,
            "help": "Remove the pixels in the order of the map, and put them in, and watch the probability, "
            "against random order.",
        },
    ),
    ("--agree", {"is_flag": True, "help": "Compute the same maps by tf-keras-vis, and compare."}),
)
_PICTURE = _options(
    "How it is shown",
    (
        "--colour",
        {
            "type": click.Choice([*PIXELS]),
            "default": "max",
            "show_default": True,
            "help": "How maps of pixels combine the colour channels: "
            + "; ".join(f"{name}: {text}" for name, text in PIXELS.items())
            + ".",
        },
    ),
    (
        "--signed",
        "is_signed",
        {"is_flag": True, "help": "Keep the sign: orange speaks for the class, blue against it."},
    ),
    (
        "--palette",
        {
            "type": click.Choice(PALETTES),
            "default": PALETTES[0],
            "show_default": True,
            "help": "Colours of unsigned maps. jet draws edges that are not there; it is for comparing.",
        },
    ),
    (
        "--overlay",
        {
            "type": click.FloatRange(0, 1),
            "metavar": "0…1",
            "help": "Lay every map over its image, this solid.",
        },
    ),
    (
        "--output",
        {
            "type": click.Path(path_type=Path),
            "default": OUTPUT,
            "show_default": True,
            "help": "Folder, or a file ending in .png, .svg or .pdf.",
        },
    ),
    (
        "--report",
        {
            "type": _FILE,
            "metavar": "FILE",
            "help": "Also write a page: .html (with the picture inside), .json, .md, .csv, .tex or .txt.",
        },
    ),
    (
        "--raw",
        {"type": click.Path(path_type=Path), "metavar": "FILE.npz", "help": "Also write the unscaled maps."},
    ),
    (
        "--memory",
        {
            "default": "1GiB",
            "show_default": True,
            "callback": memory_bytes,
            "metavar": "SIZE",
            "help": "Memory for the tensors of one chunk of images.",
        },
    ),
    ("--restart", {"is_flag": True, "help": "With --images: forget what an earlier run left."}),
)


def map_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all options, in the order of the help; they become a `MapRequest`."""
    for option in reversed([*_MODEL, *_IMAGES, *_QUESTION, *_TESTS, *_PICTURE]):
        command = option(command)
    return command
