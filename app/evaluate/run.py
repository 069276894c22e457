"""A model asked of every image of a data set, and what it said held against the labels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.given import series_words
from app.datasets.streamed import StreamedImages
from app.evaluate.asking import AskWork, Item, ask_job
from app.evaluate.measures import Outcome
from app.evaluate.results import Evaluation, Mistake
from app.files.folders import shown
from app.maps.class_matching import match_classes
from app.maps.explainer import Explainer
from app.maps.feature_layers import feature_layers
from app.maps.open_model import OpenModel
from app.shards.columns import ColumnStore, join_columns
from app.shards.helpers import Helpers
from app.shards.running import run_job
from app.shards.shard import Shard, cut, shard_name
from app.shards.stored_images import identity, read_or_reason

if TYPE_CHECKING:
    from app.maps.explain import Explanation

Part = Literal["test", "training", "all"]
PARTS: tuple[Part, ...] = ("test", "training", "all")
BATCH = 64
"""Images that the network is asked of at a time."""
SHARD = 512
"""Images of a shard, about: whole batches."""
LONGEST = 200
"""Letters of a class's name, beyond which no picture has room for it."""
SHOWN = 12
"""Mistakes that are shown with their maps."""

Told = Callable[[float, int], None]
"""Is told how many images are done, and of how many."""


@dataclass(frozen=True)
class Asked:
    """The images that are asked about: one part of a data set, or both, one behind the other."""

    name: str
    """`test` or `training`."""
    images: "np.ndarray | StreamedImages"
    labels: np.ndarray
    """Classes of the model."""

    def title(self, number: int) -> str:
        """Return what an image is called: its file, or its number."""
        files = getattr(self.images, "files", None)
        return f"{self.name} image {number}" if files is None else shown(Path(files[number]))

    def read(self, numbers: Sequence[int]) -> list[np.ndarray | str]:
        """Return images as bytes; what cannot be read, the reason instead."""
        if isinstance(self.images, np.ndarray):
            return [self.images[i] for i in numbers]
        return [read_or_reason(self.images, i) for i in numbers]


def own_data(opened: OpenModel) -> str:
    """Return the data that a model is evaluated on where nobody says which: those that it learnt from.

    Raises:
        ValueError: they are not known, or not at hand.
    """
    found = opened.facts.data
    if found is None and opened.facts.may_be_of_digits(opened.shape):
        return "mnist"
    if found is None:
        raise ValueError(
            f"the images that {opened.name} learnt from are not at hand; say with --data which ones to use"
        )
    return found


def evaluate(
    opened: OpenModel,
    data: Dataset,
    part: Part | None = None,
    prepare: Literal["auto", "digit", "resize"] = "auto",
    mistakes: int = SHOWN,
    method: str | None = None,
    batch_size: int = BATCH,
    told: Told = lambda done, total: None,  # noqa: ARG005
    helpers: Helpers | None = None,
) -> Evaluation:
    """Ask a model about every image of a data set, and say how well it does.

    Images are fitted to the network, read ahead by threads, and never all in memory; their order is the data set's.

    Args:
        opened: the model; its outputs are classes.
        data: images with labels; classes are matched by name where both have names.
        part: which images; None: the test images, of pictures that nobody split all of them, unless the model was
            trained on some of them.
        prepare: how pictures in files are fitted.
        mistakes: how many of the worst are shown, each with a map.
        method: of the map; None: gradcam, or vanilla where the network has no maps.
        batch_size: images at a time.
        told: is told of the progress.
        helpers: who asks besides this process; the mistakes are explained here.

    Raises:
        ValueError: the outputs are no classes, the data have classes that the model has not, or no image is left.
    """
    _check(opened, data)
    matching = match_classes(opened.facts, opened.names, data)
    matching = replace(matching, names=tuple(map(_shortened, matching.names)))
    fitted = _fitted(opened, data, prepare)
    known = _knows(opened, data, fitted)
    part, why = (part, "") if part else _choose_part(data, known)
    asked = []
    if part != "test":
        asked.append(Asked("training", fitted.train_images, matching.labels(fitted.train_labels)))
    if part != "training":
        asked.append(Asked("test", fitted.test_images, matching.labels(fitted.test_labels)))
    total = sum(len(each.labels) for each in asked)
    explainer = opened.explainer_by(passes=total)
    head = explainer.model.head.kind
    if head in ("value", "pixels"):
        raise ValueError(_no_classes(head))
    outcome, places, unreadable = _ask_all(opened, asked, batch_size, helpers or Helpers(), told)
    worst = _worst(outcome, mistakes)
    shown_mistakes = _explain(opened, explainer, asked, outcome, places, worst, method, matching.names)
    notes = [note for note in (why, matching.note, _trained_on(part, known), _resized(data, fitted)) if note]
    card = opened.facts.card
    return Evaluation(
        opened.name,
        data.name,
        part,
        matching.names,
        outcome,
        tuple(asked[a].title(i) for a, i in places),
        shown_mistakes,
        tuple(notes),
        unreadable,
        card.test_accuracy if card and known and part == "test" else None,
    )


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _check(opened: OpenModel, data: Dataset) -> None:
    shape = opened.shape
    if shape[0] == 1:
        raise ValueError(f"the network takes {series_words(shape)}, and {data.name} holds images")
    if opened.facts.classes is None or opened.facts.may_be_regression:  # the layers decide what comes out
        head = opened.model.head.kind
        if head in ("value", "pixels"):
            raise ValueError(_no_classes(head))


def _no_classes(head: str) -> str:
    puts_out = "quantities" if head == "value" else "a class for each pixel"
    return f"evaluation is of networks that put an image into one class; this one puts out {puts_out}"


def _knows(opened: OpenModel, *forms: Dataset) -> bool:
    """Return whether the model was trained on a data set, in one of its forms: the hash is the one in its card."""
    card = opened.facts.card
    if card is None or not card.data.get("sha256") or tuple(card.class_names) != forms[0].class_names:
        return False
    return any(card.data["sha256"] == data.sha256 for data in forms)


def _choose_part(data: Dataset, is_known: bool) -> tuple[Part, str]:
    """Return which images are asked about where nobody says so, and why, in a sentence."""
    if data.pictures is None or not data.pictures.is_held_out:
        return "test", ""
    if is_known:
        return "test", (
            "The model was trained on the other pictures of these data: only those that were held out are used."
        )
    return (
        "all",
        "No folder says which pictures are for testing: all of them are used here, not only those held out.",
    )


def _trained_on(part: Part, is_known: bool) -> str:
    if part == "test" or not is_known:
        return ""
    these = "These images" if part == "training" else "Most of these images"
    return f"{these} are what the model was trained on: it does better on them than on new ones."


def _resized(data: Dataset, fitted: Dataset) -> str:
    if data.is_of_files or data.image_shape == fitted.image_shape:
        return ""
    before, after = ("×".join(map(str, each.image_shape)) for each in (data, fitted))
    return f"The images were fitted to the network: from {before} to {after}."


def _fitted(opened: OpenModel, data: Dataset, prepare: Literal["auto", "digit", "resize"]) -> Dataset:
    """Return the data with images as the network takes them; signs in files are prepared as predict does it."""
    sizes = zip(opened.shape, data.image_shape, strict=True)
    height, width, channels = (wanted or given for wanted, given in sizes)
    return data.fitted((height, width, channels), opened.ink(prepare) if data.is_of_files else None)


def _ask_all(
    opened: OpenModel, asked: Sequence[Asked], batch_size: int, helpers: Helpers, told: Told
) -> tuple[Outcome, list[tuple[int, int]], dict[str, str]]:
    """Return what the network says of all images, which image is which, and what could not be read."""
    total = sum(len(each.labels) for each in asked)
    job, store = None, ColumnStore()
    items = [[(which, i, int(c)) for i, c in enumerate(each.labels)] for which, each in enumerate(asked)]
    facts: tuple[Any, ...] = ()
    if helpers.workers:
        job, items = ask_job(helpers, opened, batch_size, [(each.images, each.labels) for each in asked])
        store, facts = ColumnStore(job.folder), job.facts
    shards = list(_shards(items, batch_size, facts))
    waiting = [shard for shard in shards if not store.has(shard.name)]
    done = total - sum(len(shard.items) for shard in waiting)
    work = AskWork(opened, total, batch_size, lambda which, numbers: asked[which].read(numbers), store)
    for _ in run_job(
        job, lambda: work, iter(waiting), helpers.workers, lambda count: told(done + count, total)
    ):
        pass
    return _joined(asked, store, [shard.name for shard in shards])


def _shards(items: Sequence[Sequence[Item]], batch_size: int, facts: Sequence[Any]) -> Iterator[Shard]:
    """Yield the images in shards of whole batches; without facts they are called by their numbers alone."""
    parts = [part for of_part in items for part in cut(of_part, batch_size * -(-SHARD // batch_size))]
    for number, part in enumerate(parts):
        known = [(which, identity(item), label) for which, item, label in part] if facts else []
        yield Shard(shard_name(number, *facts, known), part)


def _joined(
    asked: Sequence[Asked], store: ColumnStore, shards: Sequence[str]
) -> tuple[Outcome, list[tuple[int, int]], dict[str, str]]:
    every = [(which, i) for which, each in enumerate(asked) for i in range(len(each.labels))]
    columns = join_columns(store.get(name) for name in shards)
    errors = columns["error"]
    unreadable = {asked[a].title(i): str(errors[row]) for row, (a, i) in enumerate(every) if errors[row]}
    rows = np.flatnonzero(errors == "")
    if not len(rows):
        reason = next(iter(unreadable.values()), "there is none")
        raise ValueError(f"no image could be read: {reason}")
    outcome = Outcome(**{name: columns[name][rows] for name in Outcome.__dataclass_fields__})
    return outcome, [every[row] for row in rows], unreadable


def _worst(outcome: Outcome, count: int) -> list[int]:
    """Return the mistakes that the network was surest of, the surest first."""
    wrong = np.flatnonzero(~outcome.is_right)
    order = np.argsort(-outcome.confidence[wrong], kind="stable")[:count]
    return [int(i) for i in wrong[order]]


def _explain(
    opened: OpenModel,
    explainer: Explainer,
    asked: Sequence[Asked],
    outcome: Outcome,
    places: Sequence[tuple[int, int]],
    worst: Sequence[int],
    method: str | None,
    names: tuple[str, ...],
) -> tuple[Mistake, ...]:
    """Return mistakes with their images, each with a map for the class that it was taken for."""
    if not worst:
        return ()
    images = []
    for number in worst:
        which, i = places[number]
        images += asked[which].read([i])
    pixels = np.stack(images)
    seen = _maps(opened, explainer, pixels, [int(outcome.predicted[i]) for i in worst], method, names)
    return tuple(
        Mistake(
            asked[places[i][0]].title(places[i][1]),
            image,
            names[outcome.labels[i]],
            names[outcome.predicted[i]],
            float(outcome.confidence[i]),
            float(outcome.of_true[i]),
            explanation,
        )
        for i, image, explanation in zip(worst, pixels, seen, strict=True)
    )


def _maps(
    opened: OpenModel,
    explainer: Explainer,
    pixels: np.ndarray,
    classes: list[int],
    method: str | None,
    names: tuple[str, ...],
) -> "list[Explanation]":
    from app.maps.explain import Question, explain_images
    from app.maps.methods import METHODS

    if method is not None and method not in METHODS:
        raise ValueError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    chosen = method or ("gradcam" if feature_layers(explainer.model) else "vanilla")
    return explain_images(explainer, opened.scaled(pixels), classes, Question(names, (chosen,)))
