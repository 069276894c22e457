"""What figures are drawn for: a page, a slide, a book."""

from contextlib import AbstractContextManager

__all__ = ["on_paper"]


def on_paper(
    title: str | None = None,
    width: float | None = None,
    dpi: int = 150,
    slide: bool = False,
    verdict: bool = True,
) -> AbstractContextManager[None]:
    """Draw and save the figures inside a `with` block for a page, a slide or a book.

    Args:
        title: stands in the place of each figure's own title; `""` for none.
        width: inches; 6.3 is a page of A4 with margins. Without it a figure is as wide as it needs.
        dpi: dots an inch of PNG files, and of the pictures inside SVG and PDF files.
        slide: draw for 16:9, with letters that are read from the back row.
        verdict: whether the words below maps are drawn.

    Raises:
        ValueError: a width beyond 1 to 60 inches, dots beyond 20 to 1200, or a width for a slide.

    >>> import tempfile
    >>> import app as lab
    >>> with tempfile.TemporaryDirectory() as folder, lab.on_paper(title="LeNet-5", width=6.3, dpi=300):
    ...     path = lab.compare("lenet5", "mnist").save(f"{folder}/two.pdf")
    """
    from app.show.paper import Paper, on_paper

    return on_paper(Paper(title, width, dpi, slide, verdict))
