"""Pictures: enormous ones in small files, formats that nobody should open, arrays for images, cut and false ones."""

import io
import os
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.data_sets import header, npy, said
from hostile.making import PLACES, zeros_zlib
from hostile.rows import Row

COMMAND = "saliency --model mnist --image "
NO_PICTURE = r"not an image|damaged|cannot be read|format|picture|image"
LARGE = r"megapixel|too large|pixels"
FAST = " --method vanilla"

# --- PNG -------------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, depth: int = 8, colour: int = 0, *more: bytes, data: bytes | None = None
) -> bytes:
    """Return a black PNG file of any size; `more` are chunks in front of the pixels."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    inside = zeros_zlib(height * (1 + (width * bits + 7) // 8)) if data is None else data
    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + b"".join(more) + chunk(b"IDAT", inside) + chunk(b"IEND", b"")


def _text(kind: bytes, count: int) -> bytes:
    inside = zeros_zlib(count)
    return chunk(kind, b"Comment\0\0" + inside if kind == b"zTXt" else b"Comment\0\1\0en\0c\0" + inside)


def _profile(count: int) -> bytes:
    return chunk(b"iCCP", b"profile\0\0" + zeros_zlib(count))


def _frames(count: int) -> bytes:
    return chunk(b"acTL", struct.pack(">II", count, 0))


PNGS: dict[str, tuple[Callable[[], bytes], str, int | tuple[int, ...]]] = {
    "88 megapixels": (lambda: png(9381, 9381), LARGE, 2),
    "88 megapixels of one bit": (lambda: png(9381, 9381, 1), LARGE, 2),
    "88 megapixels in colour": (lambda: png(9381, 9381, 8, 2), LARGE, 2),
    "80 megapixels of 16 bits": (lambda: png(9000, 8900, 16, 6), LARGE, 2),
    "31 megapixels": (lambda: png(5600, 5600), LARGE, 2),
    "29 megapixels": (lambda: png(5300, 5300), r"\w", (0, 2)),
    "32,000 by 32,000": (lambda: png(32_000, 32_000), LARGE, 2),
    "2**31 - 1 by 2**31 - 1": (lambda: png(2**31 - 1, 2**31 - 1, data=b""), LARGE, 2),
    "2**32 - 1 by 1": (lambda: png(2**32 - 1, 1, data=b""), rf"{LARGE}|damaged|not an image", 2),
    "1 by 60,000": (lambda: png(1, 60_000), "squeezed|empty|sign|ink|picture", 2),
    "60,000 by 1": (lambda: png(60_000, 1), "squeezed|empty|sign|ink|picture", 2),
    "1 by 1": (lambda: png(1, 1), r"\w", (0, 2)),
    "no size": (lambda: png(0, 0), rf"{NO_PICTURE}", 2),
    "no width": (lambda: png(0, 28), rf"{NO_PICTURE}", 2),
    "1 GB of packed text": (lambda: png(28, 28, 8, 0, _text(b"zTXt", 10**9)), rf"{NO_PICTURE}|large", 2),
    "1 GB of packed international text": (
        lambda: png(28, 28, 8, 0, _text(b"iTXt", 10**9)),
        rf"{NO_PICTURE}|large",
        2,
    ),
    "a thousand packed texts": (
        lambda: png(28, 28, 8, 0, *[_text(b"zTXt", 900_000)] * 1000),
        rf"{NO_PICTURE}|large",
        2,
    ),
    "a profile of 1 GB": (lambda: png(28, 28, 8, 0, _profile(10**9)), r"\w", (0, 2)),
    "a chunk of 2 GB that is not there": (
        lambda: png(28, 28)[:33] + struct.pack(">I", 2**31 - 1) + b"zTXt",
        NO_PICTURE,
        2,
    ),
    "a million empty chunks": (lambda: png(28, 28, 8, 0, chunk(b"tRNS", b"") * 200_000), r"\w", (0, 2)),
    "a wrong sum": (lambda: png(28, 28)[:40] + b"\0" + png(28, 28)[41:], r"\w", (0, 2)),
    "no pixels": (lambda: png(28, 28, data=b""), NO_PICTURE, 2),
    "pixels that are no zlib": (lambda: png(28, 28, data=b"nothing"), NO_PICTURE, 2),
    "one row of pixels": (lambda: png(28, 28, data=zlib.compress(bytes(29))), r"\w", (0, 2)),
    "1 GB of pixels too many": (lambda: png(28, 28, data=zeros_zlib(10**9)), r"\w", (0, 2)),
    "a palette that is missing": (lambda: png(28, 28, 8, 3), r"\w", (0, 2)),
    "2**31 frames": (lambda: png(28, 28, 8, 0, _frames(2**31 - 1)), r"\w", (0, 2)),
    "no frames": (lambda: png(28, 28, 8, 0, _frames(0)), r"\w", (0, 2)),
    "a depth of 7 bits": (lambda: png(28, 28, 7, data=b""), NO_PICTURE, 2),
    "a signature alone": (lambda: b"\x89PNG\r\n\x1a\n", NO_PICTURE, 2),
    "EXIF without end": (
        lambda: png(28, 28, 8, 0, chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 3000)),
        r"\w",
        (0, 2),
    ),
}


# --- other formats ---------------------------------------------------------------------------------------------------


def drawn(format_: str, size: tuple[int, int] = (28, 28), mode: str = "L", **options: object) -> bytes:
    """Return a picture with a sign on it."""
    picture = Image.new(mode, size)
    if min(size) > 12:
        picture.paste(255 if mode in "LI" else (255, 255, 255), (8, 4, 12, 24))
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def gif(frames: int) -> bytes:
    """Return an animation of so many frames of one pixel behind a first one of 28 by 28."""
    first = drawn("GIF")
    tiny_frame = b"!\xf9\x04\0\0\0\0\0" + b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return first[:-1] + tiny_frame * frames + b";"


def _gif_of(width: int, height: int) -> bytes:
    data = bytearray(drawn("GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def _gif_frame_outside() -> bytes:
    data = bytearray(drawn("GIF"))
    at = data.index(b",\0\0\0\0")
    data[at + 1 : at + 9] = struct.pack("<4H", 60_000, 60_000, 5000, 5000)
    return bytes(data)


def tiff(entries: list[tuple[int, int, int, int]], more: bytes = b"") -> bytes:
    """Return a TIFF file of one directory: tag, type, count and value of each entry."""
    listing = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + listing + bytes(4) + more


def _plain_tiff(
    width: int, height: int, bits: int = 8, kind: int = 1, compression: int = 1, **lies: int
) -> bytes:
    data = lies.get("count", width * height * bits // 8)
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, bits),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, lies.get("offset", 200)),
        (278, 4, 1, lies.get("rows", height)),
        (279, 4, 1, data),
        (339, 3, 1, kind),
    ]
    head = tiff(entries)
    return head + bytes(200 - len(head)) + bytes(min(data, 1 << 20))


def _tiled_tiff(side: int, tile: int) -> bytes:
    entries = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(322, 4, 1, tile), (323, 4, 1, tile), (324, 4, 10**6, 8), (325, 4, 10**6, 8)]
    return tiff(entries, bytes(5000))


def _loop_tiff() -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8)


def _float_tiff(value: float) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((28, 28), value, np.float32)).save(buffer, "TIFF")
    return buffer.getvalue()


def _deflated_tiff() -> bytes:
    data = zeros_zlib(32_000 * 32_000)
    head = _plain_tiff(32_000, 32_000, compression=8, count=len(data))[:200]
    return head + data


def _exif(body: bytes) -> bytes:
    inside = b"Exif\0\0" + body
    jpeg = drawn("JPEG")
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(inside) + 2) + inside + jpeg[2:]


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(drawn("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_of(width: int, height: int) -> bytes:
    data = bytearray(drawn("WEBP", lossless=True))
    at = data.index(b"VP8L")
    data[at + 9 : at + 13] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(data)


EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 28 28
%%EndComments
(outside/precious.txt) (w) file pop
(%pipe%touch pwned) (w) file pop
showpage
%%EOF
"""
SVG = b"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"><text>&x;</text>
<image href="http://127.0.0.1:9/x.png"/></svg>"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(touch pwned)>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
ICO = b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0" + struct.pack("<II", 2**32 - 1, 22)
PSD = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(14)
FLI = struct.pack("<IHHHHHH", 128, 0xAF12, 65535, 65535, 65535, 8, 0) + bytes(112)
FITS = b"".join(
    line.ljust(80)
    for line in (
        b"SIMPLE  =                    T",
        b"BITPIX  =                    8",
        b"NAXIS   =                    2",
        b"NAXIS1  =               999999",
        b"NAXIS2  =               999999",
        b"END",
    )
).ljust(2880)

FILES: dict[str, tuple[str, Callable[[], bytes], str, int | tuple[int, ...]]] = {
    "EPS": ("m.eps", lambda: EPS, NO_PICTURE, 2),
    "EPS called PNG": ("m.png", lambda: EPS, NO_PICTURE, 2),
    "EPS with a preview": (
        "m.eps",
        lambda: b"\xc5\xd0\xd3\xc6" + struct.pack("<7I", 32, len(EPS), 0, 0, 0, 0, 0) + EPS,
        NO_PICTURE,
        2,
    ),
    "PostScript": ("m.ps", lambda: b"%!PS\nshowpage\n", NO_PICTURE, 2),
    "PDF": ("m.pdf", lambda: PDF, NO_PICTURE, 2),
    "SVG": ("m.svg", lambda: SVG, NO_PICTURE, 2),
    "SVG called PNG": ("m.png", lambda: SVG, NO_PICTURE, 2),
    "HTML called JPEG": ("m.jpg", lambda: b"<html><script>alert(1)</script></html>", NO_PICTURE, 2),
    "a script called PNG": ("m.png", lambda: b"#!/bin/sh\ntouch pwned\n", NO_PICTURE, 2),
    "ICO that lies": ("m.ico", lambda: ICO, NO_PICTURE, 2),
    "ICO with a PNG of 88 megapixels": (
        "m.ico",
        lambda: ICO[:14] + struct.pack("<II", len(png(9381, 9381)), 22) + png(9381, 9381),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "PSD of 900 megapixels": ("m.psd", lambda: PSD, rf"{LARGE}|{NO_PICTURE}", 2),
    "FLI of 65,535 by 65,535": ("m.fli", lambda: FLI, rf"{LARGE}|{NO_PICTURE}", 2),
    "FITS of 999,999 by 999,999": ("m.fits", lambda: FITS, rf"{LARGE}|{NO_PICTURE}", 2),
    "PPM of 10**9 by 10**9": (
        "m.ppm",
        lambda: b"P6 1000000000 1000000000 255\n",
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "PPM with numbers without end": ("m.ppm", lambda: b"P6 " + b"9" * 100_000, NO_PICTURE, 2),
    "XBM of code": (
        "m.xbm",
        lambda: b"#define im_width 99999\n#define im_height 99999\nstatic char im_bits[] = {\n",
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "TGA of 65,535 by 65,535": (
        "m.tga",
        lambda: bytes((0, 0, 3)) + bytes(9) + struct.pack("<HHBB", 65535, 65535, 8, 0),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "PCX of 65,535 by 65,535": (
        "m.pcx",
        lambda: struct.pack("<BBBBHHHH", 10, 5, 1, 8, 0, 0, 65534, 65534) + bytes(116),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "DDS of 2**31 by 2**31": (
        "m.dds",
        lambda: (
            b"DDS "
            + struct.pack("<7I", 124, 0x1007, 2**31, 2**31, 0, 0, 0)
            + bytes(44)
            + struct.pack("<8I", 32, 4, 0x31545844, 0, 0, 0, 0, 0)
            + bytes(40)
        ),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "ICNS in itself": (
        "m.icns",
        lambda: b"icns" + struct.pack(">I", 24) + b"icns" + struct.pack(">I", 2**31),
        NO_PICTURE,
        2,
    ),
    "JPEG 2000 of 2**31 by 2**31": (
        "m.jp2",
        lambda: (
            b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x2djp2h\0\0\0\x16ihdr"
            + struct.pack(">IIHBBBB", 2**31, 2**31, 1, 7, 7, 0, 0)
        ),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "WMF": ("m.wmf", lambda: b"\xd7\xcd\xc6\x9a" + bytes(100), NO_PICTURE, 2),
    "HDF5 called PNG": ("m.png", lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), NO_PICTURE, 2),
    "an archive called PNG": ("m.png", lambda: b"PK\5\6" + bytes(18), NO_PICTURE, 2),
    "a picture called .keras": ("m.keras", lambda: drawn("PNG"), r"\w", (0, 2)),
    "GIF of 10,000 frames": ("m.gif", lambda: gif(10_000), r"\w", (0, 2)),
    "GIF of a million frames": ("m.gif", lambda: gif(1_000_000), r"\w", (0, 2)),
    "GIF of 65,535 by 65,535": ("m.gif", lambda: _gif_of(65535, 65535), rf"{LARGE}|{NO_PICTURE}", 2),
    "GIF with a frame outside": ("m.gif", _gif_frame_outside, r"\w", (0, 2)),
    "GIF cut short": ("m.gif", lambda: drawn("GIF")[:-20], r"\w", (0, 2)),
    "TIFF of 32,000 by 32,000": (
        "m.tif",
        lambda: _plain_tiff(32_000, 32_000, count=100),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "TIFF of 1 GB, deflated": ("m.tif", _deflated_tiff, rf"{LARGE}|{NO_PICTURE}", 2),
    "TIFF whose pixels lie outside": ("m.tif", lambda: _plain_tiff(28, 28, offset=2**31), NO_PICTURE, 2),
    "TIFF of one row that is said to be all": ("m.tif", lambda: _plain_tiff(28, 28, rows=1), r"\w", (0, 2)),
    "TIFF of a million tiles": ("m.tif", lambda: _tiled_tiff(28, 2**31), rf"{LARGE}|{NO_PICTURE}", 2),
    "TIFF of tiles of no size": ("m.tif", lambda: _tiled_tiff(28, 0), NO_PICTURE, 2),
    "TIFF that goes round": ("m.tif", _loop_tiff, NO_PICTURE, 2),
    "TIFF of an unknown compression": ("m.tif", lambda: _plain_tiff(28, 28, compression=7777), NO_PICTURE, 2),
    "TIFF with a tag of 4 GB": (
        "m.tif",
        lambda: tiff([(256, 3, 2**32 - 1, 8), (257, 3, 1, 28)]),
        NO_PICTURE,
        2,
    ),
    "TIFF of NaN": ("m.tif", lambda: _float_tiff(float("nan")), "no numbers|negative|finite", 2),
    "TIFF of infinity": ("m.tif", lambda: _float_tiff(float("inf")), "no numbers|negative|finite", 2),
    "TIFF of 1e38": ("m.tif", lambda: _float_tiff(1e38), r"\w", (0, 2)),
    "TIFF of negative numbers": ("m.tif", lambda: _float_tiff(-5), "no numbers|negative", 2),
    "BMP of 30,000 by 30,000": (
        "m.bmp",
        lambda: (
            b"BM"
            + struct.pack("<IHHIIiiHHIIIIII", 100, 0, 0, 54, 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
        ),
        rf"{LARGE}|{NO_PICTURE}",
        2,
    ),
    "BMP of negative size": (
        "m.bmp",
        lambda: b"BM" + struct.pack("<IHHIIiiHHIIIIII", 100, 0, 0, 54, 40, -28, -28, 1, 24, 0, 0, 0, 0, 0, 0),
        NO_PICTURE,
        2,
    ),
    "BMP of endless runs": (
        "m.bmp",
        lambda: (
            b"BM"
            + struct.pack("<IHHIIiiHHIIIIII", 100, 0, 0, 1078, 40, 5000, 5000, 1, 8, 1, 0, 0, 0, 0, 0)
            + bytes(1024)
            + b"\xff\1" * 1000
        ),
        rf"\w|{NO_PICTURE}",
        (0, 2),
    ),
    "JPEG of 65,535 by 65,535": ("m.jpg", lambda: _jpeg_of(65_535, 65_535), rf"{LARGE}|{NO_PICTURE}", 2),
    "JPEG of 28 by 60,000": ("m.jpg", lambda: _jpeg_of(28, 60_000), r"\w", (0, 2)),
    "JPEG cut short": ("m.jpg", lambda: drawn("JPEG", (200, 200))[:-200], NO_PICTURE, 2),
    "JPEG's signature": ("m.jpg", lambda: b"\xff\xd8\xff", NO_PICTURE, 2),
    "JPEG with EXIF of noise": ("m.jpg", lambda: _exif(random.Random(0).randbytes(3000)), r"\w", (0, 2)),
    "JPEG with EXIF that goes round": ("m.jpg", lambda: _exif(_loop_tiff()), r"\w", (0, 2)),
    "JPEG with EXIF of orientation 2**31": (
        "m.jpg",
        lambda: _exif(tiff([(274, 4, 1, 2**31)])),
        r"\w",
        (0, 2),
    ),
    "JPEG with EXIF of an orientation that is a text": (
        "m.jpg",
        lambda: _exif(tiff([(274, 2, 4, 0x64636261)])),
        r"\w",
        (0, 2),
    ),
    "MPO that lies": (
        "m.mpo",
        lambda: (
            drawn("JPEG")[:2]
            + b"\xff\xe2\0\x2aMPF\0II*\0\x08\0\0\0"
            + struct.pack("<HHHII", 1, 0xB001, 4, 1, 10**6)
            + bytes(14)
            + drawn("JPEG")[2:]
        ),
        r"\w",
        (0, 2),
    ),
    "WebP of 16,384 by 16,384": ("m.webp", lambda: _webp_of(16_384, 16_384), rf"{LARGE}|{NO_PICTURE}", 2),
    "WebP cut short": ("m.webp", lambda: drawn("WEBP", (200, 200))[:-40], NO_PICTURE, 2),
    "WebP's signature": ("m.webp", lambda: b"RIFF\0\0\0\0WEBP", NO_PICTURE, 2),
    "PNG cut in half": ("m.png", lambda: drawn("PNG", (90, 90))[:150], r"\w", (0, 2)),
    "noise called PNG": ("m.png", lambda: random.Random(0).randbytes(9999), NO_PICTURE, 2),
    "nothing called PNG": ("m.png", lambda: b"", NO_PICTURE, 2),
}


# --- arrays ----------------------------------------------------------------------------------------------------------

ARRAYS: dict[str, tuple[str, Callable[[], bytes], int | tuple[int, ...]]] = {
    "npy of 40 GB that are not there": ("a.npy", lambda: header(said("(1, 200000, 200000)")), 2),
    "npy of -1 rows": ("a.npy", lambda: header(said("(-1, 28)")) + bytes(784), 2),
    "npy of fractions for a shape": ("a.npy", lambda: header(said("(28.0, 28)")) + bytes(784), 2),
    "npy of objects": (
        "a.npy",
        lambda: header(said("(28, 28)", "'|O'")) + b"cos\nsystem\n(S'touch pwned'\ntR.",
        2,
    ),
    "npy with code": ("a.npy", lambda: header("__import__('os').system('touch pwned')"), 2),
    "npy with parentheses without end": ("a.npy", lambda: header("(" * 9000), 2),
    "npy with a text that never ends": ("a.npy", lambda: header("{'descr': '''"), 2),
    "npy with a header of 4 GB": ("a.npy", lambda: header(said("(28, 28)"), 2, 2**32 - 1), 2),
    "npy of NaN": ("a.npy", lambda: npy(np.full((28, 28), np.nan)), 2),
    "npy of infinity": ("a.npy", lambda: npy(np.full((28, 28), np.inf)), 2),
    "npy of 1e300": ("a.npy", lambda: npy(np.full((28, 28), 1e300)), 2),
    "npy of negative whole numbers": ("a.npy", lambda: npy(np.full((28, 28), -1)), 2),
    "npy of 2**63": ("a.npy", lambda: npy(np.full((28, 28), 2**63, "u8")), 2),
    "npy of texts": ("a.npy", lambda: npy(np.full((28, 28), "a")), 2),
    "npy of records": ("a.npy", lambda: npy(np.zeros((28, 28), [("a", "u1")])), 2),
    "npy of complex numbers": ("a.npy", lambda: npy(np.zeros((28, 28), "c8")), 2),
    "npy of dates": ("a.npy", lambda: npy(np.zeros((28, 28), "M8[s]")), 2),
    "npy of another order of bytes": ("a.npy", lambda: npy(np.zeros((28, 28), ">f4")), (0, 2)),
    "npy of 16-byte floats": ("a.npy", lambda: npy(np.zeros((28, 28), "g")), (0, 2)),
    "npy of no size": ("a.npy", lambda: npy(np.zeros((0, 28, 28))), 2),
    "npy of one number": ("a.npy", lambda: npy(np.array(1.0)), 2),
    "npy of a thousand images": ("a.npy", lambda: npy(np.zeros((1000, 28, 28), np.uint8)), 2),
    "npy that is an archive": ("a.npy", lambda: b"PK\5\6" + bytes(18), 2),
    "npy that is a pickle": ("a.npy", lambda: b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR.", 2),
    "npy that is empty": ("a.npy", lambda: b"", 2),
    "CSV of one line of 60 MB": ("a.csv", lambda: b"1," * 30_000_000, 2),
    "CSV of 100 MB": ("a.csv", lambda: b"1\n" * 50_000_000, 2),
    "CSV of NaN": ("a.csv", lambda: (b"nan," * 27 + b"nan\n") * 28, 2),
    "CSV of inf": ("a.csv", lambda: (b"inf," * 27 + b"inf\n") * 28, 2),
    "CSV of 1e999": ("a.csv", lambda: (b"1e999," * 27 + b"1\n") * 28, 2),
    "CSV of huge numbers": ("a.csv", lambda: (b"9" * 6000 + b",") * 27 + b"1\n", 2),
    "CSV of texts": ("a.csv", lambda: b"a,b\nc,d\n", 2),
    "CSV of other digits": ("a.csv", lambda: ("\u0661," * 27 + "\u0661\n").encode() * 28, (0, 2)),
    "CSV of zero bytes": ("a.csv", lambda: bytes(5000), 2),
    "CSV of lines without numbers": ("a.csv", lambda: b",,,\n" * 28, 2),
    "CSV of no text": ("a.csv", lambda: b"\xff\xfe" * 300, 2),
    "CSV of two million rows": ("a.csv", lambda: b"1,2\n" * 2_000_000, 2),
    "a text of escapes": ("a.txt", lambda: b"\x1b[31m 1 2\n\x1b 3 4\n", 2),
    "a text of underscores": ("a.txt", lambda: b"1_0 1_0\n1_0 1_0\n", (0, 2)),
}


# --- folders ---------------------------------------------------------------------------------------------------------


def _folder(**contents: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "p").mkdir()
        (folder / "p" / "good.png").write_bytes(drawn("PNG"))
        for name, content in contents.items():
            (folder / "p" / name.replace("_", ".")).write_bytes(content)

    return make


def _special(put: Callable[[Path], object]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _folder()(folder)
        put(folder / "p")

    return make


def _deep(folder: Path) -> None:
    for _ in range(60):
        folder = folder / ("d" * 50)
        folder.mkdir()
    (folder / "deep.png").write_bytes(drawn("PNG"))


def _round(folder: Path) -> None:
    (folder / "round").symlink_to(".")
    (folder / "itself.png").symlink_to("itself.png")


def _run_file(content: bytes, size: int = 0) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _folder()(folder)
        (folder / "out").mkdir()
        (folder / "out" / "run.json").write_bytes(content)
        if size:
            os.truncate(folder / "out" / "run.json", size)

    return make


RUNS: dict[str, bytes] = {
    "nested 100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "of another shape": b"[1, 2, 3]",
    "no JSON": b"nothing",
    "no text": b"\xff\xfe\xfd",
    "with a number of 10,000 digits": b"9" * 10_000,
    "of 100 MB": b"",
    "empty": b"",
}


def folders() -> Iterator[Row]:
    """Yield rows for folders of pictures: what cannot be read is listed, and the rest is done."""
    command = "saliency --model mnist --method vanilla --images p --output output"
    yield Row(
        "pictures/folder: one is EPS, one enormous",
        command,
        "skipped",
        _folder(a_png=EPS, b_png=png(32_000, 32_000), c_png=png(9381, 9381)),
        (0, 1),
    )
    yield Row(
        "pictures/folder: one is cut, one noise",
        command,
        "skipped",
        _folder(a_png=drawn("PNG")[:60], b_jpg=b"noise", c_tif=_loop_tiff()),
        (0, 1),
    )
    for place, (put, _) in PLACES.items():
        made = _special(lambda p, put=put: put(p / "odd.png"))
        yield Row(
            f"pictures/folder: one is a {place}", command, r"skipped|1 of|good", made, (0, 1), seconds=20
        )
    yield Row("pictures/folder: links in circles", command, r"\w", _special(_round), (0, 1))
    yield Row("pictures/folder: 60 levels", command, r"\w", _special(_deep), (0, 2))
    yield Row(
        "pictures/folder: names with escapes",
        command,
        r"\w",
        _special(lambda p: (p / "\x1b[31m\u202e\n.png").write_bytes(b"x")),
        (0, 1),
    )
    yield Row(
        "pictures/folder: names that are no UTF-8",
        command,
        r"\w",
        _special(lambda p: Path(os.fsdecode(os.fsencode(p) + b"/\xff\xfe.png")).write_bytes(drawn("PNG"))),
        (0, 1, 2),
    )
    yield Row("pictures/folder is a pipe", command, "folder", lambda folder: os.mkfifo(folder / "p"))
    yield Row("pictures/folder is empty", command, "no pictures", lambda folder: (folder / "p").mkdir())
    command = command.replace("output", "out").replace("--out out", "--output out")
    for name, content in RUNS.items():
        yield Row(
            f"pictures/run.json {name}",
            command,
            "other settings|run.json",
            _run_file(content, 100_000_000 * ("MB" in name)),
        )
    for place in ("fifo", "socket", "link to a device that never ends", "folder"):
        put, says = PLACES[place]

        def make(folder: Path, put: Callable[[Path], object] = put) -> None:
            _folder()(folder)
            (folder / "out").mkdir()
            put(folder / "out" / "run.json")

        yield Row(
            f"pictures/run.json is a {place}",
            command,
            rf"{says}|run.json|other settings|only regular",
            make,
            seconds=20,
        )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for name, (content, says, code) in PNGS.items():
        make = lambda folder, content=content: (folder / "m.png").write_bytes(content())  # noqa: E731
        yield Row(
            f"pictures/PNG: {name}",
            f"{COMMAND}m.png{FAST}",
            says,
            make,
            code,
            names="m.png" if code == 2 else "",
        )
    for name, (file, content, says, code) in FILES.items():
        make = lambda folder, content=content, file=file: (folder / file).write_bytes(content())  # noqa: E731
        yield Row(
            f"pictures/{name}", f"{COMMAND}{file}{FAST}", says, make, code, names=file if code == 2 else ""
        )
    for name, (file, content, code) in ARRAYS.items():
        make = lambda folder, content=content, file=file: (folder / file).write_bytes(content())  # noqa: E731
        yield Row(f"pictures/array: {name}", f"{COMMAND}{file}{FAST}", r"\w", make, code)
    for file in ("m.png", "a.npy", "a.csv"):
        for place, (put, says) in PLACES.items():
            yield Row(
                f"pictures/{file} is a {place}",
                f"{COMMAND}{file}{FAST}",
                says,
                lambda folder, put=put, file=file: put(folder / file),
                names=file,
                seconds=20,
            )
    for source in ("/dev/zero", "/dev/full", "/proc/self/mem", "http://x/y.png", "file:///etc/passwd"):
        yield Row(
            f"pictures/image {source}",
            f"{COMMAND}{source}{FAST}",
            "regular file|device|address|damaged|not an image|does not exist",
            seconds=20,
        )
    yield from folders()
