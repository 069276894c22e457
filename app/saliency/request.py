"""What was asked of the command, in groups that travel alone; checked before anything heavy is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from app.commands.data import open_and_tell, open_data
from app.commands.inputs import ImageChoice, choose_images
from app.commands.options import take
from app.commands.outputs import OutputFiles, leave_picture, slug
from app.maps.open_model import ModelChoice, OpenModel
from app.saliency.question import MapQuestion, Presentation
from app.saliency.shard_arrays import ArrayChoice
from app.shards.dask_workers import WorkersChoice

if TYPE_CHECKING:
    from app.saliency.results import Explanations
    from app.saliency.run import MapRun


@dataclass(frozen=True)
class FaithTests:
    """Which tests of faith are done on the maps."""

    sanity: bool = False
    faithfulness: bool = False
    agree: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Those that were asked for."""
        return tuple(name for name, is_asked in vars(self).items() if is_asked)


@dataclass(frozen=True)
class MapRequest:
    """All that was asked for."""

    model: ModelChoice
    images: ImageChoice = field(default_factory=ImageChoice)
    question: MapQuestion = field(default_factory=MapQuestion)
    style: Presentation = field(default_factory=Presentation)
    tests: FaithTests = field(default_factory=FaithTests)
    files: OutputFiles = field(default_factory=OutputFiles)
    kept: ArrayChoice = field(default_factory=ArrayChoice)
    workers: WorkersChoice = field(default_factory=WorkersChoice)
    image_folder: Path | None = None
    """Every picture of it is explained, and gets a strip and a record, or a row in arrays."""
    over_epochs: bool = False
    memory: int = 1 << 30
    """Bytes for the tensors of one chunk of images."""
    restart: bool = False
    verbose: bool = False
    """Whether all of the verdicts are printed."""

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """Return the request that a command line makes; `options` are named as the fields of the groups."""
        return cls(
            take(ModelChoice, options),
            take(ImageChoice, options),
            take(MapQuestion, options),
            take(Presentation, options),
            take(FaithTests, options),
            take(OutputFiles, options),
            take(ArrayChoice, options),
            take(WorkersChoice, options),
            **options,
        )

    def check(self) -> None:
        """Refuse options that do not go together, and prepare the folders.

        Raises:
            ValueError: the first thing that is wrong.
        """
        elsewhere = self.image_folder or self.over_epochs or self.question.against_text is not None
        if self.tests.names and elsewhere:
            raise ValueError(
                f"--{self.tests.names[0]} tests maps of single classes of one model; leave out --images, "
                "--over-epochs and --against"
            )
        given = {"--restart": self.restart, "--arrays": self.kept.arrays, self.workers.option: self.workers}
        for option, is_given in given.items():
            if is_given and self.image_folder is None:
                raise ValueError(f"{option} belongs to --images; give the folder of pictures with it")
        if self.image_folder is not None and self.files.output.suffix:
            raise ValueError(
                f"--images writes many files: --output must be a folder, not {self.files.output}"
            )
        self.files.prepare()


def answer(options: dict[str, Any]) -> None:
    """Explain what the command line asks for; print the verdicts, leave the pictures and whatever else.

    Raises:
        ValueError: options that do not go together, or images that do not fit the model.
    """
    request = MapRequest.of(options)
    request.check()
    opened = OpenModel(request.model, request.memory)
    request.workers.start_loading()
    from app.saliency.run import MapRun

    run = MapRun.of(opened, request.question, request.style)
    if request.image_folder is not None:
        from app.saliency.folder import ManyPictures, explain_folder

        source, files = request.image_folder, request.files.output
        how = (request.restart, request.images, request.kept, request.workers)
        done = explain_folder(run, ManyPictures(source, files, *how))
        click.echo(done)
        if not done.finished:
            raise ValueError(f"none of the {done.pictures:,} files in {source} could be read")
        return
    seen = _explain(request, run)
    if request.tests.names:
        from app.saliency.faith_tests import run_map_tests

        data = open_data(request.images.source or run.opened.facts.data)
        tests = run_map_tests(run, seen.explained, request.tests.names, data)
        seen = replace(seen, tests=tests)
    _leave(request, seen)


def _explain(request: MapRequest, run: "MapRun") -> "Explanations":
    """Return the maps of what was asked for: an image of each class, an image over the epochs, or some images."""
    if request.question.each_class:
        return run.explain_each_class(open_and_tell(request.images.source or run.opened.facts.data))
    samples = choose_images(run.opened, request.images, run.wanted, request.question.all_classes)
    return run.explain_epochs(samples[0]) if request.over_epochs else run.explain(samples)


def _leave(request: MapRequest, seen: Any) -> None:
    """Print the verdicts, and write the pictures and whatever else was asked for."""
    from app.show.tables import make_console

    files, console = request.files, make_console()
    *lines, pixels = seen.lines() if request.verbose else seen.summary()
    for line in lines:
        console.print(line)
    click.echo(pixels)
    picture = files.picture(
        _picture_name(request.images, seen.methods if request.question.methods else (), seen)
    )
    leave_picture(seen.plot(), picture, files.is_picture)
    if seen.tests:
        first = seen.samples[0]
        for name, made in seen.tests.figures(first.pixels, first.title).items():
            leave_picture(made, picture.with_stem(f"{picture.stem}-{name}"), files.is_picture)
    files.save_raw(seen, "Raw maps")
    if files.report is not None:
        from app.commands.reports import deliver

        deliver(seen.document("html"), output=files.report)


MOST_NAMED = 3
"""Maps that the name of a picture names."""


def _picture_name(images: ImageChoice, methods: Sequence[str], seen: Any) -> str:
    """Return what the picture is called, without its ending: what was asked."""
    own = images.image_path.stem if images.image_path else None
    which = own if images.index is None else f"image-{images.index}"
    count = f"{len(seen)}-images" if images.count is not None else None
    maps = "-".join(methods) if len(methods) <= MOST_NAMED else f"{len(methods)}-maps"
    parts = ("saliency", seen.model, which, slug(seen.what.removeprefix("class ")), count, maps)
    return "-".join(part for part in parts if part)
