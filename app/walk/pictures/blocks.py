"""Blocks of the classic networks, each by itself: plain and residual, inception, dense; counted on the chalkboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.counting.chalkboard import nn as chalk
from app.counting.dense_blocks import DenseBlock, find_dense_blocks
from app.counting.rows import Row, Sheet, shape_text
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from models.densenet import dense_block
from models.googlenet import inception_block

Shape = tuple[int, int, int]
BASIC: Shape = (56, 56, 64)
"""What enters the blocks of ResNet-34's first stage."""
WIDE: Shape = (56, 56, 256)
"""What enters those of ResNet-50's."""
MOST_LAYERS = 10
"""Of a dense block that is drawn."""


def _two(nn: Any, x: Any) -> Any:
    x = nn.Conv2D(64, 3, padding="same", use_bias=False, name="weights1")(x)
    x = nn.ReLU(name="relu1")(x)
    return nn.Conv2D(64, 3, padding="same", use_bias=False, name="weights2")(x)


def plain_block(nn: Any) -> Any:
    """Two 3×3 convolutions, one behind the other: y = relu(F(x))."""
    x = nn.Input(BASIC, name="x")
    return nn.Model(x, nn.ReLU(name="relu2")(_two(nn, x)), name="plain")


def residual_block(nn: Any) -> Any:
    """The same two, and what enters is added: y = relu(F(x) + x). Source: He et al. 2016, figure 2."""
    x = nn.Input(BASIC, name="x")
    return nn.Model(x, nn.ReLU(name="relu2")(nn.Add(name="sum")([_two(nn, x), x])), name="residual")


def projection_block(nn: Any) -> Any:
    """Where the map gets smaller and the channels more, a 1×1 convolution fits x: y = relu(F(x) + W·x)."""
    x = nn.Input(BASIC, name="x")
    way = nn.Conv2D(128, 3, strides=2, padding="same", use_bias=False, name="weights1")(x)
    way = nn.ReLU(name="relu1")(way)
    way = nn.Conv2D(128, 3, padding="same", use_bias=False, name="weights2")(way)
    fitted = nn.Conv2D(128, 1, strides=2, use_bias=False, name="shortcut")(x)
    return nn.Model(x, nn.ReLU(name="relu2")(nn.Add(name="sum")([way, fitted])), name="projection")


def bottleneck_block(nn: Any) -> Any:
    """1×1, 3×3 and 1×1 convolutions: few channels where the kernel is large. Source: He et al. 2016, figure 5."""
    x = nn.Input(WIDE, name="x")
    way = nn.Conv2D(64, 1, use_bias=False, name="reduce")(x)
    way = nn.ReLU(name="relu1")(way)
    way = nn.Conv2D(64, 3, padding="same", use_bias=False, name="weights")(way)
    way = nn.ReLU(name="relu2")(way)
    way = nn.Conv2D(256, 1, use_bias=False, name="expand")(way)
    return nn.Model(x, nn.ReLU(name="relu3")(nn.Add(name="sum")([way, x])), name="bottleneck")


BLOCKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "plain": (plain_block, "y = relu(F(x))"),
    "residual": (residual_block, "y = relu(F(x) + x)"),
    "projection": (projection_block, "y = relu(F(x) + W·x)"),
    "bottleneck": (bottleneck_block, "y = relu(F(x) + x)"),
    "inception": (inception_block, "four ways side by side, joined"),
    "dense": (dense_block, "each layer reads all maps before it"),
}


@dataclass(frozen=True)
class Block:
    """One block, counted."""

    name: str
    rule: str
    sheet: Sheet

    @property
    def result(self) -> str:
        """What its rule calls what comes out, `y`; "" where it has no name."""
        name, sign, _ = self.rule.partition(" = ")
        return name if sign else ""

    @property
    def dense(self) -> DenseBlock | None:
        """Its dense block, if it is one."""
        found = find_dense_blocks(self.sheet)
        return found[0] if found else None

    def sentences(self) -> tuple[str, ...]:
        """Return what it comes to."""
        total = f"{self.sheet.trainable:,} parameters" if self.name != "dense" else ""
        if self.dense is None:
            return (f"{self.name}: {self.rule}; {total}.",)
        layers = [self.sheet.row(name) for name in self.dense.layers]
        enters = self.sheet.row(self.dense.source).output_shape[-1]
        growth = layers[0].output_shape[-1]
        count = len(layers)
        return (
            f"{count} layers, {self.dense.connections.sum_line()} direct connections.",
            f"Growth rate {growth}: each layer adds {growth} maps; {enters} enter, "
            f"{enters} + {count}·{growth} = {enters + count * growth} leave.",
        )


@dataclass(frozen=True)
class BlocksDrawn(ShowsReport, ShowsFigure):
    """Blocks side by side."""

    blocks: tuple[Block, ...]

    def draw(self) -> Any:
        """Return the blocks as boxes and arrows; a dense block as a row of maps joined by arcs."""
        from app.walk.pictures.figures.blocks import draw_blocks

        return draw_blocks(self.blocks)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table of the layers of each block, and what it comes to."""
        blocks: list[Any] = []
        for block in self.blocks:
            rows = tuple(
                (
                    r.name,
                    r.kind,
                    ", ".join(r.inputs),
                    shape_text(r.output_shape),
                    r.trainable.sum_line() if r.trainable else "",
                )
                for r in block.sheet.rows
            )
            blocks.append(Table(("layer", "kind", "reads", "output", "parameters"), rows, block.name))
            blocks += map(Paragraph, block.sentences())
        data = [
            {"name": b.name, "rule": b.rule, "layers": [_facts(row) for row in b.sheet.rows]}
            for b in self.blocks
        ]
        return Document("Blocks", tuple(blocks), data)


def named_blocks(
    names: Sequence[str] = (), layers: int = 5, growth: int = 4, channels: int = 6
) -> BlocksDrawn:
    """Return blocks by name, ready to be drawn.

    Args:
        names: of `BLOCKS`; none: plain and residual.
        layers: L of a dense block.
        growth: its growth rate k.
        channels: the maps that enter it.

    Raises:
        ValueError: there is no such block, or the numbers are out of range.

    >>> print(named_blocks(["dense"]).blocks[0].sentences()[0])
    5 layers, 5·(5 + 1)/2 = 15 direct connections.
    """
    if not 1 <= layers <= MOST_LAYERS or growth < 1 or channels < 1:
        raise ValueError(
            f"a dense block is drawn with 1 to {MOST_LAYERS} layers, a growth rate and channels of 1 or more, "
            f"not {layers}, {growth} and {channels}"
        )
    found = []
    for name in names or ("plain", "residual"):
        if name not in BLOCKS:
            raise ValueError(f"there is no block {name!r}; take {', '.join(BLOCKS)}")
        builder, rule = BLOCKS[name]
        is_dense = name == "dense"
        board = dense_block(chalk, layers, growth, (32, 32, channels)) if is_dense else builder(chalk)
        found.append(Block(name, rule, board.sheet()))
    return BlocksDrawn(tuple(found))


def _facts(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "reads": list(row.inputs),
        "output": [int(n) for n in row.output_shape],
        "parameters": int(row.trainable),
    }
