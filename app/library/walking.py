"""Calculations number by number: of one operation, or of a network."""

from collections.abc import Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.library.arguments import check_whole, class_text
from app.library.sentences import in_python
from models import CATALOGUE

if TYPE_CHECKING:
    from app.walk.results import Steps

said_in_python = in_python(**{"class": "label"})


@said_in_python
def step_through(what: Any, **settings: Any) -> "Steps":
    """Show a calculation number by number: an operation by its name, or a network on one image.

    Args:
        what: `conv`, `pool`, `transposed`, `dense`, `activation`, `softmax`, `loss` or `delta`; or whatever `lab.load`
            takes.
        settings: of an operation, those of `python -m app.walk OPERATION --help` with `_` for `-`: `image`, `kernel`,
            `stride`, `padding`, `backward`, … Arrays are arrays, rows of numbers, names as `"cross5"`, files, or texts
            as `"1 0; 0 1"`. Of a network: `image`, or `index` or `label` of a test image of `data`; `layer`, `cell`
            (row and column) and `filter` open one number.

    Returns:
        The steps: `print` writes them, a notebook shows them, `save` makes a page with a slider (`.html`), an animation
        (`.gif`) or a still of one `step` (`.png`, `.svg`, `.pdf`); `.output` is the result as an array.

    Raises:
        ValueError: there is no such operation or model, or arrays and settings that make no sense.
        TypeError: there is no such setting.

    >>> import app as lab
    >>> steps = lab.step_through("conv", image="figure1", kernel="0 1; 2 3")
    >>> steps, steps.output[..., 0].tolist()
    (<Convolution: a 2×2 kernel over 3×3: 4 steps>, [[19.0, 25.0], [37.0, 43.0]])
    >>> one = lab.step_through("mnist", index=18, layer="conv2", cell=(4, 7), filter=3)
    >>> len(one.walk.facts["terms"]), abs(one.walk.facts["value"] - one.walk.facts["network_value"]) < 1e-5
    (288, True)
    """
    from app.walk.operations import OPERATIONS
    from app.walk.results import Steps

    if isinstance(what, str) and what in OPERATIONS:
        return Steps(OPERATIONS[what](**_of_operation(what, settings)))
    unknown = [name for name in settings if name not in OF_NETWORK]
    if unknown:
        raise TypeError(f"a network has no setting {unknown[0]!r}; there are {', '.join(OF_NETWORK)}")
    if isinstance(what, str) and not Path(what).suffix and what not in CATALOGUE:
        from app.files.saved import find_model

        try:
            find_model(what)
        except ValueError:
            raise ValueError(
                f"{what!r} is no operation ({', '.join(OPERATIONS)}), no network and no file"
            ) from None
    return _through_network(what, **settings)


OF_NETWORK = ("image", "index", "label", "data", "layer", "cell", "filter", "prepare")
"""The settings of a network."""


def _of_operation(what: str, settings: dict[str, Any]) -> dict[str, Any]:
    known = KNOWN[what]
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise TypeError(f"{what} has no setting {unknown[0]!r}; there are {', '.join(known)}")
    from app.walk.operations import check_flags

    check_flags(settings)
    return {name: value for name, value in settings.items() if value is not None}


BACK = ("backward", "gradient")
SLIDING = ("image", "kernel", "bias", "stride", "padding")
KNOWN = {
    "conv": (*SLIDING, "dilation", "relu", "activation", "flip", *BACK),
    "pool": ("image", "kind", "size", "stride", "padding", *BACK),
    "transposed": (*SLIDING, "output_padding", "zeros", *BACK),
    "dense": ("inputs", "weights", "bias", "activation", *BACK),
    "activation": ("values", "name", *BACK),
    "softmax": ("logits", "backward", "target"),
    "loss": ("kind", "outputs", "targets", "backward"),
    "delta": ("inputs", "target", "hidden", "rate", "seed"),
}
"""The settings of each operation."""


def _through_network(
    model: Any,
    image: Any = None,
    index: int | None = None,
    label: int | str | None = None,
    data: Any = None,
    layer: str | None = None,
    cell: Sequence[int] | None = None,
    filter: int | None = None,
    prepare: str = "auto",
) -> "Steps":
    from app.library.model import load
    from app.walk.networks import choose_image, network_steps

    if sum(each is not None for each in (image, index, label)) > 1:
        raise ValueError("image, index and label say which image; give one of them")
    if layer is None and (cell is not None or filter is not None):
        raise ValueError("cell and filter are of a layer: give layer too")
    if prepare not in ("auto", "digit", "resize"):
        raise ValueError(f"prepare is one of auto, digit, resize, not {prepare!r}")
    if layer is not None and not isinstance(layer, str):
        raise TypeError(f"layer is a name, not {layer!r}")
    for number in () if cell is None else cell if isinstance(cell, (tuple, list)) else (cell,):
        check_whole("cell", number)
    for name, value in (("index", index), ("filter", filter)):
        if value is not None:
            check_whole(name, value)
    opened = load(model)
    chosen = choose_image(opened, image, index, class_text(label), data, prepare)
    return network_steps(opened, chosen, layer, _as_cell(cell), filter)


def _as_cell(cell: Any) -> tuple[int, ...] | None:
    return None if cell is None else tuple(cell) if isinstance(cell, (tuple, list)) else (cell,)


def illustrate(what: str, **settings: Any) -> Any:
    """Draw one of the pictures that lessons on convolutional networks need.

    Args:
        what: one of `ILLUSTRATIONS`: `curves` of activations, `fields` and `dots` of chains of layers, `stretch` of a
            transposed convolution, LeNet-5's `table`, a `block`, `growth`, `descent`, `scores`, `pixels`, `filtered`;
            `prepare` of a photographed digit; `residual`, `hopfield`, `kohonen`, `art`, `boxes`.
        settings: those of the function that makes it, see `python -m app.walk WHAT --help`.

    Returns:
        A result that shows itself: `plot`, `save`, and `print` or its steps.

    Raises:
        ValueError: there is no such picture, or settings that make no sense.
        TypeError: there is no such setting.

    >>> import app as lab
    >>> field = lab.illustrate("fields", layers=["conv3", "conv3"], size="5")
    >>> [each.sizes for each in field.maps]
    [(5, 5), (3, 3), (1, 1)]
    """
    from app.show.frames.frame import Walk
    from app.walk.results import Steps

    if not isinstance(what, str) or what not in ILLUSTRATIONS:
        raise ValueError(f"there is no picture {what!r}; there are {', '.join(ILLUSTRATIONS)}")
    module, function = ILLUSTRATIONS[what].split(".")
    make = getattr(import_module(f"app.walk.pictures.{module}"), function)
    unknown = [name for name in settings if name not in signature(make).parameters]
    if unknown:
        known = ", ".join(signature(make).parameters) or "none"
        raise TypeError(f"{what} has no setting {unknown[0]!r}; there are {known}")
    with in_python():
        found = make(**settings)
    return Steps(found) if isinstance(found, Walk) else found


ILLUSTRATIONS = {
    "curves": "curves.activation_curves",
    "fields": "fields.field_of_cell",
    "fields_of": "fields.field_in_network",
    "dots": "fields.touched_pixels",
    "stretch": "stretch.stretched_maps",
    "table": "table.connection_table",
    "block": "blocks.named_blocks",
    "growth": "growth.parameter_growth",
    "descent": "descent.descend",
    "scores": "scores.read_scores",
    "bias": "bias.taught_with_a_mark",
    "pixels": "pixels.picture_numbers",
    "filtered": "filtered.filter_pictures",
    "prepare": "prepare.prepare_picture",
    "residual": "residual.residual_walk",
    "hopfield": "hopfield.hopfield_walk",
    "kohonen": "kohonen.kohonen_map",
    "art": "art.art_walk",
    "boxes": "boxes.yolo_boxes",
}
"""The function that makes each, in `app.walk.pictures`."""
