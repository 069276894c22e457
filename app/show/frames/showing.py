"""Results that hold a walk and show it: printed, in a notebook, drawn, and saved by the ending of a file's name."""

import json
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.files.atomic import replacing, write_text
from app.show.frames.frame import Walk
from app.show.frames.plain import plain_facts, plain_walk
from app.show.frames.words import step_title
from app.show.paper import PAPER, on_paper
from app.show.pictures import PICTURE_ENDINGS
from app.untrusted.places import verify_writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP_ENDINGS = (".html", ".gif", *PICTURE_ENDINGS, ".txt", ".json", ".npz")
"""Of files that a walk is saved as."""
COLUMNS = 80
"""Of a text file."""
MOST_IN_NOTEBOOK = 4_000_000
"""Characters of a page that a notebook is given to keep."""


class ShowsSteps:
    """A result with a `walk`: `print` writes its steps, and a notebook shows them with a slider."""

    walk: Walk

    def __str__(self) -> str:
        from app.show.frames.text import write_text as walk_text
        from app.show.tables import text_width

        return walk_text(self.walk, text_width()).rstrip("\n")

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own: a script in it sees nothing of the notebook."""
        from app.show.frames.page import write_page

        page = write_page(self.walk)
        if len(page) > MOST_IN_NOTEBOOK:
            return f'<pre>{escape(str(self))}</pre><p>Too large for a notebook; save("steps.html") writes a page.</p>'
        style = "width: 100%; height: 44em; border: 1px solid #bbbbbb"
        title = escape(self.walk.title)
        return f'<iframe title="{title}" sandbox="allow-scripts" style="{style}" srcdoc="{escape(page)}"></iframe>'

    def to_dict(self) -> dict[str, Any]:
        """Return the facts and the steps as plain values, as JSON keeps them; see `plain_walk`."""
        return {"facts": plain_facts(self.walk.facts), **plain_walk(self.walk)}

    def plot(self, axes: "Axes | None" = None, step: int | None = None) -> "Figure":
        """Return a matplotlib figure of one step.

        Args:
            axes: draw in the place of these axes of your own figure, which is then returned.
            step: which one, from 1; without it the last in which a window is marked.

        Raises:
            ValueError: there is no such step.
        """
        from app.show.canvas import place_in

        with place_in(axes) as finished:
            return finished(_draw_step(self.walk, step))

    def save(self, path: str | Path, step: int | None = None) -> Path:
        """Write the walk into a file, whole or not at all, and return its path; the ending decides what is written.

        `.html` is a page with a slider, `.gif` an animation (of more than 120 steps some are left out), `.png`, `.svg`
        and `.pdf` a still of one step, `.txt` all steps as text, `.json` facts and steps, `.npz` the arrays.

        Args:
            path: the file.
            step: for a still: which step, from 1; without it the last in which a window is marked.

        Raises:
            ValueError: another ending, no such step, or no arrays.
        """
        path = Path(path)
        if path.suffix.lower() not in STEP_ENDINGS:
            raise ValueError(f"{path.name} cannot be written; use an ending of {', '.join(STEP_ENDINGS)}")
        if step is not None:
            if path.suffix.lower() not in PICTURE_ENDINGS:
                raise ValueError(
                    f"{path.name} holds all steps; a single one is a {', '.join(PICTURE_ENDINGS)}"
                )
            _index(self.walk, step)
        verify_writable(path)
        if not path.parent.is_dir():
            raise FileNotFoundError(f"the folder {path.parent} does not exist")
        self._write(path, step)
        return path

    def _write(self, path: Path, step: int | None) -> None:
        ending = path.suffix.lower()
        if ending in PICTURE_ENDINGS:
            from app.show.canvas import save_figure

            figure = _draw_step(_as_asked(self.walk), step)
            with on_paper(replace(PAPER.get(), title=None)):  # the title stands in the picture already
                save_figure(figure, path)
        elif ending == ".gif":
            from app.show.frames.figures import write_animation

            write_animation(_as_asked(self.walk), path)
        elif ending == ".html":
            from app.show.frames.page import write_page

            write_text(path, write_page(self.walk))
        elif ending == ".txt":
            from app.show.frames.text import write_text as walk_text

            write_text(path, walk_text(self.walk, COLUMNS, everything=True))
        elif ending == ".json":
            written = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False) + "\n"
            write_text(path, written.encode("utf-8", "backslashreplace").decode())
        elif not self.walk.arrays:
            raise ValueError(f"{path.name} cannot be written: these steps have no arrays")
        else:
            import numpy as np

            with (
                replacing(path) as temporary,
                temporary.open("wb") as file,
            ):  # to a name, NumPy would add its ending
                np.savez_compressed(file, **self.walk.arrays)


def _as_asked(walk: Walk) -> Walk:
    """Return a walk with the title that was asked for, where one was."""
    title = PAPER.get().title
    return walk if title is None else replace(walk, title=title)


def _draw_step(walk: Walk, step: int | None) -> "Figure":
    """Return a still of a step, from 1; without a number of the one that tells most."""
    from app.show.frames.figures import draw_frame

    index = telling_step(walk) if step is None else _index(walk, step)
    frame = walk.frames[index]
    return draw_frame(frame, walk.title, step_title(frame.title, index, len(walk.frames)))


def telling_step(walk: Walk) -> int:
    """Return the index of the step that a still shows: the last with a window, which has all before it filled in."""
    for index in reversed(range(len(walk.frames))):
        if any(grid.cells_of("window") for grid in walk.frames[index].grids):
            return index
    return len(walk.frames) - 1


def _index(walk: Walk, step: int) -> int:
    count = len(walk.frames)
    if not 1 <= step <= count:
        raise ValueError(f"there is no step {step}; give one from 1 to {count}")
    return step - 1
