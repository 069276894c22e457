"""A data set that shows itself: its arrays or pictures, its class balance, its first images."""

from dataclasses import fields
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.data.pictures import IN_A_ROW, MOST_ROWS, examples, left_out_table, picture_record, picture_table
from app.datasets.augmentation import Augmentation
from app.datasets.dataset import Dataset
from app.datasets.picture_notes import left_out_note
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from app.show.tables import output_terminal, printed

MOST_LISTED = 1_000
"""Classes that a table lists."""
MOST_NOTES = 4
"""Notes in the summary."""
FIRST = 9
"""Images that are drawn."""


class ShownDataset(Dataset, ShowsReport, ShowsFigure):
    """Training and test images with their labels, as a data set that shows itself.

    `print` it for shapes, value ranges and class balance; in a notebook it is its first nine images.
    `train_images` and `test_images` are bytes, (count, height, width, channels); `train_labels` and
    `test_labels` are whole numbers from 0; `class_names` says what these are called. Of a folder of pictures it
    tells counts, sizes and formats, and which files are left out; images are read when they are asked for.
    """

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook a data set is its pictures."""

    @property
    def counts(self) -> dict[str, np.ndarray]:
        """How many images there are of each class, in training and in test."""
        parts = {"training": self.train_labels, "test": self.test_labels}
        return {part: np.bincount(labels, minlength=self.classes) for part, labels in parts.items()}

    def summary(self) -> list[str]:
        """Return what there is to know first, a line each."""
        training, test = self.counts["training"], self.counts["test"]
        least, most = int(training.argmin()), int(training.argmax())
        names = self.class_names
        held = (
            f"{len(self.train_labels):,} training and {len(self.test_labels):,} test "
            f"{'images' if self.pictures is None else 'pictures'}"
        )
        if self.pictures is None:
            held_images = np.asarray(self.train_images)
            pixels = f"of {shape_text(self.image_shape)} pixels, {held_images.min()} to {held_images.max()}"
        else:
            pixels = ", ".join(f"{count:,} {name}" for name, count in self.pictures.formats.items())
        of_class = f"{training[least]:,}"
        if training[least] < training[most]:
            of_class += f" ({names[least]}) to {training[most]:,} ({names[most]})"
        tested = f"{test.min():,}" if test.min() == test.max() else f"{test.min():,} to {test.max():,}"
        lines = [
            self.headline,
            f"{held}, {pixels}",
            f"{self.classes:,} classes, with {of_class} training and {tested} test images each",
        ]
        if self.pictures is None:
            lines.append(f"First training labels: {', '.join(self._first_labels(10))}")
        return [*lines, *self.notes[:MOST_NOTES], "Tables of the arrays, classes and files: --verbose"]

    def parts(self) -> list[Block]:
        """Return what is printed: tables and paragraphs."""
        return self._blocks()

    def __str__(self) -> str:
        return printed(self.parts(), output_terminal())

    def document(self, format: str = "text") -> Document:
        """Return shapes, value ranges, class balance, a one-hot label; in an HTML page the figure too."""
        drawings: tuple[Block, ...] = ()
        if format in PAGES:
            from app.show.canvas import figure_svg

            drawings = (Drawing(figure_svg(self.plot()), self.title),)
        return Document(self.headline, (*drawings, *self._blocks()), self._facts())

    @property
    def headline(self) -> str:
        """Its name, and where it comes from unless the name says that."""
        return self.name if self.source == self.name else f"{self.name} ({self.source})"

    @property
    def title(self) -> str:
        """What the figure is called."""
        if self.pictures is None:
            return f"{self.name}: the first nine training images and the class balance"
        which = "the first training pictures" if self.classes <= MOST_ROWS else "the first training picture"
        return f"{self.name}: {which} of each class and the class balance"

    def draw(self) -> Any:
        """Return the first nine training images, or pictures of each class, beside the share of each class."""
        from app.data.figures import draw_dataset, draw_pictures

        if self.pictures is not None:
            places, names = zip(*examples(self), strict=True)
            images = [self.train_images[place] for place in places]
            columns = len(images) // self.classes if self.classes <= MOST_ROWS else IN_A_ROW
            return draw_pictures(images, names, columns, self.counts, self.class_names, self.title)
        labels = self._first_labels(FIRST)
        first = np.asarray(self.train_images[:FIRST])
        return draw_dataset(first, labels, self.counts, self.class_names, self.title)

    def plot_augmentation(self, augmentation: str | Augmentation = "light", axes: Any = None) -> Any:
        """Return a matplotlib figure of training images beside copies as an augmentation changes them.

        Args:
            augmentation: its name (`"light"`, `"strong"`), or an `Augmentation`.
            axes: draw in the place of these axes of your own figure, which is then returned.

        Raises:
            ValueError: there is no augmentation of that name.
        """
        from app.data.augmented import show_augmentation

        return show_augmentation(self, augmentation).plot(axes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the four arrays under the names of Keras' archives: `save("mine.npz")` writes them.

        Raises:
            ValueError: pictures in files that do not fit into memory, or can no longer be read.
        """
        return {
            "x_train": np.asarray(self.train_images),
            "y_train": self.train_labels,
            "x_test": np.asarray(self.test_images),
            "y_test": self.test_labels,
        }

    def _blocks(self) -> list[Block]:
        if self.pictures is not None:
            listed = left_out_note(self.pictures.root, self.left_out)  # a table tells more
            return [
                picture_table(self, self.pictures, self.headline),
                *(Paragraph(note) for note in self.notes if note != listed),
                self._class_table(),
                *left_out_table(self, self.pictures),
            ]
        first = int(self.train_labels[0])
        one_hot = " ".join("1" if i == first else "0" for i in range(self.classes))
        if self.classes > MOST_LISTED:
            one_hot = (
                f"{self.classes:,} numbers, of which number {first:,}, counted from 0, is 1 and all others 0"
            )
        return [
            self._array_table(),
            *map(Paragraph, self.notes),
            Paragraph(f"First training labels: {', '.join(self._first_labels(10))}"),
            self._class_table(),
            Paragraph(f"One-hot: the first label, {self.class_names[first]}, becomes {one_hot}"),
        ]

    def _named_arrays(self) -> dict[str, np.ndarray]:
        names = ("training images", "training labels", "test images", "test labels")
        return dict(zip(names, self.arrays().values(), strict=True))

    def _array_table(self) -> Table:
        rows = tuple(
            (name, shape_text(array.shape), str(array.dtype), str(array.min()), str(array.max()))
            for name, array in self._named_arrays().items()
        )
        return Table(("array", "shape", "type", "from", "to"), rows, self.headline, numbers=(3, 4))

    def _class_table(self) -> Table:
        training, test = self.counts.values()
        all_training, all_test = int(training.sum()), int(test.sum())
        listed, title = range(self.classes), "class balance"
        if self.classes > MOST_LISTED:
            listed = np.flatnonzero(training + test)[:MOST_LISTED].tolist()
            title += f" ({len(listed):,} of {self.classes:,} classes: the first that have images)"
        rows = tuple(
            (
                str(i),
                self.class_names[i],
                f"{training[i]:,}",
                f"{100 * training[i] / all_training:.1f} %",
                f"{test[i]:,}",
                f"{100 * test[i] / all_test:.1f} %",
            )
            for i in listed
        )
        columns = ("class", "name", "training", "", "test", "")
        return Table(columns, rows, title, numbers=(0, 2, 3, 4, 5), prose=(1,))

    def _first_labels(self, count: int) -> list[str]:
        return [self.class_names[label] for label in self.train_labels[:count]]

    def _facts(self) -> dict[str, Any]:
        if self.pictures is not None:
            return {**self._common_facts(), "pictures": picture_record(self, self.pictures)}
        arrays = {
            name: {
                "shape": list(array.shape),
                "type": str(array.dtype),
                "from": int(array.min()),
                "to": int(array.max()),
            }
            for name, array in self._named_arrays().items()
        }
        return {**self._common_facts(), "arrays": arrays}

    def _common_facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "image_shape": list(self.image_shape),
            "class_names": list(self.class_names),
            "notes": list(self.notes),
            "counts": {part: counts.tolist() for part, counts in self.counts.items()},
        }


def show_dataset(data: Dataset) -> ShownDataset:
    """Return a data set as one that shows itself; the arrays are shared, not copied."""
    if isinstance(data, ShownDataset):
        return data
    return ShownDataset(**{field.name: getattr(data, field.name) for field in fields(Dataset)})
