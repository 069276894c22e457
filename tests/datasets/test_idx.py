import gzip
import struct

import numpy as np
import pytest
from conftest import refusal_of_file

from app.datasets.idx import read_idx

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = np.array([7, 0, 9, 1], np.uint8)


def packed(array, kind=0x08):
    """The format as its description says it, big-endian."""
    header = struct.pack(">HBB", 0, kind, array.ndim)
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def file(tmp_path):
    def write(content, name="digits-idx"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def refusal(path, dimensions=3):
    return refusal_of_file(read_idx, path, dimensions)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
@pytest.mark.parametrize("array", [IMAGES, LABELS, IMAGES[:0]], ids=["images", "labels", "none"])
def test_what_was_written_is_read(file, array, pack):
    found = read_idx(file(pack(packed(array))), array.ndim)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


def test_compression_is_seen_in_the_content_and_not_in_the_name(file):
    np.testing.assert_array_equal(read_idx(file(packed(LABELS), "labels.gz"), 1), LABELS)


@pytest.mark.parametrize("missing", [1, 7, 59])
def test_a_file_that_is_cut_short(file, missing):
    message = refusal(file(packed(IMAGES)[:-missing]))
    assert "cut short" in message
    assert f"3 × 4 × 5 = 60 bytes, the file holds {60 - missing}" in message


@pytest.mark.parametrize("length", range(4, 16))
def test_a_header_that_is_cut_short(file, length):
    assert "cut short inside its header" in refusal(file(packed(IMAGES)[:length]))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_a_file_that_is_too_long(file, pack):
    message = refusal(file(pack(packed(IMAGES) + b"!")))
    assert "longer than its header says" in message
    assert "3 × 4 × 5 = 60 bytes" in message


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\0\0\x08", b"\0\0\x07\x03" + bytes(72), b"\x89PNG\r\n\x1a\n", b"5,0,0,0\n"]
)
def test_what_is_no_idx_file_is_shown_by_its_magic_number(file, content):
    message = refusal(file(content))
    assert "not an IDX file" in message
    assert content[:4].hex() in message


@pytest.mark.parametrize(
    ("kind", "name"),
    [(0x09, "signed byte"), (0x0B, "int16"), (0x0C, "int32"), (0x0D, "float32"), (0x0E, "float64")],
)
def test_values_of_another_type_are_refused(file, kind, name):
    assert f"holds {name} values; expected unsigned byte" in refusal(file(packed(IMAGES, kind)))


@pytest.mark.parametrize(
    ("array", "dimensions", "what"),
    [
        (LABELS, 3, "holds labels (1 dimension) where images (3 dimensions) are expected"),
        (IMAGES, 1, "holds images (3 dimensions) where labels (1 dimension) are expected"),
        (IMAGES[0], 3, "holds 2-dimensional data where images"),
    ],
)
def test_images_and_labels_are_not_confused(file, array, dimensions, what):
    message = refusal(file(packed(array)), dimensions)
    assert what in message
    assert "swapped?" in message


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (2**31 - 1, 28, 28), (60_000, 28, 28)])
def test_a_header_that_announces_more_than_there_is(file, shape, pack):
    message = refusal(file(pack(struct.pack(">HBB3I", 0, 8, 3, *shape) + b"abc")))
    assert " × ".join(map(str, shape)) in message
    assert ("cannot hold" in message) != ("the file holds 3" in message)


def test_gzip_data_cut_anywhere(file):
    whole = gzip.compress(packed(IMAGES))
    for length in range(3, len(whole)):
        assert "damaged or cut short" in refusal(file(whole[:length]))


def test_gzip_data_with_a_damaged_byte(file):
    """Every damage is noticed, but for the header's bytes on date, level, system and name."""
    whole = gzip.compress(packed(IMAGES))
    unnoticed = []
    for place in range(len(whole)):
        path = file(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            found = read_idx(path, 3)
        except ValueError as error:
            if str(path) not in str(error):
                unnoticed.append(place)
        else:
            np.testing.assert_array_equal(found, IMAGES)
            unnoticed.append(place)
    assert set(unnoticed) <= set(range(3, 10))


def test_a_missing_file_and_a_folder(tmp_path):
    assert "does not exist" in refusal(tmp_path / "none")
    assert "is a folder" in refusal(tmp_path)
