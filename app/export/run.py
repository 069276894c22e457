"""A model exported: converted, run beside Keras, and left only if both give the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.door import CheckFailedError
from app.export.card import Trial, card_text, known_before, make_card, metadata
from app.export.comparing import Arrays, compare
from app.export.formats import FORMATS, Format, find_path
from app.export.leaving import alone, card_beside, making, verify_place
from app.export.pictures import choose_pictures, random_pictures
from app.export.results import Exported
from app.export.source import Source
from app.files.folders import prepare_folder
from app.maps.open_model import OpenModel
from app.show.progress import Progress
from app.show.tables import make_console

if TYPE_CHECKING:
    from app.engine.export_running import Runner

BATCH = 32
"""Pictures at a time."""
LARGER = 32
"""Pixels by which a second size is larger, where a model takes any."""
OUTPUT = Path("output")


@dataclass(frozen=True)
class ExportRequest:
    """What is to be exported, and how it is tried."""

    format: Format
    path: Path | None = None
    """The file or folder to write; None: in `output`, called as the model."""
    source: Any = None
    """The data set whose test images it is tried on; None: the model's own, if it is at hand."""
    images: Sequence[Any] = ()
    """Pictures of one's own instead of a data set: files, or whatever else is an image."""
    count: int = 100
    """Pictures that it is tried on."""
    replace: bool = False
    """Whether what lies at `path` may be lost."""
    advice: str = "another --output, or --replace"


def export_model(
    opened: OpenModel,
    format: str,
    path: Path | None = None,
    data: Any = None,
    images: Sequence[Any] = (),
    count: int = 100,
    replace: bool = False,
) -> Exported:
    """Write a model in another format, once the file gives what Keras gives.

    Args:
        opened: the model.
        format: `saved_model`, `onnx` or `litert`.
        path: the file or folder to write.
        data: the data set whose test images the file is tried on; None: the one that the network learns from.
        images: pictures of one's own instead: files, PIL pictures or arrays.
        count: how many pictures.
        replace: whether what lies at `path` may be lost.

    Raises:
        ValueError: the format cannot hold the model, a package is missing, or something else lies at `path`.
        CheckFailedError: the file does not give what Keras gives; it is not left.
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    return export(opened, ExportRequest(FORMATS[format], path, data, images, count, replace))


def prepare(request: ExportRequest, name: str) -> Path:
    """Return where an export goes, once everything that can be known before has been checked.

    Raises:
        ValueError: a package is missing, something else lies there, or the folder cannot be written.
    """
    request.format.verify_installed()
    path = find_path(request.format, request.path, OUTPUT, name)
    verify_place(path, request.format, name, request.replace, request.advice)
    prepare_folder(path.parent)
    return path


def export(opened: OpenModel, request: ExportRequest) -> Exported:
    """Do what `export_model` does, for a request.

    Raises:
        ValueError: the format cannot hold the model, a package is missing, something else lies there, or another run
            writes it.
        CheckFailedError: the file does not give what Keras gives; it is not left.
    """
    path = prepare(request, opened.name)
    what = f"exporting {opened.name}"
    bar = Progress(make_console(), what, 4, amount="share", time="passed", words="")
    with alone(path), bar as progress:
        return _export(opened, request, path, progress)


def _export(opened: OpenModel, request: ExportRequest, path: Path, progress: Progress) -> Exported:
    format = request.format
    progress.update(0, "loading the model")
    source = Source.of(opened, format)
    chosen = choose_pictures(opened, source.entrance, request.source, request.images, request.count)
    inputs = source.inputs_for(chosen.inputs)
    known = known_before(source)
    progress.update(1, f"converting to {format.title}")
    with making(path, format.is_folder) as (made, card_file):
        trial = _try(source, format, made, known, inputs, chosen.words, progress)
        if trial.found.fault:
            raise CheckFailedError(
                f"the {format.title} export of {opened.name} is not left: run by {trial.runner.runtime} on "
                f"{chosen.words}, {trial.found.fault}"
            )
        card = make_card(path, format, source, known, trial)
        card_file.write_text(card_text(card), encoding="utf-8")
    snippet, notes = source.snippet(path, format), (*chosen.notes, *card["notes"])
    return Exported(opened.name, format.title, path, card_beside(path), card, trial.found, snippet, notes)


def _try(
    source: Source,
    format: Format,
    made: Path,
    known: dict[str, Any],
    inputs: Arrays,
    words: str,
    progress: Progress,
) -> Trial:
    """Convert a model and run the file beside Keras; what converters and runtimes chat is held back."""
    from app.engine import exporting
    from app.engine.export_running import open_exported
    from app.engine.export_silence import held_back

    count = len(next(iter(inputs.values())))

    def told(done: int) -> None:
        progress.update(2 + 2 * done / count, "comparing it with Keras")

    try:
        with held_back():
            fixed = exporting.convert(source.exportable, format.name, made, metadata(known))
            runner = open_exported(made, format.name)
            found = compare(source.exportable.numbers, _guarded(runner), inputs, BATCH, fixed, told)
            if not found.fault and source.entrance.is_open:
                source.notes.append(_try_other_size(source, runner, inputs, fixed))
    except ImportError as error:
        needed = " and ".join(format.packages) or "TensorFlow"
        raise ValueError(
            f"--format {format.name} needs {needed}, and something in it cannot be imported ({error}); install it "
            "again: pip install --force-reinstall -r requirements-export.txt"
        ) from error
    return Trial(made, runner, fixed, words, found)


def _try_other_size(source: Source, runner: "Runner", inputs: Arrays, fixed: int | None) -> str:
    """Run both on pictures of another size too; return what came out, in words."""
    pictures = inputs[source.image.name]
    height, width, channels = source.entrance.size_of(pictures)
    larger = (height + LARGER, width + LARGER, channels)
    others = source.entrance.enter(source.opened.scaled(random_pictures(larger, 2)))
    sizes = f"{height}×{width}"
    try:
        one = {**{name: array[:2] for name, array in inputs.items()}, source.image.name: others}
        fault = compare(source.exportable.numbers, runner.run, one, BATCH, fixed).fault
    except Exception:  # whatever a runtime stumbles over
        fault = "it cannot be run"
    if fault:
        return f"the file takes pictures of {sizes} alone, though the model takes others"
    return f"the file takes pictures of any size: {sizes} and {larger[0]}×{larger[1]} were tried"


def _guarded(runner: "Runner") -> Callable[[Arrays], Arrays]:
    """Return what runs the file; where the runtime fails, the message says so."""

    def run(arrays: Arrays) -> Arrays:
        try:
            return runner.run(arrays)
        except Exception as error:  # whatever a runtime stumbles over
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            count = len(next(iter(arrays.values())))
            raise CheckFailedError(
                f"the exported file is not left: {runner.runtime} cannot run it on a batch of {count}: {first}"
            ) from error

    return run
