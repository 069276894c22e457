"""Arrays that a file claims and does not hold."""

import h5py
import numpy as np
import pytest
from conftest import refusal

from app.counting.stored.weight_files import Room


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        yield file


def take_all(file):
    room = Room()
    for name, array in file.items():
        room.take(name, array)
    return room


def test_what_is_there_is_taken(file):
    file["a"] = np.zeros((3, 4), np.float32)
    file["b"] = np.zeros(5, np.int8)
    file["c"] = np.array([True, False])
    file["packed"] = 1.0
    file.create_dataset("zeros", (1000, 1000), "f4", chunks=True, compression="gzip")[:] = 0
    room = take_all(file)
    assert room.claimed == 48 + 5 + 2 + 8 + 4_000_000
    assert room.stored < 100_000


def test_one_that_claims_gigabytes(file):
    file.create_dataset("kernel", (32_000, 32_000), "f4", chunks=(1000, 1000))
    assert "up to kernel would unpack from 0 bytes to 4,096,000,000" in refusal(take_all, file)


def test_many_that_claim_gigabytes_together(file):
    for number in range(10):
        file.create_dataset(f"kernel{number}", (8_000, 8_000), "f4", chunks=(1000, 1000))
    assert "up to kernel2 would unpack" in refusal(take_all, file)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array(["a"], h5py.string_dtype()), "holds no numbers"),
        (np.array([b"abc"]), "holds no numbers"),
        (np.array([1j]), "holds no numbers"),
        (np.zeros(1, [("a", "f4"), ("b", "f4")]), "holds no numbers"),
        (np.empty(1, h5py.ref_dtype), "holds no numbers"),
    ],
)
def test_what_is_no_number(file, array, words):
    file.create_dataset("odd", data=array, dtype=array.dtype)
    assert words in refusal(take_all, file)


def test_numbers_that_lie_elsewhere(file, tmp_path):
    (tmp_path / "secret").write_bytes(bytes(100))
    file.create_dataset("outside", (10,), "f4", external=[(str(tmp_path / "secret"), 0, 40)])
    assert "lie in another file" in refusal(take_all, file)
