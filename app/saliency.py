"""python -m app.saliency: see what a trained network looks at, and how far to trust the picture."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np

from app.counting.model_files import verify_contents
from app.datasets.subjects import Subject, check_fit, first_of_class, own_picture, test_image
from app.door import DATA_HELP, OUTPUT, SAVED_MODELS, Door, open_data, prepare_folder, shown
from app.files.classes import find_class
from app.files.saved import SavedModel, find_model
from app.show.formats import FORMATS
from app.show.tables import make_console
from models import Pixels

if TYPE_CHECKING:
    from app.engine.steps import Replay
    from app.visualisation.explain import Explanation

TITLES = {
    "vanilla": "vanilla gradient, |∂S/∂x|",
    "guided": "guided gradient, |∂S/∂x|",
    "relu": "relu (rectified), |∂S/∂x|",
    "gradcam": "Grad-CAM",
}
METHODS = tuple(TITLES)


@click.command(cls=Door, epilog="Example: python -m app.saliency --model mnist --class 3")
@click.option(
    "--model",
    "name",
    metavar="NAME|FILE",
    required=True,
    help="A trained network of the catalogue, or any .keras or .h5 file.",
)
@click.option(
    "--class",
    "class_text",
    metavar="CLASS",
    help="The class to explain, by number or name. Default: the predicted one.",
)
@click.option(
    "--image",
    "image_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A PNG or JPEG of your own. Digits are prepared as MNIST's were.",
)
@click.option(
    "--index",
    type=click.IntRange(0),
    metavar="N",
    help="Test image N, from 0. Default: the first test image of the class.",
)
@click.option(
    "--all-classes",
    is_flag=True,
    help="One row for each class; with --image or --index, one image for all classes.",
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="Which map; may be repeated. Default: all four.",
)
@click.option("--layer", metavar="NAME", help="Layer whose maps Grad-CAM uses. Default: the last.")
@click.option(
    "--colour",
    type=click.Choice(["max", "mean", "channels"]),
    default="max",
    show_default=True,
    help="How gradient maps combine colour channels.",
)
@click.option(
    "--prepare",
    type=click.Choice(["auto", "digit", "resize"]),
    default="auto",
    show_default=True,
    help="digit: --image is inverted, cropped, scaled and centred as in "
    "MNIST; resize: only brought to size. auto: digit for a network trained on mnist, or one of "
    "28×28×1 without a card.",
)
@click.option(
    "--pixel-range",
    nargs=2,
    type=float,
    metavar="LOW HIGH",
    help="What black and white are worth to the network. Default: as its card "
    "says; without one 0 1, or 0 255 for a model that rescales by itself.",
)
@click.option("--data", "source", metavar="SOURCE", help="Test images. " + DATA_HELP)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=OUTPUT,
    show_default=True,
    help="Folder, or a file ending in .png, .svg or .pdf.",
)
@click.option(
    "--raw",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Also write the unscaled maps.",
)
def main(**options: Any) -> None:
    """Draw what a network looks at: vanilla, guided and rectified gradients, and Grad-CAM.

    The maps explain the logit of a class, whatever way the model spells its softmax. With each map
    comes its verdict: what the network predicts, which tensor the map is made of, its largest raw
    value, and whether there was any evidence at all.
    """
    request = Request(**options)
    request.check()
    saved = find_model(request.name, SAVED_MODELS)
    check_model(saved, request.chosen_methods)
    prepare_folder(request.folder)
    if request.raw is not None:
        if request.raw.suffix != ".npz":
            raise ValueError(f"--raw writes an .npz file, not {request.raw.name}")
        prepare_folder(request.raw.parent)
    shape, classes, model = saved.input_shape, saved.classes, None
    if shape is None or classes is None:  # the file cannot be followed on paper: load it now
        model = load_replay(saved.path)
        shape, classes = model.image_shape, model.classes
    if len(shape) != 3:
        raise ValueError(f"{saved.path} takes inputs of shape {shape}, not images")
    names = saved.class_names(classes)
    wanted = None if request.class_text is None else find_class(request.class_text, names)
    subjects = choose_subjects(request, saved, shape, classes, wanted)
    targets = list(range(classes)) if request.all_classes else [wanted]
    explain(request, saved, model or load_replay(saved.path), subjects, targets)


@dataclass(frozen=True)
class Request:
    """What was asked for, option by option."""

    name: str
    class_text: str | None
    image_path: Path | None
    index: int | None
    all_classes: bool
    methods: tuple[str, ...]
    layer: str | None
    colour: Literal["max", "mean", "channels"]
    prepare: Literal["auto", "digit", "resize"]
    pixel_range: tuple[float, float] | None
    source: str | None
    output: Path
    raw: Path | None

    def check(self) -> None:
        """Refuse options that contradict each other."""
        for one, other, both in (
            ("--class", "--all-classes", self.class_text is not None and self.all_classes),
            ("--image", "--index", self.image_path is not None and self.index is not None),
            ("--image", "--data", self.image_path is not None and self.source is not None),
        ):
            if both:
                raise ValueError(f"{one} and {other} contradict each other; give one of them")
        low, high = self.pixel_range or (0.0, 1.0)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(
                f"--pixel-range needs two finite numbers, low before high, not {low} {high}"
            )
        for file in (self.output, self.raw):
            if file is not None and file.suffix.lower() in (*FORMATS, ".npz") and file.is_dir():
                raise ValueError(f"{file} is a folder; give a file name in it")

    @property
    def chosen_methods(self) -> tuple[str, ...]:
        """The maps to draw, each once; all of them if none was named."""
        return tuple(dict.fromkeys(self.methods)) or METHODS

    @property
    def folder(self) -> Path:
        """The folder for the picture."""
        if self.output.suffix.lower() in FORMATS:
            return self.output.parent
        if self.output.suffix and not self.output.is_dir():
            raise ValueError(
                f"a picture cannot be written as {self.output.name}; use {', '.join(FORMATS)}"
            )
        return self.output

    def picture(self, default: str) -> Path:
        """Return the file for the picture: as given, or `default` in the folder."""
        named = self.output.suffix.lower() in FORMATS
        return self.output if named else self.folder / default


def check_model(saved: SavedModel, methods: tuple[str, ...]) -> None:
    """Check what can be checked of a model file without loading it."""
    verify_contents(saved.path)
    if "gradcam" in methods and not saved.has_convolution:
        raise ValueError(
            f"{saved.path} has no convolution, so no maps for Grad-CAM; try --method vanilla"
        )


def choose_subjects(
    request: Request, saved: SavedModel, shape: tuple[int, ...], classes: int, wanted: int | None
) -> list[Subject]:
    """Return the images to explain: the user's own, test image N, or the first of each class."""
    if request.image_path is not None:
        as_digit = request.prepare == "digit"
        if request.prepare == "auto":
            as_digit = saved.takes_digits(shape)
        return [own_picture(request.image_path, shape, as_digit)]
    data = open_data(request.source)
    check_fit(data, shape)
    if request.index is not None:
        return [test_image(data, request.index)]
    if request.all_classes:
        return [first_of_class(data, c) for c in range(classes)]
    return [test_image(data, 0) if wanted is None else first_of_class(data, wanted)]


def explain(request: Request, saved: SavedModel, model: "Replay", subjects: list[Subject],
            targets: Sequence[int | None]) -> None:  # fmt: skip
    """Make the maps, print their verdicts, draw them and keep them.

    Targets of None are the predicted classes; one subject may be explained for several targets.
    """
    from app.datasets.dataset import scale_pixels
    from app.visualisation.explain import explain_images
    from app.visualisation.report import describe, save_raw

    if len(subjects) < len(targets):
        subjects = subjects * len(targets)
    images = np.stack([subject.pixels for subject in subjects])
    pixels = Pixels(request.pixel_range) if request.pixel_range else saved.pixels
    inputs = scale_pixels(images, pixels)
    chosen = [c for c in targets if c is not None]
    if not chosen:
        chosen = [int(c) for c in model.probabilities(inputs).argmax(axis=1)]
    names = saved.class_names(model.classes)
    results = explain_images(
        model, inputs, chosen, names, request.chosen_methods, request.colour, request.layer
    )
    console = make_console()
    for line in describe([f"{s.title} ({s.caption})" for s in subjects], results):
        console.print(line)
    click.echo(f"Pixels entered as {pixels.words()}")
    what = "all classes" if request.all_classes else f"class {names[chosen[0]]}"
    own = request.image_path.stem if request.image_path else None
    which = own if request.index is None else f"image-{request.index}"
    parts = ("saliency", saved.path.stem, which, slug(what))
    picture = request.picture("-".join(part for part in parts if part) + ".png")
    draw(subjects, results, f"What {saved.path.stem} looks at: {what}", picture, pixels)
    click.echo(f"Picture: {shown(picture)}")
    if request.raw is not None:
        save_raw(request.raw, inputs, results)
        click.echo(f"Raw maps: {shown(request.raw)}")


def load_replay(path: Path) -> "Replay":
    """Load a model file and replay it."""
    from app.engine.replay import replay
    from app.engine.store import load_model

    return replay(load_model(path))


def draw(subjects: list[Subject], results: "list[Explanation]", title: str, path: Path,
         pixels: Pixels) -> None:  # fmt: skip
    """Draw all maps into one picture, with the colours in the picture's own order."""
    from app.datasets.dataset import swap_colours
    from app.show.canvas import save_figure
    from app.show.saliency_figure import Line, Panel, draw_maps

    lines = []
    for subject, result in zip(subjects, results, strict=True):
        panels = tuple(
            Panel(TITLES[m.method], swap_colours(m.values, pixels) if m.values.ndim == 3 else m.values,
                  m.verdict.caption(), m.verdict.is_empty,
                  m.verdict.largest, m.covered, m.box)
            for m in result.maps
        )  # fmt: skip
        caption = f"{subject.caption}; {result.prediction.sentence()}"
        heading = subject.title
        if len(results) > 1:
            heading, caption = f"class {result.prediction.explained_name}", f"{heading}, {caption}"
        lines.append(Line(subject.pixels, heading, caption, panels, result.unseen))
    maps = [each for result in results for each in result.maps]
    said = [f"Grad-CAM: {note}" for m in maps for note in m.verdict.notes]
    notes = list(dict.fromkeys([*said, *(note for result in results for note in result.notes)]))
    if len(results) > 1:
        notes = [note for note in notes if "saturated" not in note]
    save_figure(draw_maps(lines, title, notes), path)


def slug(text: str) -> str:
    """Return `text` as part of a file name."""
    return re.sub(r"[^\w]+", "-", text.removeprefix("class ")).strip("-").lower()


if __name__ == "__main__":
    main(prog_name="python -m app.saliency")
