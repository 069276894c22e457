"""Receptive fields drawn: what a cell reads in every map below it, and which pixels dilated kernels touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.counting.axes import find_runs
from app.counting.rows import shape_text
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from app.walk.pictures.chains import Chain, SeenMap, network_chain, typed_chain

Place = tuple[int, ...]


@dataclass(frozen=True)
class FieldsDrawn(ShowsReport, ShowsFigure):
    """The maps of a chain, and what the chosen cell of the last one reads in each."""

    chain: Chain
    cell: Place
    maps: tuple[SeenMap, ...]

    def draw(self) -> Any:
        """Return the maps as grids beside each other; along one axis, as rows of cells joined by lines."""
        from app.walk.pictures.figures.fields import draw_grids, draw_tree

        return draw_tree(self) if len(self.cell) == 1 else draw_grids(self)

    def lines(self) -> list[list[tuple[int, int, bool]]]:
        """Return for each layer along one axis: (cell below, cell above, whether the chosen cell depends on it)."""
        found = []
        for link, below, above in zip(self.chain.links, self.maps, self.maps[1:], strict=False):
            taps = link.windows[0].taps(below.sizes[0])
            found.append([(at, o, o in above.inside[0]) for o in range(above.sizes[0]) for at in taps.at(o)])
        return found

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table: each map, and which of its cells the chosen one depends on."""
        names = ("cells",) if len(self.cell) == 1 else ("rows", "columns")
        rows = tuple(
            (each.name, shape_text(each.sizes), *map(_runs, each.inside), _count(each)) for each in self.maps
        )
        cell = ", ".join(map(str, self.cell))
        title = f"What cell {cell} behind {self.chain.name} depends on"
        table = Table(("map", "size", *(f"{name} read" for name in names), "how many"), rows, numbers=(1,))
        blocks: list[Any] = [table, Paragraph("Cells are counted from 0.")]
        if any(each.cells != each.inside for each in self.maps):
            blocks.append(
                Paragraph(
                    "Zeros of the border are read too where the kernel lies over it; they are not counted."
                )
            )
        data = [
            {"map": each.name, "size": list(each.sizes), "read": [sorted(cells) for cells in each.inside]}
            for each in self.maps
        ]
        return Document(
            title, tuple(blocks), {"chain": self.chain.name, "cell": list(self.cell), "maps": data}
        )


@dataclass(frozen=True)
class Touched:
    """One layer of a chain of dilated convolutions, on the input's pixels."""

    name: str
    field: tuple[frozenset[int], ...]
    """The pixels that its middle cell sees, along each axis."""
    dots: tuple[tuple[float, ...], ...]
    """Where the cells that it reads lie: the centres of their fields, along each axis."""


@dataclass(frozen=True)
class DotsDrawn(ShowsReport, ShowsFigure):
    """Which cells the kernel of each layer of a chain touches, and what it sees of the input."""

    chain: Chain
    layers: tuple[Touched, ...]

    def draw(self) -> Any:
        """Return a panel for each layer: dots on the cells that the kernel touches, its field coloured."""
        from app.walk.pictures.figures.fields import draw_dots

        return draw_dots(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table: each layer, what its kernel touches and how much it sees."""
        rows = tuple(
            (
                each.name,
                " ".join(f"{at:g}" for at in each.dots[0]),
                shape_text([len(dots) for dots in each.dots]),
                shape_text([len(cells) for cells in each.field]),
            )
            for each in self.layers
        )
        columns = ("layer", "rows of the taps", "taps", "pixels seen")
        data = [
            {"layer": t.name, "dots": [list(d) for d in t.dots], "seen": [sorted(c) for c in t.field]}
            for t in self.layers
        ]
        sentence = (
            "Each layer reads the map before it; a tap is drawn in the middle of what the cell there sees."
        )
        title = f"What the kernels of {self.chain.name} touch"
        return Document(title, (Table(columns, rows), Paragraph(sentence)), data)


def field_of_cell(
    layers: Sequence[str], size: str, cell: Sequence[int] | None = None, dimensions: int = 2
) -> FieldsDrawn:
    """Return what a cell behind a chain of layers reads in every map below it.

    Args:
        layers: as the calculator reads them: `conv3/2,p1`, `pool2`, `conv3,d2`.
        size: cells of the input: `5`, or `5x7`.
        cell: place in the last map; None: the middle one.
        dimensions: axes that the windows slide along, 1 or 2.

    Raises:
        ValueError: something cannot be read, or does not fit.

    >>> print([sorted(each.inside[0]) for each in field_of_cell(["conv3/2,p1", "conv3/2,p1"], "5").maps])
    [[0, 1, 2, 3], [0, 1], [0]]
    """
    return _drawn(typed_chain(layers, size, dimensions), cell)


def field_in_network(name: str, layer: str | None = None, cell: Sequence[int] | None = None) -> FieldsDrawn:
    """Return what a cell of a network's layer reads in every map below it.

    Raises:
        ValueError: there is no such network, layer or cell, or the layers up to it are no chain of windows.
    """
    return _drawn(network_chain(name, layer), cell)


def _drawn(chain: Chain, cell: Sequence[int] | None) -> FieldsDrawn:
    return FieldsDrawn(chain, chain.place(cell), chain.read_by(cell))


def touched_pixels(layers: Sequence[str], size: str | None = None) -> DotsDrawn:
    """Return the cells that the kernel of each layer touches, for its middle cell, and what this cell sees.

    Args:
        layers: as the calculator reads them; `conv3 conv3,d2 conv3,d4` is the figure of Yu and Koltun.
        size: cells of the input: `19`, or `19x21`; None: just larger than the last field.

    Raises:
        ValueError: something cannot be read, or does not fit.

    >>> [len(each.field[0]) for each in touched_pixels(["conv3", "conv3,d2", "conv3,d4"]).layers]
    [3, 7, 15]
    """
    chain = typed_chain(layers, size or _room(layers))
    fields = chain.fields()
    found = []
    for number, link in enumerate(chain.links, 1):
        inner, outer = fields[number - 1].axes, fields[number].axes
        middle = [(len(axis.cells) - 1) // 2 for axis in outer]
        dots = tuple(
            tuple(axis.centre(at) for at in window.taps(len(axis.cells)).at(o))
            for axis, window, o in zip(inner, link.windows, middle, strict=True)
        )
        seen = tuple(_pixels(axis.cells[o]) for axis, o in zip(outer, middle, strict=True))
        found.append(Touched(link.text, seen, dots))
    return DotsDrawn(chain, tuple(found))


def _room(layers: Sequence[str]) -> str:
    """Return an input a little larger than the last field: 2 pixels, and odd."""
    from app.counting.notation import parse_layer
    from app.counting.windows import Window

    reach, jump = 1, 1
    for text in layers:
        reach, jump = parse_layer(text, 2, Window).windows[0].widen(reach, jump)
    return str(reach + 2 + reach % 2 - 1)


def _pixels(seen: tuple[int, int]) -> frozenset[int]:
    first, bits = seen
    return frozenset(first + i for i in range(bits.bit_length()) if bits >> i & 1)


def _runs(cells: frozenset[int]) -> str:
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in find_runs(cells)) or "none"


def _count(each: SeenMap) -> str:
    sizes = [len(cells) for cells in each.inside]
    if len(sizes) == 1:
        return f"{sizes[0]:,}"
    return f"{shape_text(sizes)} = {sizes[0] * sizes[1]:,}"
