"""Pictures of networks: the network itself by matplotlib, what belongs to a table as SVG written by ourselves."""

from app.counting.rows import Sheet
from app.show.document import Drawing
from app.show.drawings.bars import draw_shares
from app.show.drawings.dense import draw_dense_blocks
from app.show.drawings.fields import draw_fields
from app.show.drawings.network import network_drawing


def count_drawings(sheet: Sheet) -> list[Drawing]:
    """Return the pictures that follow a count: its dense blocks, parameters and MACs, what maps see."""
    return [*draw_dense_blocks(sheet), *draw_shares(sheet), *draw_fields(sheet)]


__all__ = ["count_drawings", "draw_dense_blocks", "draw_fields", "draw_shares", "network_drawing"]
