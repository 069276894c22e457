"""Results that show themselves: printed as their report, in a notebook as a table or a picture, and saved
by the ending of a file's name.

Two mix-ins. A result that has a report defines `document`, one that has a picture defines `draw`; some have
both, and some have arrays of numbers too.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.files.atomic import replacing, write_bytes
from app.show.document import Document
from app.show.pictures import PICTURE_ENDINGS
from app.untrusted.places import verify_writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class ShowsReport:
    """A result with a report: `print` writes it, and a notebook shows it as tables."""

    def document(self, format: str = "text") -> Document:
        """Return the report, as it is for one of the formats of `app.show.writers`."""
        raise NotImplementedError

    def __str__(self) -> str:
        from app.show.tables import output_terminal, text_width
        from app.show.writers import write_document  # here: what writes no report starts without

        written = write_document(self.document(), width=text_width(), terminal=output_terminal())
        return written.rstrip("\n")

    def _repr_html_(self) -> str:
        from app.show.writers import write_fragment

        return write_fragment(self.document())

    def to_dict(self) -> Any:
        """Return the facts of the report as plain values, as JSON keeps them."""
        return json.loads(json.dumps(self.document("json").data))

    def save(self, path: str | Path) -> Path:
        """Write the result into a file, whole or not at all, and return its path; the ending decides what
        is written.

        Raises:
            ValueError: no result of this kind is written with such an ending.
        """
        return save_result(self, Path(path))


class ShowsFigure:
    """A result with a picture: a notebook shows it, and `plot` draws it into other figures."""

    def draw(self) -> "Figure":
        """Return the picture as a figure of its own, or in the place that `canvas.place_in` gives."""
        raise NotImplementedError

    def plot(self, axes: "Axes | None" = None) -> "Figure":
        """Return a matplotlib figure with the picture.

        Args:
            axes: draw in the place of these axes of your own figure, which is then returned. A picture of
                several panels needs room; a figure without a layout of its own gets matplotlib's
                `constrained` one.
        """
        from app.show.canvas import place_in

        with place_in(axes) as finished:
            return finished(self.draw())

    def _repr_png_(self) -> bytes:
        from app.show.canvas import figure_png

        return figure_png(self.plot())

    def save(self, path: str | Path) -> Path:
        """Write the picture, or what else the ending says, into a file, whole or not at all; return its path.

        Raises:
            ValueError: no result of this kind is written with such an ending.
        """
        return save_result(self, Path(path))


def save_result(result: Any, path: Path) -> Path:
    """Write a result as its report, its picture or its arrays, by the ending of `path`, which is returned.

    Raises:
        ValueError: the result has nothing that is written with such an ending.
    """
    from app.show.writers import ENDINGS

    ending = path.suffix.lower()
    verify_writable(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist")
    if ending in PICTURE_ENDINGS and hasattr(result, "plot"):
        from app.show.canvas import save_figure

        save_figure(result.plot(), path)
    elif ending == ".npz" and hasattr(result, "arrays"):
        save_arrays(result.arrays(), path)
    elif ending in ENDINGS and hasattr(result, "document"):
        return save_report(result, path)
    else:
        known = [*ENDINGS] if hasattr(result, "document") else []
        known += PICTURE_ENDINGS if hasattr(result, "plot") else []
        known += [".npz"] if hasattr(result, "arrays") else []
        raise ValueError(f"{path.name} cannot be written; use an ending of {', '.join(known)}")
    return path


def save_report(result: Any, path: Path) -> Path:
    """Write the report of a result, in the format that the ending of `path` says; return the path."""
    from app.show.writers import ENDINGS, document_bytes

    format_ = ENDINGS[path.suffix.lower()]
    write_bytes(path, document_bytes(result.document(format_), format_))
    return path


def save_arrays(arrays: Any, path: Path) -> None:
    """Write arrays by name into an `.npz` file, whole or not at all."""
    import numpy as np

    with (
        replacing(path) as temporary,
        temporary.open("wb") as file,
    ):  # NumPy would add an ending to another name
        np.savez_compressed(file, **arrays)
