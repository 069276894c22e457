"""python -m app.saliency: see what a trained network looks at, and how far to trust the picture."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.commands.door import shown
from app.datasets.subjects import Subject
from app.files.saved import SavedModel, find_model
from app.saliency.faith_tests import run_map_tests
from app.saliency.options import SectionedDoor, map_options
from app.saliency.output import leave_results, slug
from app.saliency.request import MapRequest, Shape, choose_subjects
from app.saliency.run import explain_pixels, load_replay

if TYPE_CHECKING:
    from app.engine.replay.steps import Replay
    from app.maps.explain import Explanation

MOST_CLASSES = 100
"""Rows that one picture can hold."""


@click.command(cls=SectionedDoor, epilog="Example: python -m app.saliency --model mnist --class 3")
@map_options
def main(**options: Any) -> None:
    """Draw what a network looks at: gradients, class-activation maps and their family.

    The maps explain the logit of a class, whatever way the model spells its softmax. With each map
    comes its verdict: what the network predicts, which tensor the map is made of, its largest raw
    value, and whether there was any evidence at all.
    """
    request = MapRequest(**options)
    request.check()
    saved = find_model(request.name)
    request.check_model(saved)
    shape: Shape | None = saved.input_shape
    classes, model = saved.classes, None
    is_quantity = request.regression or saved.may_be_regression  # then one unit is one, not two
    if shape is None or classes is None or is_quantity:  # paper does not tell: load it now
        model = load_replay(request, saved)
        shape, classes = model.image_shape, model.classes
    if len(shape) != 3:
        raise ValueError(f"{saved.path} takes inputs of shape {shape}, not images")
    if request.all_classes and classes > MOST_CLASSES:
        raise ValueError(
            f"--all-classes draws a row for each class, up to {MOST_CLASSES}; the network has "
            f"{classes:,}: give --class"
        )
    names = saved.class_names(classes)
    wanted = request.find_class(request.class_text, names)
    against = request.find_class(request.against_text, names)
    if against is not None and against == wanted:
        raise ValueError(f"--class and --against are the same class, {names[against]}")
    if request.image_folder is not None:
        from app.saliency.folder import explain_folder

        explain_folder(request, saved, model or load_replay(request, saved), wanted, against)
        return
    subjects = choose_subjects(request, saved, shape, classes, wanted)
    if request.over_epochs:
        explain_epochs(request, saved, subjects[0], wanted, against)
        return
    targets = list(range(classes)) if request.all_classes else [wanted]
    explain_once(request, saved, model or load_replay(request, saved), subjects, (targets, against))


def explain_once(
    request: MapRequest,
    saved: SavedModel,
    model: "Replay",
    subjects: list[Subject],
    asked: tuple[Sequence[int | None], int | None],
) -> None:
    """Make all maps together, print their verdicts, draw them and keep them.

    `asked` holds the classes to explain, None for the predicted one, and the class they are held
    against. One subject may be explained for several classes, and one class in several subjects.
    """
    from app.maps.explainer import Explainer

    targets, against = asked
    if len(subjects) < len(targets):
        subjects = subjects * len(targets)
    targets = list(targets) * (len(subjects) // len(targets))
    images = np.stack([subject.pixels for subject in subjects])
    explainer = Explainer(model, request.memory)
    explainer.check_size(images.shape[1:])
    results = explain_pixels(request, saved, explainer, images, (targets, against))
    explained = {result.prediction.explained_name for result in results}
    if request.all_classes:
        what = "all classes"
    else:
        what = f"class {explained.pop()}" if len(explained) == 1 else "the predicted classes"
    title = f"What {saved.path.stem} looks at: {what}"
    tested = run_map_tests(request, saved, explainer, results)
    leave_results(
        request,
        subjects,
        results,
        title,
        picture_path(request, saved, what),
        facts_of(request, saved),
        tested,
    )


def explain_epochs(
    request: MapRequest, saved: SavedModel, subject: Subject, wanted: int | None, against: int | None
) -> None:
    """Explain one image as the network saw it after each epoch, for the class that the last one sees.

    Raises:
        ValueError: no epochs were kept.
    """
    from app.engine.training.keep_epochs import epochs_folder
    from app.maps.explainer import Explainer

    folder = epochs_folder(saved.path)
    files = sorted(folder.glob("epoch-*.keras"))
    if not files:
        raise ValueError(
            f"{shown(folder)} holds no epochs; train with: python -m app.train --model "
            f"{saved.path.stem} --keep-epochs"
        )
    pixels = subject.pixels[np.newaxis]
    results: list[Explanation] = []
    for file in reversed(files):  # the last one first: it says which class is explained
        explainer = Explainer(load_replay(request, saved, file), request.memory)
        (result,) = explain_pixels(request, saved, explainer, pixels, ([wanted], against))
        wanted = result.prediction.explained_index
        results.insert(0, result)
    epochs = [int(file.stem.split("-")[1]) for file in files]
    subjects = [replace(subject, title=f"epoch {epoch}" if epoch else "before training") for epoch in epochs]
    name = results[-1].prediction.explained_name
    what = f"class {name} over {epochs[-1]} epochs"
    leave_results(
        request,
        subjects,
        results,
        f"What {saved.path.stem} looks at: {what}",
        picture_path(request, saved, what),
        facts_of(request, saved),
    )


def facts_of(request: MapRequest, saved: SavedModel) -> dict[str, Any]:
    """Return what holds for a whole run, for its report."""
    return {"model": saved.path.name, "pixels": request.pixels(saved).words()}


def picture_path(request: MapRequest, saved: SavedModel, what: str) -> Path:
    """Return where the picture goes."""
    own = request.image_path.stem if request.image_path else None
    which = own if request.index is None else f"image-{request.index}"
    parts = ("saliency", saved.path.stem, which, slug(what))
    return request.picture("-".join(part for part in parts if part) + ".png")


if __name__ == "__main__":
    main(prog_name="python -m app.saliency")
