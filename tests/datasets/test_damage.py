"""What is wrong with a damaged picture is said in a user's words, not in Pillow's."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from app.datasets.pictures import read_picture

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))


def encoded(kind):
    stream = io.BytesIO()
    NOISE.save(stream, kind)
    return stream.getvalue()


def refusal(tmp_path, content):
    path = tmp_path / "picture"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="picture") as caught:
        read_picture(path)
    return str(caught.value).replace(str(path), "PATH")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_file_that_is_cut_off_ends_too_early(tmp_path, kind, share):
    whole = encoded(kind)
    assert (
        refusal(tmp_path, whole[: int(share * len(whole))])
        == "PATH is a damaged picture (the file ends too early)"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_spoilt_bytes(tmp_path, kind):
    spoilt = bytearray(encoded(kind))
    for place in range(60, len(spoilt), 37):
        spoilt[place] ^= 0x55
    assert refusal(tmp_path, bytes(spoilt)) == "PATH is a damaged picture (its bytes do not make an image)"


def tiff(bits, values, kind):
    """A TIFF of 8×8 pixels with a list of tags behind them."""
    pixels = bytes(8 * bits)
    tags = [
        (256, 8),
        (257, 8),
        (258, bits),
        (259, 1),
        (262, kind),
        (273, 8),
        (277, 1),
        (278, 8),
        (339, values),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + directory


@pytest.mark.parametrize(
    "content", [tiff(64, 3, 1), tiff(24, 1, 1), tiff(16, 1, 32803)], ids=["float64", "24", "CFA"]
)
def test_a_tiff_of_another_kind_is_told_from_a_damaged_one(tmp_path, content):
    assert refusal(tmp_path, content).startswith("PATH is a TIFF of a kind that is not read here; save it as")
    assert refusal(tmp_path, content[:-20]) == "PATH is a damaged picture (the file ends too early)"
