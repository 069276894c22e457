import io
import struct
import zlib

import numpy as np
import pytest
from conftest import refusal_of_file
from PIL import Image

from app.datasets.pictures import LARGEST_DISTORTION, fit_picture, plain_picture, read_picture
from models.pixels import Ink

# Pillow warns of odd metadata in what these tests damage.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

RNG = np.random.default_rng(2)
COLOUR = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (6, 8), dtype=np.uint8)


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(content, name="picture.png"):
        path = tmp_path / name
        if isinstance(content, Image.Image):
            content = encoded(content)
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pixels", [COLOUR, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_pixels_come_out_as_they_were_stored(file, pixels, kind):
    found = read_picture(file(encoded(Image.fromarray(pixels), kind))).image
    np.testing.assert_array_equal(np.asarray(found), pixels)


def test_a_jpeg_is_read(file):
    smooth = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)
    content = encoded(Image.fromarray(smooth), "JPEG", quality=95)
    found = np.asarray(read_picture(file(content, "a.jpg")).image, float)
    assert np.abs(found - smooth).max() < 12


def test_transparency_shows_white_paper(file):
    alpha = RNG.integers(0, 256, (6, 8, 1), dtype=np.uint8)
    path = file(Image.fromarray(np.concatenate([COLOUR, alpha], axis=-1)))
    share = alpha / 255
    wanted = COLOUR * share + 255 * (1 - share)
    found = read_picture(path).image
    assert found.mode == "RGB"
    assert np.abs(np.asarray(found) - wanted).max() <= 1


SIGN = np.zeros((40, 40), np.uint8)
SIGN[8:32, 10:16] = SIGN[26:32, 10:30] = 255
SOFT = np.asarray(Image.fromarray(SIGN).resize((120, 120), Image.Resampling.BICUBIC))


def on_nothing(colour, alpha=SOFT):
    return Image.fromarray(np.dstack([np.full((*alpha.shape, 3), colour, np.uint8), alpha]))


@pytest.mark.parametrize(
    ("picture", "is_on_black"),
    [
        (on_nothing(255), True),
        (on_nothing((255, 255, 0)), True),
        (on_nothing(0), False),
        (on_nothing((200, 30, 30)), False),
        (on_nothing(128), False),
        (on_nothing(255, 255 - SOFT), True),  # a sheet of white, the sign cut out
        (on_nothing(0, 255 - SOFT), False),
        (Image.fromarray(np.dstack([SOFT] * 4)), True),  # white, darker where it is thinner
        (Image.fromarray(np.dstack([np.full_like(SOFT, 255), SOFT])), True),
        (Image.fromarray(np.dstack([255 - SOFT] * 3 + [np.full_like(SOFT, 255)])), False),
        (Image.fromarray(np.dstack([SOFT] * 3 + [np.full_like(SOFT, 255)])), False),
    ],
    ids=[
        *("white", "yellow", "black", "red", "grey", "hole in white", "hole in black", "premultiplied"),
        *("grey and alpha", "opaque", "opaque on black"),
    ],
)
def test_ink_on_transparency_is_seen_whatever_its_colour(file, picture, is_on_black):
    found = read_picture(file(picture))
    assert found.changes == ("light ink on transparency, put on black",) * is_on_black
    digit = fit_picture(found.image, (28, 28, 1), Ink()).pixels
    wanted = fit_picture(Image.fromarray(SOFT), (28, 28, 1), Ink()).pixels
    assert np.corrcoef(digit.ravel(), wanted.ravel())[0, 1] > 0.99


def test_a_dark_sign_on_a_light_card_with_clear_corners_stays_on_white(file):
    card = np.full((120, 120, 4), 255, np.uint8)
    card[..., :3] = (255 - SOFT)[..., np.newaxis]
    card[:12, :12, 3] = card[-12:, -12:, 3] = 0
    found = read_picture(file(Image.fromarray(card)))
    assert found.changes == ()
    assert np.asarray(found.image)[0, 0].tolist() == [255, 255, 255]


def test_grey_and_palette_pictures_may_be_transparent_too(file):
    grey = Image.fromarray(np.stack([GREY, np.zeros_like(GREY)], axis=-1))
    assert np.asarray(read_picture(file(grey)).image).min() == 255
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    found = read_picture(file(encoded(palette, transparency=0))).image
    assert np.asarray(found).tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_a_photograph_is_turned_upright(file):
    """Exif orientation 6: the camera was turned by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.fromarray(COLOUR)
    found = read_picture(file(encoded(picture, exif=exif))).image
    np.testing.assert_array_equal(np.asarray(found), np.rot90(COLOUR, -1))


def test_sixteen_bits_become_eight(file):
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    found = read_picture(file(Image.fromarray(values))).image
    assert np.asarray(found).tolist() == [[0, 1, 128, 255]]


@pytest.mark.parametrize("bits", [1, 8, 10, 12, 16])
def test_fewer_bits_in_sixteen_are_scaled_by_what_is_there(file, bits):
    top = 2**bits - 1
    values = np.rint(np.linspace(0, top, 48)).reshape(6, 8).astype(np.uint16)
    found = read_picture(file(Image.fromarray(values)))
    assert np.abs(np.asarray(found.image) - values / top * 255).max() <= 0.5
    said = "1 bit" if bits == 1 else f"{bits} bits"
    assert found.changes == (f"read as {said}: the largest value is {top:,}",)


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        ([[0, 0.5, 1]], [[0, 128, 255]], ()),
        ([[0, 127.6, 255]], [[0, 128, 255]], ("read as 8 bits: the largest value is 255",)),
        ([[0, 255.6, 1023]], [[0, 64, 255]], ("read as 10 bits: the largest value is 1,023",)),
        ([[-0.01, 0.5, 1.02]], [[0, 128, 255]], ()),
        ([[-2, 127.6, 260.5]], [[0, 128, 255]], ("read as 8 bits: the largest value is 260.5",)),
        ([[0, 50_000, 100_000]], [[0, 128, 255]], ("scaled: the largest value is 100,000",)),
    ],
)
def test_a_picture_of_floats(file, values, wanted, said):
    found = read_picture(file(encoded(Image.fromarray(np.array(values, np.float32)), "TIFF"), "a.tif"))
    assert np.asarray(found.image).tolist() == wanted
    assert found.changes == said


@pytest.mark.parametrize("value", [-0.5, np.nan, np.inf])
def test_floats_that_are_no_shades_of_grey(value):
    with pytest.raises(ValueError, match="values that are negative or no numbers"):
        plain_picture(Image.fromarray(np.array([[0, value]], np.float32)))


def sixteen_bit_png(values):
    """A PNG of 16 bits in colour, which Pillow does not write."""
    height, width, channels = values.shape
    kind = {3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, *zip(*chunks, strict=True))) + chunk(b"IEND", b"")


def test_sixteen_bits_in_colour(file):
    found = read_picture(file(sixteen_bit_png(COLOUR.astype(int) * 257)))
    np.testing.assert_array_equal(np.asarray(found.image), COLOUR)


@pytest.mark.parametrize("scale", [1, 16])
def test_few_bits_in_sixteen_in_colour_are_refused_and_not_black(file, scale):
    """Only the upper byte is read: of 8 bits in 16 nothing would be left, of 12 a sixteenth."""
    message = refusal_of_file(read_picture, file(sixteen_bit_png(COLOUR.astype(int) * scale)))
    assert message.startswith("PATH holds 12 bits or fewer in a 16-bit picture in colour")


def test_black_ink_on_transparency_in_sixteen_bits(file):
    found = read_picture(file(sixteen_bit_png(np.dstack([SOFT * 0] * 3 + [SOFT.astype(int) * 257]))))
    np.testing.assert_array_equal(np.asarray(found.image)[..., 0], 255 - SOFT)
    opaque = np.dstack([SOFT] * 3 + [np.full(SOFT.shape, 65535)])
    assert "16-bit picture in colour" in refusal_of_file(read_picture, file(sixteen_bit_png(opaque)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_several_frames_the_first_is_read_and_that_is_said(file, kind):
    frames = [Image.fromarray(np.full((20, 20), value, np.uint8)).convert("RGB") for value in (200, 10, 90)]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    found = read_picture(file(content))
    assert np.asarray(found.image.convert("L")).tolist() == [[200] * 20] * 20
    assert found.changes == ("the first of several frames",)


def test_a_picture_for_print(file):
    """CMYK, as ink: none of it is white."""
    found = read_picture(file(encoded(Image.fromarray(GREY).convert("CMYK"), "TIFF"), "a.tif"))
    fitted = fit_picture(found.image, (6, 8, 1), None)
    assert np.abs(fitted.pixels[..., 0].astype(int) - GREY).max() <= 1


def test_a_picture_in_black_and_white_only(file):
    found = fit_picture(read_picture(file(Image.fromarray(GREY > 127))).image, (6, 8, 1), None)
    np.testing.assert_array_equal(found.pixels[..., 0], np.where(GREY > 127, 255, 0))


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture\n", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n", bytes(1000)],
    ids=["empty", "text", "signature", "PDF", "zeros"],
)
def test_what_is_no_picture_is_said_to_be_none(file, content):
    message = refusal_of_file(read_picture, file(content))
    assert message == "PATH is not an image in a format that is read here (PNG, JPEG, GIF, BMP, WEBP, TIFF)"


def test_a_missing_file_and_a_folder(tmp_path):
    assert refusal_of_file(read_picture, tmp_path / "none.png").startswith("image PATH does not exist")
    assert refusal_of_file(read_picture, tmp_path).startswith("image PATH is a folder")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_picture_cut_short_is_refused(file, kind):
    whole = encoded(Image.fromarray(COLOUR), kind)
    for share in (0.1, 0.5, 0.7, 0.9):
        message = refusal_of_file(read_picture, file(whole[: int(len(whole) * share)]))
        assert "damaged picture" in message or "not an image" in message


def test_a_truncated_png_is_damaged_and_not_half_a_picture(file):
    whole = encoded(Image.fromarray(np.tile(COLOUR, (20, 20, 1))))
    assert "PATH is a damaged picture (the file ends too early)" in refusal_of_file(
        read_picture, file(whole[:-300])
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_damaged_byte_never_gives_anything_but_a_plain_message(file, kind):
    whole = encoded(Image.fromarray(COLOUR), kind)
    escaped, refused = {}, 0
    for place in range(len(whole)):
        path = file(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_picture(path)
        except Exception as error:
            if isinstance(error, ValueError) and str(path) in str(error):
                refused += 1
            else:
                escaped[place] = repr(error)[:80]
    assert refused > 5
    assert escaped == {}


def chunk(kind, content):
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def png_of(width, height):
    """A PNG that announces a size and holds next to nothing."""

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (20_000, 20_000), (2_000_000_000, 2)])
def test_an_absurdly_large_picture_is_not_unpacked(file, size):
    message = refusal_of_file(read_picture, file(png_of(*size)))
    assert message.startswith("PATH is too large a picture")
    assert f"{size[0] * size[1]:,} pixels" in message


def test_a_picture_of_the_right_size_is_not_touched():
    for pixels, channels in ((COLOUR, 3), (GREY, 1)):
        found = fit_picture(Image.fromarray(pixels), (6, 8, channels), None)
        np.testing.assert_array_equal(found.pixels, pixels.reshape(6, 8, channels))
        assert found.changes == ()


def test_grey_is_copied_to_three_channels():
    found = fit_picture(Image.fromarray(GREY), (6, 8, 3), None)
    np.testing.assert_array_equal(found.pixels, np.stack([GREY] * 3, axis=-1))
    assert found.changes == ("grey copied to three channels",)


def test_colour_becomes_its_brightness():
    """ITU-R 601: 0.299 red + 0.587 green + 0.114 blue."""
    found = fit_picture(Image.fromarray(COLOUR), (6, 8, 1), None)
    assert np.abs(found.pixels[..., 0] - COLOUR @ [0.299, 0.587, 0.114]).max() <= 1
    assert found.changes == ("colour turned to grey",)


def test_grey_stored_as_colour_is_no_change():
    picture = Image.fromarray(np.stack([GREY] * 3, axis=-1))
    found = fit_picture(picture, (6, 8, 1), None)
    np.testing.assert_array_equal(found.pixels[..., 0], GREY)
    assert found.changes == ()


def test_a_larger_picture_is_made_smaller():
    large = Image.fromarray(np.kron(GREY, np.ones((20, 20), np.uint8)))
    found = fit_picture(large, (6, 8, 1), None)
    assert found.pixels.shape == (6, 8, 1)
    assert np.corrcoef(found.pixels.ravel(), GREY.ravel())[0, 1] > 0.95
    assert found.changes == ("resized from 160×120 to 8×6",)


def test_changed_proportions_are_said():
    found = fit_picture(Image.fromarray(GREY), (8, 8, 1), None)
    assert found.changes == ("resized from 8×6 to 8×8 (proportions changed by 1.33)",)


@pytest.mark.parametrize("size", [(61, 20), (20, 61), (1000, 1), (1, 1000)])
def test_of_extreme_proportions_the_middle_is_cut_out(size):
    wide, high = (min(side, 2 * min(size)) for side in size)
    picture = Image.new("RGB", size)
    left, top = (size[0] - wide) // 2, (size[1] - high) // 2
    middle = Image.fromarray(np.random.default_rng(0).integers(0, 256, (high, wide, 3)).astype(np.uint8))
    picture.paste(middle, (left, top))
    found, alone = (fit_picture(each, (28, 28, 3), None) for each in (picture, middle))
    np.testing.assert_array_equal(found.pixels, alone.pixels)
    assert found.changes == (f"cut to its middle, {wide}×{high} of {size[0]}×{size[1]}", *alone.changes)


def test_the_middle_follows_the_proportions_that_are_wanted():
    found = fit_picture(Image.new("L", (100, 100)), (10, 40, 1), None)
    assert found.changes[0] == "cut to its middle, 100×50 of 100×100"


def test_the_limit_of_distortion_itself_is_allowed():
    for size in ((40, 20), (20, 40)):
        assert max(size) / min(size) == LARGEST_DISTORTION
        assert fit_picture(Image.new("L", size), (28, 28, 1), None).pixels.shape == (28, 28, 1)


@pytest.mark.parametrize("channels", [2, 4, 12])
def test_other_channels_are_refused(channels):
    with pytest.raises(ValueError, match=f"takes {channels} channels; a picture has 1 or 3"):
        fit_picture(Image.fromarray(GREY), (6, 8, channels), None)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_digit_is_prepared_and_its_changes_are_said(channels):
    page = np.full((90, 120, 3), (250, 240, 230), np.uint8)
    page[20:70, 30:40] = (20, 30, 90)
    found = fit_picture(Image.fromarray(page), (28, 28, channels), Ink())
    assert found.pixels.shape == (28, 28, channels)
    assert np.ptp(found.pixels, axis=-1).max() == 0
    said = "; ".join(found.changes)
    assert "inverted" in said
    assert "cropped to 10×50, scaled to 4×20" in said
    assert ("colour turned to grey" in said) == (channels == 1)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_first_look_reads_a_large_jpeg_smaller_and_keeps_its_size(tmp_path, orientation):
    path = tmp_path / "large.jpg"
    entries = Image.Exif()
    entries[0x0112] = orientation
    Image.fromarray(np.kron(GREY, np.ones((100, 100), np.uint8))).save(path, exif=entries)
    whole, look = read_picture(path), read_picture(path, (64, 64))
    size = (800, 600) if orientation == 1 else (600, 800)
    assert (whole.size, whole.image.size, whole.format) == (size, size, "JPEG")
    assert (look.size, look.format) == (size, "JPEG")
    assert min(look.image.size) == 75
    small = np.asarray(whole.image.resize(look.image.size), float)
    assert np.abs(small - np.asarray(look.image, float)).mean() < 3


def test_what_a_file_holds_is_told_whatever_it_is_called(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(GREY).save(path, "PNG")
    assert (read_picture(path).format, read_picture(path).size) == ("PNG", (8, 6))
