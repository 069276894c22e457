"""The page as a result: shown in a notebook, and saved as a file that needs nothing else."""

from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from app.files.atomic import write_text
from app.lab.bundle import page_text
from app.lab.contents import PageContents
from app.program.program import NotWrittenError
from app.untrusted.places import verify_writable

MOST_IN_NOTEBOOK = 24_000_000
"""Characters of a page that a notebook is given to keep."""


class LabPage:
    """A page on which a network is drawn for, looked into and changed on paper.

    A notebook shows it in a frame of its own; `save` writes it as one file that opens without a network.
    """

    def __init__(self, contents: PageContents) -> None:
        """Take what the page is to hold.

        Raises:
            ValueError: the page cannot compute the network by itself, or the size of its images is left open.
        """
        _ = contents.shape
        if contents.why_not and not contents.wishes.is_served:
            raise NotWrittenError(
                f"{contents.opened.facts} cannot be handed out as a page that computes by itself: {contents.why_not}"
            )
        self._contents = contents

    def __repr__(self) -> str:
        size, images = len(self.text), len(self._contents.images)
        return f"<lab page of {self._contents.opened.name}: {images} images, {size / 1e6:.1f} MB>"

    @cached_property
    def text(self) -> str:
        """The page as HTML."""
        return page_text(self.to_dict(), f"{self._contents.opened.name} · ConvLab", is_served=False)

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return self._contents.as_dict()

    def to_dict(self) -> dict[str, Any]:
        """Return what the page shows as plain values."""
        return self._plain

    def _repr_html_(self) -> str:
        """Return the page in a frame: its script sees nothing of the notebook."""
        if len(self.text) > MOST_IN_NOTEBOOK:
            return f'<p>{escape(repr(self))} is too large for a notebook; save("lab.html") writes it.</p>'
        style = "width: 100%; height: 56em; border: 1px solid #bbbbbb"
        title = escape(f"ConvLab: {self._contents.opened.name}")
        rights = 'sandbox="allow-scripts allow-downloads" allow="clipboard-write"'
        return f'<iframe title="{title}" {rights} style="{style}" srcdoc="{escape(self.text)}"></iframe>'

    def save(self, path: str | Path) -> Path:
        """Write the page into an `.html` file, whole or not at all, and return its path.

        Raises:
            ValueError: another ending.
            FileNotFoundError: there is no such folder.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"the lab page is written as .html, not {path.name}")
        verify_writable(path)
        if not path.parent.is_dir():
            raise FileNotFoundError(f"the folder {path.parent} does not exist")
        write_text(path, self.text)
        return path
