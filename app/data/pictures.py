"""What is shown of a folder of pictures: which ones stand for their classes, and tables of what was found out."""

from typing import Any

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.picture_notes import PictureFacts, shown
from app.show.document import Block, Table

MOST_ROWS = 6
"""Classes that get a row of pictures; of more, one picture each is shown."""
IN_A_ROW = 5
"""Pictures of each class in a row."""
MOST_CLASSES = 24
"""Classes of which a picture is shown."""
LISTED = 20
"""Files that are not used, listed one by one."""


def examples(data: Dataset) -> list[tuple[int, str]]:
    """Return which training images are shown, by their numbers, and what stands above each.

    The first few of each class, class after class; where there are many classes the first of each.
    """
    of_class = [np.flatnonzero(data.train_labels == label) for label in range(data.classes)]
    if data.classes > MOST_ROWS:
        kept = [(each, name) for each, name in zip(of_class, data.class_names, strict=True) if len(each)]
        return [(int(each[0]), name) for each, name in kept[:MOST_CLASSES]]
    many = min(IN_A_ROW, max(map(len, of_class)))
    places = [np.resize(each[:many], many) if len(each) else each for each in of_class]
    return [
        (int(place), name if i == 0 else "")
        for each, name in zip(places, data.class_names, strict=True)
        for i, place in enumerate(each)
    ]


def picture_table(data: Dataset, facts: PictureFacts, title: str) -> Table:
    """Return the table of counts, sizes and formats."""
    height, width, channels = data.image_shape
    sizes = [
        ("smallest size", facts.smallest),
        ("median size", facts.median),
        ("largest size", facts.largest),
    ]
    if facts.smallest == facts.largest and (facts.sizes == facts.sizes[0]).all():
        sizes = [("size", facts.smallest)]
    rows = [
        ("training pictures", f"{len(data.train_labels):,}"),
        ("test pictures", f"{len(data.test_labels):,}"),
        *[("files left out", f"{len(data.left_out):,}")] * bool(data.left_out),
        *((f"{name}, in pixels", f"{wide:,}×{high:,}") for name, (wide, high) in sizes),
        ("formats", ", ".join(f"{count:,} {name}" for name, count in facts.formats.items())),
        ("brought to, in pixels", f"{width:,}×{height:,}, in {'grey' if channels == 1 else 'colour'}"),
    ]
    return Table(("pictures", ""), tuple(rows), title)


def left_out_table(data: Dataset, facts: PictureFacts, most: int | None = LISTED) -> list[Block]:
    """Return the table of files that are not used, with the reasons; nothing where all are used."""
    if not data.left_out:
        return []
    listed = data.left_out[:most]
    rows = tuple((shown(facts.root, path), reason) for path, reason in listed)
    more = len(data.left_out) - len(listed)
    title = "files left out" + (f" (the first {len(listed)} of {len(data.left_out):,})" if more else "")
    return [Table(("file", "why"), rows, title, prose=(1,))]


def picture_record(data: Dataset, facts: PictureFacts) -> dict[str, Any]:
    """Return the same facts as plain values, every file by its name."""

    def names(paths: Any) -> list[str]:
        return [shown(facts.root, path) for path in paths]

    sizes = {"smallest": facts.smallest, "median": facts.median, "largest": facts.largest}
    return {
        "sizes": {name: list(size) for name, size in sizes.items()},
        "formats": facts.formats,
        "left_out": {shown(facts.root, path): reason for path, reason in data.left_out},
        "look_the_same": [names(group) for group in facts.twins],
        "in_different_classes": [names(group) for group in facts.contradictory],
        "in_both_parts": names(facts.in_both_parts),
        "misnamed": {shown(facts.root, path): format_ for path, format_ in facts.misnamed},
        "of_one_colour": names(facts.blank),
    }
