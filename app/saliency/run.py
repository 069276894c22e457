"""Images explained as they were asked for: once, or over the epochs of a training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.commands.inputs import OpenModel
from app.commands.outputs import leave_picture, shown, slug
from app.commands.reports import deliver
from app.datasets.dataset import swap_colours
from app.datasets.samples import Sample
from app.maps.methods import METHODS
from app.saliency.faith_tests import MapTests, run_map_tests
from app.saliency.request import MapRequest
from app.show.tables import make_console
from models import Pixels

if TYPE_CHECKING:
    from app.maps.explain import Explanation
    from app.maps.explainer import Explainer
    from app.maps.verdict import MapVerdict


@dataclass(frozen=True)
class MapRun:
    """A request, the model that it is about, and the classes that it names."""

    request: MapRequest
    opened: OpenModel
    wanted: int | None
    """The class to explain; None: the predicted one."""
    against: int | None
    """The class that it is held against, if any."""

    @property
    def facts(self) -> dict[str, Any]:
        """What holds for the whole run, for its report."""
        return {"model": self.opened.saved.path.name, "pixels": self.opened.pixels.words()}

    def explain_pixels(
        self, pixels: np.ndarray, wanted: Sequence[int | None], explainer: "Explainer | None" = None
    ) -> "list[Explanation]":
        """Return the explanations of images given as bytes, (images, height, width, channels).

        Args:
            pixels: the images.
            wanted: the class to explain in each; None for the predicted one.
            explainer: another model of the same network; without it the run's own.
        """
        explainer = explainer or self.opened.explainer
        from app.maps.explain import Question, explain_images

        inputs = self.opened.scaled(pixels)
        if None in wanted:
            predicted = explainer.predicted_classes(inputs)
            wanted = [p if c is None else c for c, p in zip(wanted, predicted, strict=True)]
        asked, style = self.request.question, self.request.style
        question = Question(
            self.opened.saved.class_names(explainer.model.classes),
            asked.chosen_methods,
            self.against,
            style.colour,
            style.is_signed,
            asked.settings(self.opened, pixels.shape[-1]),
            asked.cell,
            asked.engine,
        )
        results = explain_images(explainer, inputs, [c for c in wanted if c is not None], question)
        return [_in_rgb(result, self.opened.pixels) for result in results]

    def explain(self, subjects: list[Sample]) -> None:
        """Make all maps together, print their verdicts, draw them and keep them.

        One subject may be explained for several classes, and one class in several subjects.
        """
        all_classes = self.request.question.all_classes
        targets = [*range(len(self.opened.names))] if all_classes else [self.wanted]
        if len(subjects) < len(targets):
            subjects = subjects * len(targets)
        targets = targets * (len(subjects) // len(targets))
        pixels = np.stack([subject.pixels for subject in subjects])
        self.opened.explainer.check_size(pixels.shape[1:])
        results = self.explain_pixels(pixels, targets)
        names = {result.prediction.explained_name for result in results}
        what = f"class {names.pop()}" if len(names) == 1 else "the predicted classes"
        tested = run_map_tests(self.request, self.opened, results)
        self.leave(subjects, results, "all classes" if all_classes else what, tested)

    def explain_epochs(self, subject: Sample) -> None:
        """Explain one image as the network saw it after each epoch, for the class that the last one sees.

        Raises:
            ValueError: no epochs were kept.
        """
        from app.engine.training.keep_epochs import epochs_folder

        folder = epochs_folder(self.opened.saved.path)
        files = sorted(folder.glob("epoch-*.keras"))
        if not files:
            raise ValueError(
                f"{shown(folder)} holds no epochs; train with: python -m app.train --model "
                f"{self.opened.stem} --keep-epochs"
            )
        wanted = self.wanted
        results: list[Explanation] = []
        for file in reversed(files):  # the last one first: it says which class is explained
            explainer = self.opened.load(file)
            (result,) = self.explain_pixels(subject.pixels[np.newaxis], [wanted], explainer)
            wanted = result.prediction.explained_index
            results.insert(0, result)
        epochs = [int(file.stem.split("-")[1]) for file in files]
        subjects = [
            replace(subject, title=f"epoch {epoch}" if epoch else "before training") for epoch in epochs
        ]
        name = results[-1].prediction.explained_name
        self.leave(subjects, results, f"class {name} over {epochs[-1]} epochs")

    def leave(
        self,
        subjects: Sequence[Sample],
        results: "Sequence[Explanation]",
        what: str,
        tested: MapTests | None = None,
    ) -> None:
        """Print the verdicts, and write the pictures and whatever else was asked for."""
        from app.maps.record import as_record, describe, save_raw
        from app.saliency.report import map_report
        from app.show.canvas import figure_svg

        files, title = self.request.files, f"What {self.opened.stem} looks at: {what}"
        headings = [f"{subject.title} ({subject.caption})" for subject in subjects]
        console = make_console()
        for line in [*describe(headings, results), *(tested.sentences() if tested else ())]:
            console.print(line)
        click.echo(f"Pixels entered as {self.facts['pixels']}")
        figure = draw(self.request, subjects, results, title, tested)
        picture = files.picture(self.picture_name(what))
        leave_picture(figure, picture)
        first = subjects[0]
        for name, made in (tested.figures(first.pixels, first.title) if tested else {}).items():
            leave_picture(made, picture.with_stem(f"{picture.stem}-{name}"))
        if files.raw is not None:
            save_raw(files.raw, np.stack([result.image for result in results]), results)
            click.echo(f"Raw maps: {shown(files.raw)}")
        if files.report is not None:
            records = [as_record(*pair) for pair in zip(headings, results, strict=True)]
            report = map_report(title, records, figure_svg(figure), self.facts)
            if tested:
                report = replace(report, blocks=(*report.blocks, *tested.blocks()))
            deliver(report, output=files.report)

    def picture_name(self, what: str) -> str:
        """Return what the picture is called, without its ending."""
        images = self.request.images
        own = images.image_path.stem if images.image_path else None
        which = own if images.index is None else f"image-{images.index}"
        parts = ("saliency", self.opened.stem, which, slug(what.removeprefix("class ")))
        return "-".join(part for part in parts if part)


def _in_rgb(result: "Explanation", pixels: Pixels) -> "Explanation":
    """Return an explanation whose maps of separate colours have them in the picture's own order."""
    maps = tuple(
        replace(each, values=swap_colours(each.values, pixels)) if each.values.ndim == 3 else each
        for each in result.maps
    )
    return replace(result, maps=maps)


def draw(
    request: MapRequest,
    subjects: Sequence[Sample],
    results: "Sequence[Explanation]",
    title: str,
    tested: MapTests | None,
) -> Any:
    """Return all maps in one matplotlib figure; a map that failed a test says so."""
    from app.maps.figures import Line, MapStyle, Panel, draw_maps

    style, labels = request.style, tested.labels() if tested else {}
    lines = []
    for subject, result in zip(subjects, results, strict=True):
        panels = []
        for each in result.maps:
            said = "; ".join(filter(None, [each.verdict.caption(), labels.get(each.method)]))
            name = METHODS[each.method].title
            panels.append(
                Panel(name.replace("|", "") if style.is_signed else name, said, each, style.is_signed)
            )
        caption = f"{subject.caption}; {result.prediction.sentence()}"
        heading = subject.title
        if request.question.all_classes:
            heading, caption = f"class {result.prediction.explained_name}", f"{heading}, {caption}"
        lines.append(Line(subject.pixels, heading, caption, tuple(panels), result.unseen))
    return draw_maps(lines, title, _notes(results), MapStyle(style.palette, style.overlay))


def _notes(results: "Sequence[Explanation]") -> list[str]:
    """Return what is said below the figure, each thing once, with whose map it is about."""
    verdicts = [each.verdict for result in results for each in result.maps]
    own: dict[str, list[MapVerdict]] = {}
    for verdict in verdicts:
        for note in verdict.notes:
            own.setdefault(note, []).append(verdict)
    lines = [f"{_whose(about)}: {note}" for note, about in own.items()]
    common = [note for result in results for note in result.notes]
    if len(results) > 1:  # what is true of one image only is said in the terminal
        common = [note for note in common if "saturated" not in note]
        lines = [line for line, about in zip(lines, own.values(), strict=True) if len(about) > 1]
    return list(dict.fromkeys([*lines, *common]))


def _whose(verdicts: "Sequence[MapVerdict]") -> str:
    return ", ".join(dict.fromkeys(METHODS[verdict.method].label for verdict in verdicts))
