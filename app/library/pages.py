"""The lab page of a model: drawn for, looked into and changed on paper, in a notebook or as a file."""

from typing import TYPE_CHECKING, Any

from app.library.sentences import in_python

if TYPE_CHECKING:
    from app.lab.results import LabPage

said_in_python = in_python()


@said_in_python
def make_page(
    model: Any,
    images: Any = None,
    *,
    data: Any = None,
    prepare: str = "auto",
    half_precision: bool = False,
    language: str = "en",
    **loading: Any,
) -> "LabPage":
    """Make the page of `python -m app.lab`: a network that answers while one draws, with all of its arithmetic.

    The page holds the weights, and computes by itself, in a notebook or from a file without a network. When it opens,
    it compares its numbers with those that Keras computed when it was made.

    Args:
        model: whatever `load` takes, or what it returns.
        images: pictures that the page offers: files, PIL pictures or arrays, one or a list. Without them: a test image
            of each class.
        data: where test images come from, as `open_data` takes it. Without it: the data that the model learnt from.
        prepare: `auto`, `digit` or `resize`: how pictures of your own are fitted.
        half_precision: keep the weights as float16: half as large, with a note on the page.
        language: `en` or `zh`.
        loading: more arguments of `load`: `pixels`, `classes`, `image_shape`, `head` …

    Returns:
        The page: a notebook shows it, and `save("lab.html")` writes it.

    Raises:
        ValueError: there is no such model, an image that does not fit, or a network that a page cannot compute; the
            message names the layer.
        TypeError: no model, or no image.

    >>> import app as lab
    >>> page = lab.make_page("x_or_not_x")
    >>> page  # doctest: +ELLIPSIS
    <lab page of x_or_not_x: 2 images, ... MB>
    """
    from app.lab.contents import PageContents, Wishes
    from app.lab.images import choose_images
    from app.lab.results import LabPage
    from app.library.model import load

    if prepare not in ("auto", "digit", "resize"):
        raise ValueError(f"prepare is one of auto, digit, resize, not {prepare!r}")
    if language not in ("en", "zh"):
        raise ValueError(f"language is one of en, zh, not {language!r}")
    opened = load(model, **loading)
    pictures = () if images is None else images if isinstance(images, (list, tuple)) else (images,)
    chosen = choose_images(opened, data, pictures, prepare)
    return LabPage(PageContents(opened, chosen, Wishes(half_precision, False, language, prepare)))
