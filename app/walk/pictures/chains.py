"""Chains of windows, and what one cell at the end reads in every map below it: typed, or taken from a network."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.counting.counted import open_counted
from app.counting.fields import Field
from app.counting.notation import AXES, Link, parse_axes, parse_layer
from app.counting.rows import Row, shape_text
from app.counting.windows import Window, find_windows

MOST_CELLS = 512
"""Cells along an axis of a map that is drawn."""
MOST_LAYERS = 40

IDENTITY = Window(1, padding=(0, 0))
"""The window of a layer that keeps every cell in its place."""

Cells = frozenset[int]


@dataclass(frozen=True)
class SeenMap:
    """One map of a chain, and which of its cells the chosen one depends on."""

    name: str
    """`input`, or the layer that makes it."""
    sizes: tuple[int, ...]
    """Cells along each axis."""
    cells: tuple[Cells, ...]
    """Along each axis the cells that are read; those of the border are below 0, or beyond the last one. What is read
    is their product."""
    border: tuple[tuple[int, int], ...]
    """Zeros before and after each axis, which the layer above sets around the map."""

    @property
    def inside(self) -> tuple[Cells, ...]:
        """The cells that are read without those of the border."""
        pairs = zip(self.cells, self.sizes, strict=True)
        return tuple(frozenset(cell for cell in cells if 0 <= cell < size) for cells, size in pairs)


@dataclass(frozen=True)
class Chain:
    """Layers one after the other over an input of known size."""

    name: str
    links: tuple[Link[Window], ...]
    pixels: tuple[int, ...]

    @property
    def sizes(self) -> list[tuple[int, ...]]:
        """The sizes of the input and of each map."""
        found = [self.pixels]
        for link in self.links:
            found.append(tuple(int(w.output_size(n)) for w, n in zip(link.windows, found[-1], strict=True)))
        return found

    def fields(self) -> list[Field]:
        """Return the exact receptive fields of the input's pixels and of each map's cells."""
        fields = [Field.of_image(self.pixels)]
        for link, sizes in zip(self.links, self.sizes, strict=False):
            fields.append(fields[-1].read([w.taps(n) for w, n in zip(link.windows, sizes, strict=True)]))
        return fields

    def read_by(self, cell: Sequence[int] | None = None) -> tuple[SeenMap, ...]:
        """Return every map, the input first, with the cells that one of the last map depends on.

        Args:
            cell: its place along each axis; None: the middle one.

        Raises:
            ValueError: the last map has no such cell.
        """
        sizes = self.sizes
        read = tuple(frozenset({place}) for place in self.place(cell))
        nothing = ((0, 0),) * len(self.pixels)
        maps = [SeenMap(self.links[-1].text if self.links else "input", sizes[-1], read, nothing)]
        names = ["input", *(link.text for link in self.links)]
        for link, below, name in zip(reversed(self.links), sizes[-2::-1], names[-2::-1], strict=True):
            border = tuple(_border(w, n) for w, n in zip(link.windows, below, strict=True))
            inside = maps[-1].inside
            read = tuple(_reads(w, n, cells) for w, n, cells in zip(link.windows, below, inside, strict=True))
            maps.append(SeenMap(name, below, read, border))
        return tuple(reversed(maps))

    def place(self, cell: Sequence[int] | None = None) -> tuple[int, ...]:
        """Return the place of a cell of the last map, of the middle one unless told.

        Raises:
            ValueError: there is none.
        """
        sizes = self.sizes[-1]
        chosen = tuple(cell) if cell is not None else tuple((size - 1) // 2 for size in sizes)
        if len(chosen) != len(sizes) or not all(
            0 <= at < size for at, size in zip(chosen, sizes, strict=True)
        ):
            last = "x".join(str(size - 1) for size in sizes)
            raise ValueError(
                f"the last map, {shape_text(sizes)}, has no cell {'x'.join(map(str, chosen))}; "
                f"cells are counted from 0, the last one is {last}"
            )
        return chosen


def _border(window: Window, size: int) -> tuple[int, int]:
    """Return the zeros before and after that a window reads; what it leaves unread behind is not drawn."""
    before, after = window.sides(size)
    last = (int(window.output_size(size)) - 1) * window.stride - before + window.span - 1
    return max(before, 0), max(after if not window.ceil else max(after, last - size + 1), 0)


def _reads(window: Window, size: int, cells: Cells) -> Cells:
    taps = window.taps(size)
    return frozenset(at for cell in cells for at in taps.at(cell))


def typed_chain(layers: Sequence[str], size: str, dimensions: int = 2) -> Chain:
    """Return the chain that `conv3/2,p1 pool2` says, over an input of `5` or `5x7` cells.

    Raises:
        ValueError: a layer or a size cannot be read, or a kernel does not fit.

    >>> typed_chain(["conv3/2,p1", "conv3/2,p1"], "5").sizes
    [(5, 5), (3, 3), (2, 2)]
    """
    if dimensions not in (1, 2):
        raise ValueError(f"fields are drawn along 1 or 2 axes ({', '.join(AXES[2])}), not {dimensions}")
    if not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(f"a chain has 1 to {MOST_LAYERS} layers, not {len(layers)}; write conv3 pool2 conv3")
    links = tuple(parse_layer(text, dimensions, Window) for text in layers)
    pixels = parse_axes(size, "input", dimensions, most=MOST_CELLS)
    chain = Chain(" ".join(layers), links, pixels)
    _ = chain.sizes
    return chain


def network_chain(name: str, layer: str | None = None) -> Chain:
    """Return the windows of a network, from its image up to a layer, as a chain.

    Args:
        name: of the catalogue, or a model's file, which is read as data.
        layer: the last layer; None: the last one whose cells have a place.

    Raises:
        ValueError: there is no such network or layer, or the layers up to it are no chain of windows.
    """
    sheet = open_counted(name).sheet
    rows = {row.name: row for row in sheet.rows}
    if layer is None:
        placed = [row for row in sheet.rows if row.inputs and _has_places(row)]
        if not placed:
            raise ValueError(f"{name} has no map whose cells have a place")
        layer = placed[-1].name
    links: list[Link[Window]] = []
    row = sheet.row(layer)
    while row.inputs:
        if len(row.inputs) > 1:
            raise ValueError(f"{row.name} of {name} joins {len(row.inputs)} maps; name a layer before it")
        if not _has_places(row):
            raise ValueError(f"{row.name} of {name} has no cells with a place; name a layer before it")
        windows = _windows(row, rows, name)
        if any(window != IDENTITY for window in windows):
            links.append(Link(row.name, windows))
        row = rows[row.inputs[0]]
    pixels = tuple(row.output_shape[:-1])
    if len(pixels) not in (1, 2) or max(pixels) > MOST_CELLS:
        raise ValueError(
            f"the input of {name}, {shape_text(pixels)}, is not drawn; 1 or 2 axes of at most {MOST_CELLS} are"
        )
    chain = Chain(name, tuple(reversed(links)), tuple(int(n) for n in pixels))
    if chain.fields()[-1].parts != sheet.row(layer).field.parts:  # type: ignore[union-attr]
        raise ValueError(
            f"the layers of {name} up to {layer} are no chain of windows; name a layer before it"
        )
    return chain


def _has_places(row: Row) -> bool:
    """Return whether the cells of a row's map have a place in the image; behind a flattening they have not."""
    return row.field is not None and not row.field.whole and len(row.output_shape) == len(row.field.cells) + 1


def _windows(row: Row, rows: dict[str, Row], name: str) -> tuple[Window, ...]:
    """Return the window of a layer along each axis, from its field and the field of what it reads.

    Raises:
        ValueError: it slides no window by whole cells.
    """
    found = find_windows(row, rows)
    if not found or not all(window.is_whole for window in found):
        raise ValueError(f"{row.name} of {name} slides no window; name a layer before it")
    dilation = row.arguments.get("dilation_rate", 1)
    steps = (dilation,) * len(found) if isinstance(dilation, int) else tuple(dilation)
    windows = []
    for window, step in zip(found, steps, strict=True):
        after = window.last - window.inputs + 1
        kernel = (int(window.span) - 1) // step + 1
        windows.append(Window(kernel, int(window.stride), (int(window.before), after), step))
    return tuple(windows)
