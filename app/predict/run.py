"""Pictures predicted: read ahead by threads, asked in batches, answered in their order, in constant memory."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from app.datasets.ahead import read_ahead
from app.datasets.reading import Piece, Reader, Ready
from app.files.listing import Listing, list_pictures
from app.maps.doubts import doubt_digits
from app.maps.explainer import Explainer
from app.maps.open_model import OpenModel
from app.maps.predictions import PicturePrediction, Predictions
from app.predict.unlike import answer_notes

Prepare = Literal["auto", "digit", "resize"]

BATCH = 32
"""Images that the network is asked of at a time, as Keras has it."""
MANY = 1000
"""Images that are reckoned with where nobody says how many."""
DIGITS = 10
"""Classes of a network that may have learnt digits."""
NO_NUMBERS = "the network puts out values that are no numbers (NaN or infinite)"


def predict_pictures(
    opened: OpenModel,
    pictures: Any,
    prepare: Prepare = "auto",
    batch_size: int = BATCH,
    threads: int | None = None,
) -> Iterator[PicturePrediction]:
    """Yield what a network says of pictures, one after the other, in their order.

    Only a few batches are in memory at any time. Pictures that cannot be read are answered with the reason.

    Args:
        opened: the model.
        pictures: a `Listing`; paths of files or of folders, or one of them; an array; or a generator of images,
            each of which is whatever `given_samples` takes.
        prepare: how pictures are fitted: `digit`, as signs of a hand; `resize`; `auto`: as the card says.
        batch_size: images that the network is asked of at a time.
        threads: that read pictures; None: as many as there are processor cores.

    Raises:
        ValueError: a folder without pictures, or a model that cannot be run.
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"batch_size is a whole number from 1, not {batch_size!r}")
    reader = reader_of(opened, prepare)
    pieces = _pieces(pictures, reader, batch_size)
    explainer = opened.explainer_for(_count(pictures, reader), batch_size)
    read = read_ahead(reader.read, pieces, 2 * batch_size, threads)
    waiting = (ready for group in read for ready in group)
    try:
        while batch := list(islice(waiting, batch_size)):
            yield from ask(opened, explainer, batch)
    finally:
        read.close()  # type: ignore[attr-defined]  # a generator


def reader_of(opened: OpenModel, prepare: Prepare) -> Reader:
    """Return what makes pictures ready for a network."""
    hint = opened.preparing_hint(prepare) if len(opened.names) == DIGITS else ""
    return Reader(opened.shape, opened.pixels, opened.ink(prepare), hint)


def predict_images(
    opened: OpenModel, images: Any, prepare: Prepare = "auto", batch_size: int = BATCH
) -> Predictions:
    """Return what a network says of images, all of them in one result.

    Args:
        opened: the model.
        images: as for `predict_pictures`, or whatever `given_samples` takes.
        prepare: how pictures are fitted.
        batch_size: images that the network is asked of at a time.

    Raises:
        ValueError: an image that was given by itself cannot be read, or none of a folder can.
    """
    said = list(predict_pictures(opened, images, prepare, batch_size))
    return as_result(opened, images, said)


def as_result(opened: OpenModel, images: Any, said: Sequence[PicturePrediction]) -> Predictions:
    """Return what was said of images as one result.

    Raises:
        ValueError: an image that was given by itself could not be read, or none of a folder.
    """
    is_of_folder = isinstance(images, (str, Path)) and Path(images).is_dir()
    answered = [each for each in said if each.values is not None]
    unread = {each.image: each.error for each in said if each.values is None}
    if unread and not (is_of_folder and answered):
        name, reason = next(iter(unread.items()))
        raise ValueError(f"{name}: {reason}" if name else reason)
    if not answered:
        raise ValueError("there are no images; give at least one")
    head = opened.model.head
    return Predictions(
        opened.name,
        tuple(each.image for each in answered),
        np.stack([each.values for each in answered if each.values is not None]),
        opened.names,
        head.kind == "value",
        tuple(each.changes for each in answered),
        tuple(each.notes for each in answered),
        unread,
        head.kind == "pixels",
    )


def _count(pictures: Any, reader: Reader) -> int:
    """Return how many images there are, or about how many."""
    if isinstance(pictures, Listing):
        return reader.count(pictures.files)
    if isinstance(pictures, (str, Path)):
        return MANY if Path(pictures).is_dir() else 1
    return len(pictures) if hasattr(pictures, "__len__") else MANY


def _pieces(pictures: Any, reader: Reader, size: int) -> Iterator[Piece]:
    """Return what is to be read of whatever somebody gives."""
    if isinstance(pictures, (str, Path)):
        pictures = [pictures]
    if isinstance(pictures, Listing):
        return reader.pieces(pictures.files, size)
    is_list = isinstance(pictures, (list, tuple))
    if is_list and pictures and all(isinstance(each, (str, Path)) for each in pictures):
        return reader.pieces(list_pictures(map(str, pictures), None, reader.shape[0] == 1).files, size)
    if isinstance(pictures, np.ndarray):
        return reader.of_array(pictures, size)
    if is_list or hasattr(pictures, "__array__") or not isinstance(pictures, Iterable):
        return iter([Piece(pictures)])
    return _of_generator(pictures)


def _of_generator(images: Iterable[Any]) -> Iterator[Piece]:
    """Yield images, or batches of them, as they come, numbered throughout."""
    number = 0
    for each in images:
        is_file = isinstance(each, (str, Path))
        yield Piece(Path(each), str(each)) if is_file else Piece(each, "", number, is_many=True)
        number += len(each) if getattr(each, "ndim", 0) == 4 else 1


def ask(opened: OpenModel, explainer: Explainer, batch: Sequence[Ready]) -> Iterator[PicturePrediction]:
    """Yield what the network says of a batch; images of one size are asked together."""
    head, answers, refused = explainer.model.head, dict[int, np.ndarray](), dict[int, str]()
    by_size: dict[tuple[int, ...], list[int]] = {}
    doubts: dict[int, str] = {}
    for i, ready in enumerate(batch):
        if ready.sample is not None:
            by_size.setdefault(ready.sample.pixels.shape, []).append(i)
    for size, numbers in by_size.items():
        try:
            explainer.check_size(size)
            samples = [sample for i in numbers if (sample := batch[i].sample)]
            inputs = opened.inputs_of(samples)
        except ValueError as error:
            refused.update((i, str(error)) for i in numbers)
            continue
        values = head.as_probabilities(explainer.outputs(inputs))
        doubts.update(zip(numbers, doubt_digits(opened, explainer, samples, values), strict=True))
        for i, row in zip(numbers, values, strict=True):
            if np.isfinite(row).all():
                answers[i] = row
            else:
                refused[i] = NO_NUMBERS
    for i, ready in enumerate(batch):
        row = answers.get(i)
        if row is None:
            yield PicturePrediction(ready.name, error=ready.error or refused[i])
        else:
            notes = (*ready.notes, *filter(None, [doubts.get(i)]), *answer_notes(row, head))
            yield PicturePrediction(ready.name, row, ready.changes, notes)
