"""Images explained: once, for all classes, or over the epochs of a training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.commands.outputs import shown
from app.datasets.dataset import Dataset, swap_colours
from app.datasets.samples import Sample
from app.maps.methods import METHODS
from app.maps.open_model import OpenModel
from app.saliency.each_class import first_of_each_class
from app.saliency.question import MapQuestion, Presentation
from app.saliency.results import Explanations
from models import Pixels

if TYPE_CHECKING:
    from app.maps.explain import Explanation
    from app.maps.explainer import Explainer

MOST_CLASSES = 100
"""Rows that one picture can hold."""


@dataclass(frozen=True)
class MapRun:
    """What is asked, and the model that it is asked of."""

    opened: OpenModel
    question: MapQuestion
    style: Presentation
    wanted: int | None
    """The class to explain; None: the predicted one."""
    against: int | None
    """The class that it is held against, if any."""
    images: int = 1
    """How many images are explained, or about how many; it decides who runs the network."""

    @classmethod
    def of(cls, opened: OpenModel, question: MapQuestion, style: Presentation | None = None) -> "MapRun":
        """Return the run that a question asks for, its classes found.

        Raises:
            ValueError: a number out of range, a class that the model does not have, a model that takes no images
                or has no maps for a class-activation map.
        """
        question = question.fitted_to(opened)
        if (question.all_classes or question.each_class) and len(opened.names) > MOST_CLASSES:
            option = "--each-class" if question.each_class else "--all-classes"
            raise ValueError(
                f"{option} draws a row for each class, up to {MOST_CLASSES}; the network has "
                f"{len(opened.names):,}: give --class"
            )
        wanted = opened.find_class(question.class_text)
        against = opened.find_class(question.against_text)
        if against is not None and against == wanted:
            raise ValueError(f"--class and --against are the same class, {opened.names[against]}")
        return cls(opened, question, style or Presentation(), wanted, against)

    @property
    def explainer(self) -> "Explainer":
        """The model, run by whoever is asked for."""
        asked = self.question
        each = sum(METHODS[name].passes(asked.samples, asked.steps) for name in asked.chosen_methods)
        return self.opened.explainer_by(asked.engine, self.images * (1 + each))

    @property
    def _engine(self) -> str:
        name = self.explainer.machine.name
        return f"tf-keras-vis on {name}" if self.question.engine == "tf-keras-vis" else name

    @property
    def _named(self) -> dict[str, str]:
        """Where the classes have their names from, if that is a file beside the model."""
        opened = self.opened
        file = None if opened.choice.class_names else opened.facts.names_file(len(opened.names))
        return {"class names": file.name} if file else {}

    @property
    def _assumed(self) -> str:
        return "" if self.opened.is_range_stated else ", as is usual: nothing states how"

    def facts(self, samples: Sequence[Sample]) -> dict[str, str]:
        """Return what holds for all images, for the report."""
        path = self.opened.facts.path
        given = [sample for sample in samples if sample.inputs is not None]
        as_given = "they are, not scaled" if len(given) == len(samples) else ""
        return {
            "model": self.opened.name if path is None else path.name,
            "pixels": as_given or self.opened.pixels.words() + self._assumed,
            **self._named,
            "computed by": self._engine,
        }

    def explain_samples(
        self, samples: Sequence[Sample], wanted: Sequence[int | None], explainer: "Explainer | None" = None
    ) -> "list[Explanation]":
        """Return the explanations of images.

        Args:
            samples: the images.
            wanted: the class to explain in each; None for the predicted one.
            explainer: another model of the same network; without it the run's own.
        """
        explainer = explainer or self.explainer
        from app.maps.doubts import doubt_digits, doubt_range
        from app.maps.explain import Question, explain_images
        from app.maps.feature_layers import feature_layers

        inputs = self.opened.inputs_of(samples)
        outputs = explainer.outputs(inputs)
        classes = self.classes(inputs, wanted, explainer, outputs)
        asked, style = self.question, self.style
        if (not asked.methods or "all" in asked.methods) and not feature_layers(explainer.model):
            asked = asked.without_maps("without a map of more than one cell")
        question = Question(
            self.opened.names,
            asked.chosen_methods,
            self.against,
            style.colour,
            style.is_signed,
            asked.settings(self.opened, inputs.shape[-1]),
            asked.cell,
            asked.engine,
            asked.note,
        )
        results = explain_images(explainer, inputs, classes, question, outputs)
        said = explainer.model.head.as_probabilities(outputs)
        unsure = doubt_digits(self.opened, explainer, samples, said)
        doubts = [
            (doubt, doubt_range(self.opened, explainer, sample, result.prediction.probability))
            for doubt, sample, result in zip(unsure, samples, results, strict=True)
        ]
        return [
            _in_rgb(replace(result, notes=(*filter(None, doubt), *result.notes)), self.opened.pixels)
            for result, doubt in zip(results, doubts, strict=True)
        ]

    def classes(
        self,
        inputs: np.ndarray,
        wanted: Sequence[int | None],
        explainer: "Explainer",
        outputs: np.ndarray | None = None,
    ) -> list[int]:
        """Return the class that is explained in each image: as wanted, or where None is wanted the predicted one.

        Args:
            inputs: the images.
            wanted: a class for each image, or None.
            explainer: the model.
            outputs: what it puts out for the images, where that is known already.

        Raises:
            ValueError: it is the class that it is to be held against.
        """
        found = [c for c in wanted if c is not None]
        if len(found) < len(wanted):
            outputs = explainer.outputs(inputs) if outputs is None else outputs
            predicted = explainer.model.head.as_probabilities(outputs).argmax(axis=1).tolist()
            found = [p if c is None else c for c, p in zip(wanted, predicted, strict=True)]
        if self.against is not None and self.against in found:
            name = self.opened.names[self.against]
            raise ValueError(f"--against is the class that is explained, {name}; give another one")
        return found

    def explain(self, samples: Sequence[Sample], labels: Sequence[int | None] = ()) -> Explanations:
        """Explain images: several for one class, one for all classes, or each for a class of its own.

        Args:
            samples: the images.
            labels: the class of each image; () for the class that the question names.
        """
        all_classes = self.question.all_classes
        targets: list[int | None] = [*range(len(self.opened.names))] if all_classes else [self.wanted]
        samples = list(samples)
        if self.images < len(samples) * len(targets):
            return replace(self, images=len(samples) * len(targets)).explain(samples, labels)
        if labels:
            targets = list(labels)
        elif len(samples) < len(targets):
            samples = samples * len(targets)
        targets = targets * (len(samples) // len(targets))
        self.explainer.check_size(samples[0].pixels.shape)
        results = self.explain_samples(samples, targets)
        names = {result.prediction.explained_name for result in results}
        what = f"class {names.pop()}" if len(names) == 1 else "the predicted classes"
        if labels and len(names) > 1:
            what = "several classes"
        return self._show(samples, results, "all classes" if all_classes else what)

    def explain_each_class(self, data: Dataset) -> Explanations:
        """Explain the first test image of each class for its own class.

        Raises:
            ValueError: the images do not fit the model, it has none of their classes, or puts out no class of an image.
        """
        chosen = first_of_each_class(self.opened, data)
        head = self.explainer.model.head.kind
        if head in ("value", "pixels"):
            puts_out = "quantities" if head == "value" else "a class for each pixel"
            raise ValueError(
                f"--each-class is for networks that say one class of an image; this one puts out {puts_out}"
            )
        seen = self.explain(chosen.samples, chosen.classes)
        return replace(seen, what="each class", is_of_each_class=True, note=chosen.note)

    def explain_epochs(self, sample: Sample) -> Explanations:
        """Explain one image as the network saw it after each epoch, for the class that the last one sees.

        Raises:
            ValueError: no epochs were kept.
        """
        from app.engine.training.keep_epochs import epochs_folder

        path = self.opened.facts.path
        if path is None:
            raise ValueError("a model in memory has no epochs beside it; give its file")
        folder = epochs_folder(path)
        files = sorted(folder.glob("epoch-*.keras"))
        if not files:
            raise ValueError(
                f"{shown(folder)} holds no epochs; train with: python -m app.train --model "
                f"{self.opened.name} --keep-epochs"
            )
        wanted, asked = self.wanted, self.question.engine
        results: list[Explanation] = []
        for file in reversed(files):  # the last one first: it says which class is explained
            (result,) = self.explain_samples([sample], [wanted], self.opened.load(file, asked))
            wanted = result.prediction.explained_index
            results.insert(0, result)
        epochs = [int(file.stem.split("-")[1]) for file in files]
        samples = [
            replace(sample, title=f"epoch {epoch}" if epoch else "before training") for epoch in epochs
        ]
        name = results[-1].prediction.explained_name
        return self._show(samples, results, f"class {name} over {epochs[-1]} epochs")

    def _show(self, samples: Sequence[Sample], results: "Sequence[Explanation]", what: str) -> Explanations:
        return Explanations(
            self.opened.name,
            what,
            tuple(samples),
            tuple(results),
            self.style,
            self.facts(samples),
            self.question.all_classes,
        )


def _in_rgb(result: "Explanation", pixels: Pixels) -> "Explanation":
    """Return an explanation whose maps of separate colours have them in the picture's own order."""
    maps = tuple(
        replace(each, values=swap_colours(each.values, pixels)) if each.values.ndim == 3 else each
        for each in result.maps
    )
    return replace(result, maps=maps)
