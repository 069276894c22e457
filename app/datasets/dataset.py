"""A data set of labelled images, checked once and then relied on."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.class_names import MOST_CLASSES, ClassNames, name_classes
from app.datasets.ink import find_ink
from models.pixels import Ink, Pixels

if TYPE_CHECKING:
    from app.datasets.picture_notes import PictureFacts
    from app.datasets.streamed import Images, StreamedImages

BLOCK = 4096
"""Images that are turned into bytes at a time."""


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Training and test images with their labels.

    Images are `uint8` of shape (count, height, width, channels); labels are integers from 0.
    """

    name: str
    source: str
    """Where it was read: a path, or `bundled`."""
    train_images: "Images"
    train_labels: np.ndarray
    test_images: "Images"
    test_labels: np.ndarray
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was found out about the files while they were read, and what was changed: a sentence each."""
    left_out: tuple[tuple[Path, str], ...] = ()
    """Files of a folder of pictures that are not used, each with the reason."""
    pictures: "PictureFacts | None" = None
    """What was found out about pictures in files; None for data of other kinds."""

    def with_training_later(self, load: Callable[[], tuple["Images", np.ndarray]]) -> "Dataset":
        """Return the same with training images and labels that `load` returns when they are first asked for."""
        data = object.__new__(type(self))
        names = {each.name for each in fields(self)} - {"train_images", "train_labels"}
        kept = {name: value for name, value in vars(self).items() if name in names}
        vars(data).update(kept, _load=load)
        return data

    def __getattr__(self, name: str) -> Any:
        """Load what was left for later; asked for whatever is not there."""
        if name not in ("train_images", "train_labels") or "_load" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        vars(self).update(zip(("train_images", "train_labels"), vars(self).pop("_load")(), strict=True))
        return vars(self)[name]

    def __repr__(self) -> str:
        train, test = len(self.train_images), len(self.test_images)
        size = _size(self.train_images)
        return f"<data set {self.name}: {train:,} training and {test:,} test images of {size}, {self.classes} classes>"

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        height, width, channels = self.test_images.shape[1:]
        return height, width, channels

    @cached_property
    def sha256(self) -> str:
        """A hash of the four arrays, shapes included: two runs saw the same data if it is the same.

        Of pictures in files it is one of the files' contents, which need not be unpacked for it.
        """
        digest = hashlib.sha256()
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            digest.update(repr(array.shape).encode())
            if isinstance(array, np.ndarray):
                digest.update(np.ascontiguousarray(array).data)
            else:
                digest.update(array.hash_sources())
        return digest.hexdigest()

    @cached_property
    def ink(self) -> Ink | None:
        """How its images hold the signs of a hand, as MNIST's do; None for other images."""
        sources = getattr(self.train_images, "sources", self.train_images)
        return find_ink(sources) if isinstance(sources, np.ndarray) else None

    @property
    def file_notes(self) -> tuple[str, ...]:
        """The notes without those that say how test images were held out of the others."""
        split = self.pictures.split_notes if self.pictures is not None else ()
        return tuple(note for note in self.notes if note not in split)

    def facts(self) -> dict[str, Any]:
        """Return what the card of a model says of the data that it learnt from, as plain values."""
        return {
            "name": self.name,
            "source": self.source,
            "sha256": self.sha256,
            "image_shape": list(self.image_shape),
            "class_names": list(self.class_names),
            "ink": self.ink and asdict(self.ink),
            "notes": list(self.notes),
        }

    @property
    def is_of_files(self) -> bool:
        """Whether its images are pictures in files, which are read and fitted when they are asked for."""
        return isinstance(getattr(self.test_images, "sources", None), tuple)

    def fitted(self, image_shape: tuple[int, int, int], ink: Ink | None = None) -> "Dataset":
        """Return the same data set with images as a network of this shape takes them, read when they are asked for.

        Images that have the shape already are left as they are. The training images of a bundled set stay unread.

        Args:
            image_shape: height, width and channels.
            ink: prepare the images as signs that are held so (`prepare_digit`).
        """
        if image_shape == self.image_shape and ink == getattr(self.test_images, "ink", None):
            return self
        load = vars(self).get("_load")
        if load is None:
            train, test = (_fit(each, image_shape, ink) for each in (self.train_images, self.test_images))
            return replace(self, train_images=train, test_images=test)
        fitted = self.with_training_later(partial(_load_fitted, load, image_shape, ink))
        vars(fitted).update(test_images=_fit(self.test_images, image_shape, ink))
        return fitted

    def with_shuffled_labels(self, seed: int) -> "Dataset":
        """Return the same images with the training labels dealt out among them at random."""
        labels = np.random.default_rng(seed).permutation(self.train_labels)
        return replace(self, name=f"{self.name}, labels shuffled", train_labels=labels)


def _fit(images: "Images", image_shape: tuple[int, int, int], ink: Ink | None) -> "StreamedImages":
    from app.datasets.streamed import StreamedImages

    sources = images.sources if isinstance(images, StreamedImages) else images
    return StreamedImages(sources, image_shape, ink)


def _load_fitted(
    load: Callable[[], tuple["Images", np.ndarray]], image_shape: tuple[int, int, int], ink: Ink | None
) -> tuple["Images", np.ndarray]:
    images, labels = load()
    return _fit(images, image_shape, ink), labels


def make_dataset(
    name: str,
    source: str,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    class_names: ClassNames | tuple[str, ...] | None = None,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """Return the data set of two (images, labels) pairs, checked.

    Grey images may lack the channel axis. Float images must lie in 0…1 and are stored as bytes.
    Labels may be integers, a column of integers, or one-hot rows. Without `class_names` the classes
    are called by their numbers. Labels that count from 1 are stored counting from 0, and a note says so.

    Raises:
        ValueError: counts, shapes, pixel values or labels do not fit; the message says which.
    """
    train_images, train_labels = _check_pair(*train, f"{source}: training")
    test_images, test_labels = _check_pair(*test, f"{source}: test")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise ValueError(
            f"{source}: training images are {_size(train_images)}, test images {_size(test_images)}"
        )
    if train_images.max() == 1 and test_images.max() <= 1:
        train_images, test_images = train_images * 255, test_images * 255
        notes = (*notes, "Pixels are 0 and 1: they were taken for black and white.")
    is_one_hot = any(labels.ndim == 2 and labels.shape[1] > 1 for _, labels in (train, test))
    labels = np.flatnonzero(np.bincount(np.concatenate([train_labels, test_labels])))
    if labels[-1] >= MOST_CLASSES:
        raise ValueError(f"{source}: there is a label {labels[-1]:,}; at most {MOST_CLASSES:,} classes")
    names = name_classes(labels.tolist(), class_names, is_one_hot, source)
    train_labels, test_labels = train_labels - names.first, test_labels - names.first
    notes = (*notes, *names.notes())
    return Dataset(name, source, train_images, train_labels, test_images, test_labels, names.names, notes)


def scale_pixels(images: Any, pixels: Pixels) -> Any:
    """Return pixels 0…255 as a network takes them: see `Pixels` for the formula.

    Bytes become float32; a float array or tensor keeps its type.

    Args:
        images: (…, channels), RGB or grey.
        pixels: what the network wants.

    Raises:
        ValueError: mean or std are for another number of channels, or grey is to be turned to BGR.
    """
    for values in (pixels.mean, pixels.std, "BGR" if pixels.order == "BGR" else ""):
        if len(values) not in (0, images.shape[-1]):
            raise ValueError(
                f"pixels as {pixels.words()} need {len(values)} channels, not {images.shape[-1]}"
            )
    if isinstance(images, np.ndarray) and images.dtype == np.uint8:
        images = images.astype(np.float32)
    low, high = pixels.range
    if (low, high) != (0.0, 255.0):
        images = images / 255.0
        images = images if (low, high) == (0.0, 1.0) else images * (high - low) + low
    images = swap_colours(images, pixels)
    number = getattr(images.dtype, "as_numpy_dtype", images.dtype)
    images = images - np.asarray(pixels.mean, number) if pixels.mean else images
    return images / np.asarray(pixels.std, number) if pixels.std else images


def black_pixel(pixels: Pixels, channels: int) -> tuple[float, ...]:
    """Return what a black pixel is worth to a network, channel by channel."""
    black: np.ndarray = scale_pixels(np.zeros(channels, np.float32), pixels)
    return tuple(map(float, black))


def as_shown(inputs: np.ndarray, pixels: Pixels) -> np.ndarray:
    """Return what a network takes as it is shown, (…, channels) of 0…1, RGB: `scale_pixels` undone."""
    low, high = pixels.range
    values = np.asarray(inputs, float)
    values = values * np.asarray(pixels.std) if pixels.std else values
    values = values + np.asarray(pixels.mean) if pixels.mean else values
    return np.asarray(swap_colours((values - low) / (high - low), pixels))


def swap_colours(images: Any, pixels: Pixels) -> Any:
    """Return (…, channels) in the network's order of the colours; of such, in RGB again."""
    return images[..., ::-1] if pixels.order == "BGR" else images


def _check_pair(images: np.ndarray, labels: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images as (count, height, width, channels) bytes and labels as a vector."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"{what} images have the shape {images.shape}; expected (count, height, width) "
            "or (count, height, width, 1 or 3)"
        )
    if not all(images.shape[1:]):
        raise ValueError(f"{what} images of the shape {images.shape} have no pixels")
    if labels.ndim == 2:
        labels = labels[:, 0] if labels.shape[1] == 1 else _from_one_hot(labels, what)
    if labels.ndim != 1:
        raise ValueError(f"{what} labels have the shape {labels.shape}; expected one per image")
    if len(images) != len(labels):
        raise ValueError(f"{what}: {len(images):,} images and {len(labels):,} labels")
    if not len(images):
        raise ValueError(f"{what}: there are no images")
    return _as_bytes(images, what), _as_labels(labels, what)


def _as_bytes(images: np.ndarray, what: str) -> np.ndarray:
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * 255
    if images.dtype.kind not in "fiu":
        raise ValueError(f"{what} images must be finite numbers, not {images.dtype}")
    low, high = float(images.min()), float(images.max())  # a NaN is the least and the largest
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{what} images must be finite numbers, not {images.dtype}")
    scale = 255 if images.dtype.kind == "f" and low >= 0 and high <= 1 else 1
    if low < 0 or high > 255:
        raise ValueError(f"{what} pixels run from {low:g} to {high:g}; expected 0…1 or 0…255")
    made = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), BLOCK):  # all at once would take the memory three times
        made[start : start + BLOCK] = np.rint(images[start : start + BLOCK] * scale)
    return made


def _from_one_hot(labels: np.ndarray, what: str) -> np.ndarray:
    if (
        labels.dtype.kind not in "iufb"
        or not ((labels == 0) | (labels == 1)).all()
        or (labels.sum(axis=1) != 1).any()
    ):
        raise ValueError(
            f"{what} labels are rows of {labels.shape[1]}, but not one-hot: each needs one 1, the rest 0. Data "
            "with several labels an image, or none, are not read here"
        )
    return labels.argmax(axis=1)


def _as_labels(labels: np.ndarray, what: str) -> np.ndarray:
    if labels.dtype.kind not in "iufb" or not np.isfinite(labels).all():
        raise ValueError(f"{what} labels must be whole numbers, not {labels.dtype}")
    if labels.dtype.kind == "f" and (labels != np.rint(labels)).any():
        raise ValueError(f"{what} labels must be whole numbers; there are fractions")
    if labels.max() >= MOST_CLASSES:
        raise ValueError(f"{what} has a label {labels.max():,}; at most {MOST_CLASSES:,} classes")
    if labels.min() < 0:
        raise ValueError(f"{what} labels must count from 0; there is a {labels.min()}")
    return labels.astype(np.int64)


def _size(images: "Images") -> str:
    return "×".join(map(str, images.shape[1:]))
