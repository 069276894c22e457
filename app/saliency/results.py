"""Images explained, as a result that shows itself: maps, verdicts, figure, report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.samples import Sample
from app.maps.methods import METHODS
from app.maps.overlay import last_colour
from app.maps.verdict import percent
from app.saliency.photographs import LAST_COLOUR, headline, photograph_of
from app.saliency.question import Presentation
from app.saliency.report import map_report
from app.show.document import PAGES, Document
from app.show.results import ShowsFigure, ShowsReport

if TYPE_CHECKING:
    from app.maps.explain import Explanation
    from app.maps.figures.panels import Line, MapStyle
    from app.maps.verdict import MapVerdict, Prediction
    from app.saliency.faith_tests import MapTests


@dataclass(frozen=True, repr=False, eq=False)
class Explanations(ShowsReport, ShowsFigure):
    """Why a network says what it says of some images: maps, each with its verdict.

    `print` it for the verdicts; in a notebook it is its figure. Iterate over it for one image at a time.
    """

    model: str
    """What the network is called."""
    what: str
    """What is explained: `class 3`."""
    samples: tuple[Sample, ...]
    """The images, as they are drawn."""
    explained: tuple["Explanation", ...]
    """What was found, an image each."""
    style: Presentation
    facts: dict[str, str]
    """What holds for all images: the model's file, how pixels entered."""
    is_of_all_classes: bool = False
    is_of_each_class: bool = False
    """Whether there is an image of each class, explained for its own class."""
    note: str = ""
    """What is left out, in a sentence."""
    tests: "MapTests | None" = None
    """The tests of faith that were asked for."""

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook an explanation is its figure."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the maps."""
        return tuple(each.method for each in self.explained[0].maps)

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """What was computed, by method, unscaled and signed.

        (images, rows, columns) for maps of cells as Grad-CAM's, (images, height, width, channels) for maps of
        pixels as the gradient; the arrays that `--raw` writes as `METHOD_raw`.
        """
        return self._by_method(lambda each: each.raw)

    @property
    def pictures(self) -> dict[str, np.ndarray]:
        """What the pictures show, by method, unscaled, at the image's size: (images, height, width)."""
        return self._by_method(lambda each: each.values)

    @property
    def overlay(self) -> dict[str, np.ndarray]:
        """The same as `pictures`, each scaled by its own largest magnitude: 0…1, with signs −1…1.

        Cells are placed where they look, not stretched. A map that is 0 everywhere stays so.
        """
        return self._by_method(lambda each: each.values / (each.verdict.judgement.largest or 1.0))

    @property
    def verdicts(self) -> dict[str, list["MapVerdict"]]:
        """How far each map can be trusted, by method, an image each."""
        return {
            method: [result.maps[i].verdict for result in self.explained]
            for i, method in enumerate(self.methods)
        }

    @property
    def predictions(self) -> list["Prediction"]:
        """What the network says of each image."""
        return [result.prediction for result in self.explained]

    def _by_method(self, read: Any) -> dict[str, np.ndarray]:
        return {
            method: np.stack([read(result.maps[i]) for result in self.explained])
            for i, method in enumerate(self.methods)
        }

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int | slice) -> "Explanations":
        chosen = number if isinstance(number, slice) else slice(number, number + 1 or None)
        samples, explained = self.samples[chosen], self.explained[chosen]
        if not samples:
            raise IndexError(f"there is no image {number}; there are 0 to {len(self) - 1}")
        names = {each.prediction.explained_name for each in explained}
        what = f"class {names.pop()}" if len(names) == 1 else self.what
        return replace(self, what=what, samples=samples, explained=explained, tests=None)

    def __iter__(self) -> Iterator["Explanations"]:
        return (self[number] for number in range(len(self)))

    def __repr__(self) -> str:
        images = f"{len(self)} image{'s' if len(self) > 1 else ''}"
        return f"<{images} explained for {self.what} in {self.model}: {', '.join(self.methods)}>"

    def lines(self) -> list[str]:
        """Return the verdicts, and what the tests found, a line each."""
        from app.maps.record import describe

        return [
            *describe(self.headings, self.explained),
            *(self.tests.sentences() if self.tests else ()),
            *([f"{self.note[0].upper()}{self.note[1:]}"] if self.note else ()),
            self._entered(),
        ]

    def summary(self) -> list[str]:
        """Return the same in at most twelve lines, what the tests found aside; the last one says how pixels entered."""
        from app.maps.record import summarize

        notes = [*_changed(self.verdicts), *_notes(self.explained)]
        return [
            *summarize(self.headings, self.explained, notes),
            *(self.tests.sentences() if self.tests else ()),
            *([f"{self.note[0].upper()}{self.note[1:]}"] if self.note else ()),
            self._entered(),
        ]

    def _entered(self) -> str:
        """Return how pixels entered, and where the names of the classes are from."""
        what = "Values" if self.samples[0].pixels.shape[0] == 1 else "Pixels"
        names = self.facts.get("class names")
        return f"{what} entered as {self.facts['pixels']}" + (f"; class names from {names}" if names else "")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    @property
    def headings(self) -> list[str]:
        """What each image is called, and its label or what was done to it."""
        return [f"{sample.title} ({sample.caption})" for sample in self.samples]

    @property
    def title(self) -> str:
        """What the figure is called: what is seen in it."""
        network = f"the network {self.model}"
        if self.is_of_each_class:
            return f"Where {network} finds evidence for the class of each image"
        if any(said.is_quantity for said in self.predictions):
            return f"Where {network} finds what it puts out: {self.what.removeprefix('class ')}"
        if " over " in self.what:
            name, epochs = self.what.removeprefix("class ").split(" over ", 1)
            return f"How the evidence for {_named(name)} changes in {network} over {epochs}"
        found = {
            "all classes": "each of its classes",
            "the predicted classes": "the classes that it predicts",
        }
        named = found.get(self.what) or _named(self.what.removeprefix("class "))
        return f"Where {network} finds evidence for {named}"

    def document(self, format: str = "text") -> Document:
        """Return the report: a table of verdicts, and in an HTML page the figure."""
        from app.maps.record import as_record

        svg = ""
        if format in PAGES:
            from app.show.canvas import figure_svg

            svg = figure_svg(self.plot())
        records = [as_record(*pair) for pair in zip(self.headings, self.explained, strict=True)]
        report = map_report(self.title, records, svg, self.facts)
        return replace(report, blocks=(*report.blocks, *self.tests.blocks())) if self.tests else report

    def draw(self) -> Any:
        """Return all maps in one figure; a map that failed a test says so."""
        from app.maps.figures.panels import MapStyle
        from app.maps.figures.sheet import draw_maps

        style = MapStyle(self.style.palette, self.style.overlay, self.style.is_beside)
        if self.is_of_each_class:
            return self._draw_each_class(style)
        if self.is_of_all_classes and len(self) > 1:
            return self._draw_all_classes(style)
        lines, notes = self._figure_lines(), [*_changed(self.verdicts), *_notes(self.explained)]
        if style.overlay is None and any(_ends_early(line) for line in lines):
            notes = [*notes, LAST_COLOUR]
        photograph = photograph_of(self.samples[0], self.predictions[0], self.facts["pixels"])
        if len(lines) == 1 and lines[0].is_photograph and photograph is not None:
            from app.saliency.figures import draw_photograph

            title = headline(self.model, photograph, self.predictions[0])
            return draw_photograph(lines[0], photograph, title, notes, style)
        return draw_maps(lines, self.title, notes, style)

    def _draw_all_classes(self, style: "MapStyle") -> Any:
        from app.saliency.figures import draw_all_classes

        labels, changed = self.tests.labels() if self.tests else {}, _changed(self.verdicts)
        lines, beside = [], []
        for line, result in zip(self._figure_lines(), self.explained, strict=True):
            said, panels = result.prediction, line.panels
            lines.append(replace(line, panels=tuple(replace(panel, caption="") for panel in panels)))
            share = "" if said.is_quantity else f"\n{percent(said.explained_probability)}"
            found = [f"{panel.title}: {panel.map.verdict.short()}" for panel in panels]
            failed = [labels[panel.map.method] for panel in panels if panel.map.method in labels]
            name = said.explained_name
            beside.append(
                (f"{f'class {name}' if len(name) < 3 else name}{share}", "; ".join([*found, *failed]))
            )
        sample = self.samples[0]
        of_all = self.predictions[0].probabilities
        classes = of_all.shown(-1) if of_all else ()  # no class is the explained one
        lines[0] = replace(lines[0], title=sample.title, caption=sample.caption, classes=classes)
        notes = [*changed, *(note for note in _notes(self.explained) if "saturated" not in note)]
        return draw_all_classes(lines, beside, self.title, notes, style)

    def _draw_each_class(self, style: "MapStyle") -> Any:
        from app.saliency.figures import draw_each_class

        lines, labels = [], self.tests.labels() if self.tests else {}
        for line, said in zip(self._figure_lines(), self.predictions, strict=True):
            panels = []
            for panel in line.panels:
                method, headline = panel.map.method, panel.map.verdict.headline()
                caption = "; ".join(filter(None, [headline, labels.get(method)]))
                panels.append(replace(panel, title=METHODS[method].label, caption=caption))
            name, caption = said.explained_name, f"predicts {said.name} ({percent(said.probability)})"
            title = f"class {name}" if name.isdecimal() else name
            lines.append(replace(line, title=title, caption=caption, panels=tuple(panels)))
        wrong = [said.class_index != said.explained_index for said in self.predictions]
        notes = self._notes_of_all(any(wrong))
        if style.overlay is None and any(_ends_early(line) for line in lines):
            notes = [*notes, LAST_COLOUR]
        return draw_each_class(lines, wrong, self.title, notes, style)

    def _notes_of_all(self, is_any_wrong: bool) -> list[str]:
        """Return what is said below the figure of each class: what holds for all images."""
        every = [note for result in self.explained for note in dict.fromkeys(result.notes)]
        of_some = {note for note in every if every.count(note) < len(self)}
        return [
            *([] if self.style.is_signed else ["each map is scaled by itself"]),
            *(["orange: the network predicts another class"] if is_any_wrong else []),
            *([self.note] if self.note else []),
            *_changed(self.verdicts),
            *(note for note in _notes(self.explained) if note not in of_some),
        ]

    def plot(self, axes: Any = None) -> Any:
        """Return a matplotlib figure with the images and their maps.

        Args:
            axes: where to draw in your own figure, which is then returned: one `Axes` for all of it (a single map
                of a single image is drawn into it as it is), or an array of them, one a map, or one for each image
                and each map.

        Raises:
            ValueError: another number of axes.
        """
        if not isinstance(axes, (np.ndarray, list, tuple)):
            return super().plot(axes)
        from app.maps.figures.own_axes import draw_into
        from app.maps.figures.panels import MapStyle

        places = list(np.ravel(np.asarray(axes, dtype=object)))
        return draw_into(places, self._figure_lines(), MapStyle(self.style.palette, self.style.overlay))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all numbers by name, as `--raw` and `save("maps.npz")` write them."""
        from app.maps.record import raw_arrays

        return raw_arrays(np.stack([result.image for result in self.explained]), self.explained)

    def _figure_lines(self) -> "list[Line]":
        from app.maps.figures.panels import Line, Panel

        labels = self.tests.labels() if self.tests else {}
        lines = []
        for sample, result in zip(self.samples, self.explained, strict=True):
            panels = []
            for each in result.maps:
                said = "; ".join(filter(None, [each.verdict.short_caption(), labels.get(each.method)]))
                panels.append(Panel(METHODS[each.method].label, said, each, self.style.is_signed))
            prediction, caption = result.prediction, f"{sample.caption}; {result.prediction.sentence()}"
            of_all = prediction.probabilities
            classes = of_all.shown(prediction.explained_index) if of_all else ()
            lines.append(Line(sample.pixels, sample.title, caption, tuple(panels), result.unseen, classes))
        return lines


def _named(name: str) -> str:
    """Return a class as a sentence names it: `a 3`, `an 8`, `military uniform`.

    >>> _named("3"), _named("8"), _named("trouser")
    ('a 3', 'an 8', 'trouser')
    """
    if len(name) > 1:
        return name
    return f"{'an' if name in '8AEFHILMNORSX' else 'a'} {name}"


def _changed(verdicts: "dict[str, list[MapVerdict]]") -> list[str]:
    """Return where which maps clip the gradient: `guided, relu: the gradient is clipped at zero in …`."""
    of_change: dict[str, list[str]] = {}
    for method, found in verdicts.items():
        if found[0].clipped:
            of_change.setdefault(found[0].clipped, []).append(METHODS[method].label)
    return [f"{', '.join(names)}: {changed}" for changed, names in of_change.items()]


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


def _ends_early(line: "Line") -> bool:
    """Return whether the colours of any map over a photograph end below its largest value."""
    shown = [panel.map for panel in line.panels if line.is_photograph and not panel.map.is_of_cells]
    return any(
        each.values.ndim == 2 and last_colour(each.values) < each.verdict.judgement.largest for each in shown
    )


def _whose(verdicts: "Sequence[MapVerdict]") -> str:
    return ", ".join(dict.fromkeys(METHODS[verdict.method].label for verdict in verdicts))
