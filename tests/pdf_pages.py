"""PDF files read by pypdf: the text of their pages, and where each piece of it stands."""

import io
from dataclasses import dataclass
from functools import lru_cache

from pypdf import PdfReader

from app.show.writers.pdf_layout import measure


@dataclass(frozen=True)
class Piece:
    """A piece of text on a page, in points from the lower left."""

    text: str
    x: float
    y: float
    size: float

    @property
    def right(self):
        """Where it ends, by DejaVu Sans' own widths."""
        return self.x + measure()(self.text.strip()) * self.size


@lru_cache(maxsize=4)
def pages_of(content):
    """Return (width, height, pieces) of each page."""
    found = []
    for page in PdfReader(io.BytesIO(content)).pages:
        pieces = []

        def keep(text, user, matrix, font, size, pieces=pieces):
            if text.strip():
                left = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
                up = matrix[4] * user[1] + matrix[5] * user[3] + user[5]
                pieces.append(Piece(text, left, up, size * abs(matrix[0] * user[0] + matrix[1] * user[2])))

        page.extract_text(visitor_text=keep)
        found.append((float(page.mediabox.width), float(page.mediabox.height), pieces))
    return found


@lru_cache(maxsize=4)
def text_of(content):
    """Return the text of all pages."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def outside(content):
    """Return what is cut off: pieces of text that begin or end outside of their page, and on which page."""
    return [
        (number, piece.text)
        for number, (width, height, pieces) in enumerate(pages_of(content), 1)
        for piece in pieces
        if not (piece.x >= 0 and piece.right <= width and 0 <= piece.y <= height)
    ]


def filled(content):
    """Return which share of each page's height has text on it, from the top to the last line above the foot."""
    return [
        1 - min((piece.y for piece in pieces if piece.y > 40), default=height) / height
        for _, height, pieces in pages_of(content)
    ]
