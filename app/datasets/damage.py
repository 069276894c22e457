"""What is wrong with a file that is no picture, or a damaged one, in words that are not Pillow's."""

import struct
from pathlib import Path

ENDS_EARLY = "the file ends too early"
SPOILT = "its bytes do not make an image"
BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP"}
"""How files of formats begin."""
LEAST = 64
"""Bytes below which a file that begins as a picture can only be cut off."""


def damage_words(error: Exception, path: Path) -> str:
    """Return what is wrong with a picture that a reader of its format has given up."""
    said = str(error).lower()
    if any(word in said for word in ("truncated", "not enough", "unexpected end")) or _is_webp_cut_off(path):
        return ENDS_EARLY
    return SPOILT


def unknown_words(path: Path, formats: str) -> str:
    """Return what is wrong with a file that no reader takes for its own: `is not an image in a format that …`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
    if size > len(head) and head[:4] in (b"II*\0", b"MM\0*"):
        if _is_tiff_cut_off(path, "<" if head[:2] == b"II" else ">", size):
            return f"is a damaged picture ({ENDS_EARLY})"
        return "is a TIFF of a kind that is not read here; save it as a TIFF or PNG with 8 bits a channel"
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning) and size > len(beginning):
            why = ENDS_EARLY if size < LEAST else SPOILT
            return f"is a damaged picture (it begins as a {kind}: {why})"
    return f"is not an image in a format that is read here ({formats})"


def _is_tiff_cut_off(path: Path, order: str, size: int) -> bool:
    """Tell whether the list of a TIFF's tags, or what its long tags point to, lies behind the end of the file."""
    with path.open("rb") as file:
        file.seek(4)
        (directory,) = struct.unpack(f"{order}I", file.read(4))
        file.seek(directory)
        count = file.read(2)
        entries = struct.unpack(f"{order}H", count)[0] if len(count) == 2 else 0
        tags = file.read(12 * entries)
    return not entries or len(tags) < 12 * entries or size < directory + 2 + 12 * entries + 4


def _is_webp_cut_off(path: Path) -> bool:
    """Tell whether a WEBP says that it is longer than it is."""
    with path.open("rb") as file:
        head = file.read(12)
    is_webp = head[:4] == b"RIFF" and head[8:] == b"WEBP"
    return is_webp and int.from_bytes(head[4:8], "little") + 8 > path.stat().st_size
