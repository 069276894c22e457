"""`.npy` files: NumPy's own are read as NumPy reads them, and a header is not believed."""

import io

import numpy as np
import pytest
from conftest import refusal

from app.datasets.npy import read_npy

ARRAYS = {
    "bytes": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big endian": np.arange(4, dtype=">i4"),
    "half": np.ones((3, 1), np.float16),
    "truths": np.array([True, False]),
    "one number": np.array(7),
    "none": np.zeros((0, 28, 28), np.uint8),
    "texts": np.array(["a", "bc"]),
}


def packed(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def read(content):
    return read_npy(io.BytesIO(content), len(content))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_it_reads_what_numpy_reads(name, version):
    content = packed(ARRAYS[name], version=version)
    expected = np.load(io.BytesIO(content))
    found = read(content)
    np.testing.assert_array_equal(found, expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)


def with_header(text):
    content = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(content).to_bytes(2, "little") + content + bytes(64)


HEADER = "{{'descr': {}, 'fortran_order': False, 'shape': {}}}"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.format("'|u1'", "(2**40,)"), "header is damaged"),
        (HEADER.format("'|u1'", "(1000000,)"), "says that it holds 1,000,000 bytes"),
        (HEADER.format("'<f8'", "(1000000000, 1000000000, 1000000000)"), "says that it holds"),
        (HEADER.format("'|u1'", "(-1,)"), "has the shape (-1,)"),
        (HEADER.format("'|u1'", "(True,)"), "has the shape (True,)"),
        (HEADER.format("'|u1'", "(2.5,)"), "header is damaged"),
        (HEADER.format("'|u1'", "'many'"), "header is damaged"),
        (HEADER.format("'|O'", "(1,)"), "Python objects, which may be code"),
        (HEADER.format("[('a', '<i4'), ('b', '<i4')]", "(1,)"), "holds no numbers"),
        (HEADER.format("'|V8'", "(1,)"), "holds no numbers"),
        (HEADER.format("'<c16'", "(1,)"), "holds no numbers"),
        (HEADER.format("'<M8[s]'", "(1,)"), "holds no numbers"),
        (HEADER.format("__import__('os').system('x')", "(1,)"), "header is damaged"),
        ("(" * 5000 + ")" * 5000, "header is damaged"),
        ("'''", "header is damaged"),
        ("{'shape': (1,)", "header is damaged"),
    ],
)
def test_a_header_is_not_believed(header, words):
    assert words in refusal(read, with_header(header))


def test_any_cut_is_noticed():
    content = packed(ARRAYS["bytes"])
    for length in range(len(content)):
        refusal(read_npy, io.BytesIO(content[:length]), len(content))
