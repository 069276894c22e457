"""Shapes painted by Pillow, as quickly as an animation needs it."""

from PIL import Image, ImageDraw

from app.show.fonts import needs_cjk, pieces
from app.show.frames.shapes import FAINT, Box, Pixels, Ring, Shape, Sheet, Slant, Words, font


def paint(sheet: Sheet, scale: float, size: tuple[int, int]) -> Image.Image:
    """Return a sheet as a picture.

    Args:
        sheet: what is painted.
        scale: pixels a point.
        size: width and height of the picture in pixels; what the sheet does not fill stays white.
    """
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for shape in sheet.shapes:
        _paint(image, draw, shape, scale)
    return image


def _paint(image: Image.Image, draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    if isinstance(shape, Words):
        _write(draw, shape, scale)
        return
    if isinstance(shape, Slant):
        ends = [tuple(scale * number for number in end) for end in (shape.start, shape.end)]
        draw.line(ends, FAINT, 1)
        return
    left, top = round(shape.x * scale), round(shape.y * scale)
    right, bottom = round((shape.x + shape.width) * scale), round((shape.y + shape.height) * scale)
    if isinstance(shape, Box):
        grow = 1 if shape.edge else 0  # neighbours share the line between them
        draw.rectangle((left, top, right - 1 + grow, bottom - 1 + grow), shape.fill, shape.edge or None)
    elif isinstance(shape, Ring):
        draw.ellipse(
            (left, top, right, bottom), outline=shape.colour, width=max(1, round(shape.line * scale))
        )
    elif isinstance(shape, Pixels):
        picture = Image.fromarray(shape.colours)
        image.paste(picture.resize((right - left, bottom - top), Image.Resampling.NEAREST), (left, top))


def _write(draw: ImageDraw.ImageDraw, words: Words, scale: float) -> None:
    """Write a line; one with Chinese signs piece by piece, each with its font, all on the base line of the first."""
    size, parts, left = round(words.size * scale, 1), pieces(words.text), words.x * scale
    letters = [font(words.is_bold, size, needs_cjk(part)) for part in parts]
    if not needs_cjk(words.text):
        anchor = "mm" if words.is_centred else "lm"
        draw.text((left, words.y * scale), words.text, words.colour, letters[0], anchor)
        return
    above, below = font(words.is_bold, size).getmetrics()
    widths = [letter.getlength(part) for letter, part in zip(letters, parts, strict=True)]
    left -= sum(widths) / 2 if words.is_centred else 0
    for letter, part, width in zip(letters, parts, widths, strict=True):
        draw.text((left, words.y * scale + (above - below) / 2), part, words.colour, letter, "ls")
        left += width
