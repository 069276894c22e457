"""Pictures as SVG, written by ourselves: they need no library and are sharp at any size."""

from app.counting.rows import Sheet
from app.show.document import Drawing
from app.show.drawings.bars import draw_shares
from app.show.drawings.dense import draw_dense_blocks
from app.show.drawings.fields import draw_fields
from app.show.drawings.network import draw_network


def count_drawings(sheet: Sheet) -> list[Drawing]:
    """Return the pictures of a count: the network, its dense blocks, parameters and MACs, what maps see."""
    return [draw_network(sheet), *draw_dense_blocks(sheet), *draw_shares(sheet), *draw_fields(sheet)]


__all__ = ["count_drawings", "draw_dense_blocks", "draw_fields", "draw_network", "draw_shares"]
