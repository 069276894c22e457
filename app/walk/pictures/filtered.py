"""Pictures below kernels: the map that each kernel makes of each picture, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.scratch.layers.convolution import convolve
from app.scratch.windows import slide
from app.show.document import Document, Paragraph, Table
from app.show.frames.frame import number_text
from app.show.results import ShowsFigure, ShowsReport

MOST = 8
"""Pictures, and kernels, in one drawing."""
PADDINGS = ("valid", "same")


@dataclass(frozen=True)
class Filtered(ShowsReport, ShowsFigure):
    """Pictures, kernels, and the map of each pair."""

    pictures: Mapping[str, np.ndarray]
    """(rows, columns, channels)."""
    kernels: Mapping[str, np.ndarray]
    """(rows, columns, channels)."""
    maps: Mapping[tuple[str, str], np.ndarray]
    """By picture and kernel: (rows, columns)."""

    def draw(self) -> Any:
        """Return the kernels above, and a row for each picture with its maps."""
        from app.walk.pictures.figures.filtered import draw_filtered

        return draw_filtered(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a line for each map: its size, its largest number and where that is."""
        rows = tuple(
            (picture, kernel, shape_text(made.shape), *_peak(made), number_text(float(made.min())))
            for (picture, kernel), made in self.maps.items()
        )
        columns = ("picture", "kernel", "map", "largest", "at row, column", "smallest")
        words = "Each number is the sum of the products of the kernel with the cells below it."
        data = [
            {
                "picture": p,
                "kernel": k,
                "largest": float(m.max()),
                "at": [int(i) for i in np.unravel_index(m.argmax(), m.shape)],
            }
            for (p, k), m in self.maps.items()
        ]
        return Document(
            "What kernels find in pictures", (Table(columns, rows, numbers=(3, 5)), Paragraph(words)), data
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return each map by the names of its picture and its kernel."""
        return {f"{picture} {kernel}": made for (picture, kernel), made in self.maps.items()}


def filter_pictures(
    pictures: Mapping[str, np.ndarray], kernels: Mapping[str, np.ndarray], padding: str = "valid"
) -> Filtered:
    """Return what kernels make of pictures: correlations of stride 1, summed over the channels.

    Args:
        pictures: by name, (rows, columns) or with channels behind.
        kernels: by name, the same; one of a single channel is laid over the mean of a picture's channels.
        padding: `valid`, or `same`: zeros around keep the size.

    Raises:
        ValueError: there are none, too many, or they do not fit.

    >>> found = filter_pictures({"eye": np.eye(3)}, {"ones": np.ones((2, 2))})
    >>> found.maps["eye", "ones"].tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """
    if not (1 <= len(pictures) <= MOST and 1 <= len(kernels) <= MOST):
        raise ValueError(
            f"there are 1 to {MOST} pictures and kernels, not {len(pictures)} and {len(kernels)}"
        )
    if padding not in PADDINGS:
        raise ValueError(f"the padding is {' or '.join(PADDINGS)}, not {padding!r}")
    shown = {name: _with_channels(name, each) for name, each in pictures.items()}
    laid = {name: _with_channels(name, each) for name, each in kernels.items()}
    maps = {(p, k): _map(p, shown[p], k, laid[k], padding) for p in shown for k in laid}
    return Filtered(shown, laid, maps)


def _with_channels(name: str, values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, float)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(f"{name} has rows, columns and perhaps channels, not {shape_text(np.shape(values))}")
    return array


def _map(picture_name: str, picture: np.ndarray, name: str, kernel: np.ndarray, padding: str) -> np.ndarray:
    if kernel.shape[-1] == 1 and picture.shape[-1] > 1:
        picture = picture.mean(-1, keepdims=True)
    if kernel.shape[-1] != picture.shape[-1]:
        raise ValueError(
            f"{name} has {kernel.shape[-1]} channels, {picture_name} {picture.shape[-1]}; they must be as many, or 1"
        )
    if padding == "valid" and not all(
        k <= n for k, n in zip(kernel.shape[:2], picture.shape[:2], strict=True)
    ):
        raise ValueError(
            f"{name}, {shape_text(kernel.shape[:2])}, does not fit into {picture_name}, {shape_text(picture.shape[:2])}"
        )
    window = slide(picture.shape[:2], kernel.shape[:2], padding=padding)
    return np.asarray(convolve(picture[None], kernel[..., None], window)[0, ..., 0])


def _peak(made: np.ndarray) -> tuple[str, str]:
    row, column = np.unravel_index(int(made.argmax()), made.shape)
    return number_text(float(made.max())), f"{row}, {column}"


def drawn_mouse() -> np.ndarray:
    """Return a mouse drawn with a few strokes, 36×48, ink 50: a picture of curves for `CURVE_FILTER`.

    >>> drawn_mouse().shape, float(drawn_mouse().max())
    ((36, 48), 50.0)
    """
    t = np.linspace(0, 2 * np.pi, 720)
    strokes = [
        (22 + 9 * np.sin(t), 20 + 13 * np.cos(t)),  # body
        (12 + 5 * np.sin(t), 10 + 5 * np.cos(t)),  # ear
        (23 + 0.8 * np.sin(t), 12 + 0.8 * np.cos(t)),  # eye
        (27 - 6 * np.sin(t / 2), 32.5 + 1.8 * t),  # tail
    ]
    picture = np.zeros((36, 48))
    for rows, columns in strokes:
        picture[np.rint(rows).astype(int), np.rint(columns).astype(int)] = 50
    return picture
