"""The images that a command is about."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.commands.data import open_and_tell
from app.datasets.samples import Sample, first_of_class, fit_data, test_image, test_images
from app.maps.class_matching import labels_of
from app.maps.open_model import OpenModel


@dataclass(frozen=True)
class ImageChoice:
    """Which images a model is shown."""

    image_path: Path | None = None
    index: int | None = None
    count: int | None = None
    source: str | None = None
    prepare: Literal["auto", "digit", "resize"] = "auto"


def choose_images(
    opened: OpenModel, choice: ImageChoice, wanted: int | None = None, each_class: bool = False
) -> list[Sample]:
    """Return the user's own picture, test images, or the first test image of a class or of each.

    Raises:
        ValueError: there is no such image, or it does not fit the model.
    """
    shape = opened.shape
    if choice.image_path is not None:
        from app.datasets.given import given_samples

        ink = opened.ink(choice.prepare)
        found = given_samples(choice.image_path, shape, opened.pixels, ink)
        if len(found) > 1:
            raise ValueError(f"{choice.image_path} holds {len(found):,} of them; --image is about one")
        hint = opened.preparing_hint(choice.prepare)
        if hint and found[0].before is not None:
            return [replace(found[0], caption=f"{found[0].caption}; {hint}")]
        return found
    if shape[0] == 1:
        from app.datasets.given import series_words

        raise ValueError(
            f"the network takes {series_words(shape)}; give one as --image: a .csv file with a row for "
            "each step, or a .npy file"
        )
    data = open_and_tell(opened.facts.data if choice.source is None else choice.source)
    data = fit_data(data, shape, opened.ink(choice.prepare))
    if choice.index is not None:
        return [test_image(data, choice.index)]
    labels = labels_of(data, opened.names, [] if wanted is None else [wanted])
    if choice.count is not None:
        return test_images(data, choice.count, labels[0] if labels else None)
    if each_class:
        labels = labels_of(data, opened.names, range(len(opened.names)))
    return [first_of_class(data, label) for label in labels] or [test_image(data, 0)]
