"""Arrays in files: images and series as numbers."""

import numpy as np
import pytest

from app.datasets.arrays import read_array
from app.datasets.given import given_samples
from models.pixels import PLAIN

ROWS = np.arange(12).reshape(4, 3) / 7


@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
@pytest.mark.parametrize("heading", ["", "time{0}x{0}y\n"])
def test_rows_of_numbers(tmp_path, mark, heading):
    path = tmp_path / "series.csv"
    path.write_text(heading.format(mark) + "\n".join(mark.join(map(str, row)) for row in ROWS) + "\n")
    np.testing.assert_allclose(read_array(path), ROWS)


def test_whole_numbers_are_bytes_unless_they_are_0_and_1(tmp_path):
    path = tmp_path / "image.csv"
    path.write_text("0,255\n3,4\n")
    assert read_array(path).dtype == np.uint8
    path.write_text("0,1\n1,0\n")
    assert read_array(path).dtype == float
    path.write_text("0,256\n1,0\n")
    assert read_array(path).dtype == float


def test_a_comma_may_be_decimal(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("0,5;1\n2,25;-3\n")
    np.testing.assert_array_equal(read_array(path), [[0.5, 1], [2.25, -3]])


def test_an_array_of_numpy(tmp_path):
    np.save(tmp_path / "a.npy", ROWS)
    np.testing.assert_array_equal(read_array(tmp_path / "a.npy"), ROWS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no numbers"),
        (b"1,2\n3\n", "rows of numbers"),
        (b"a\nb\n", "line 2 holds more than numbers"),
        (b"\xff\xfe", "no text"),
    ],
)
def test_what_holds_no_numbers(tmp_path, content, message):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_array(tmp_path / "bad.csv")


def test_objects_are_never_loaded(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        read_array(tmp_path / "objects.npy")
    with pytest.raises(ValueError, match="does not exist"):
        read_array(tmp_path / "none.npy")


def test_arrays_in_the_networks_own_shape():
    """784 values, and (28, 28), are a 28×28×1 image; (20, 2) is a series of one row."""
    flat = np.random.default_rng(0).uniform(0, 1, (3, 784))
    found = given_samples(flat, (28, 28, 1), PLAIN)
    np.testing.assert_allclose(np.stack([each.inputs for each in found]), flat.reshape(3, 28, 28, 1))
    assert len(given_samples(flat[0], (28, 28, 1), PLAIN)) == 1
    series = np.random.default_rng(0).normal(0, 9, (5, 20, 2))
    found = given_samples(series, (1, 20, 2), PLAIN)
    np.testing.assert_allclose(found[3].inputs, series[3][np.newaxis].astype("float32"))
    assert "20 steps" in found[0].caption
    with pytest.raises(ValueError, match="series of 20 steps with 2 values each, this array is 21×2"):
        given_samples(np.zeros((21, 2)), (1, 20, 2), PLAIN)
