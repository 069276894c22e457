from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculate import notation
from app.calculate.geometry import ReversibleWindow


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("28", (28, 28, 1)),
        ("28x32", (28, 32, 1)),
        ("28×32×3", (28, 32, 3)),
        ("7X7x64", (7, 7, 64)),
        (" 28x32 ", (28, 32, 1)),
        ("1000000000", (10**9, 10**9, 1)),
    ],
)
def test_shapes(text, shape):
    assert notation.parse_shape(text) == shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "not a whole number"),
        ("28x", "not a whole number"),
        ("0", "from 1 to 1,000,000,000"),
        ("28x0x3", "from 1"),
        ("-3", "not a whole number"),
        ("3.5", "not a whole number"),
        ("1x2x3x4", "write it as 28 or 28x32 or 28x32x3"),
        ("", "not a whole number"),
        ("²", "not a whole number"),
        ("1000000001", "from 1 to"),
        ("9" * 5000, "from 1 to"),
    ],
)
def test_what_is_no_shape_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        notation.parse_shape(text)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("same", ("same", "same")),
        ("1", ((1, 1), (1, 1))),
        ("1,2", ((1, 2), (1, 2))),
        ("1,2x0", ((1, 2), (0, 0))),
        ("same×3", ("same", (3, 3))),
        ("FULL", ("full", "full")),
    ],
)
def test_paddings_of_rows_and_columns(text, sides):
    assert notation.parse_padding(text) == sides


@pytest.mark.parametrize("text", ["", "sam", "1,2,3", "-1", "1x2x3", "1,", "10001"])
def test_what_is_no_padding_is_refused(text):
    with pytest.raises(ValueError, match="padding"):
        notation.parse_padding(text)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_a_list_of_numbers_comes_back_sorted_and_once(numbers):
    text = ",".join(map(str, numbers))
    assert notation.parse_list(text, "kernels") == sorted(set(numbers))


def test_ranges_and_lists():
    assert notation.parse_range("20-64", "inputs") == range(20, 65)
    assert notation.parse_range("28", "inputs") == range(28, 29)
    assert notation.parse_list("1-3,7,2", "kernels") == [1, 2, 3, 7]
    assert notation.parse_paddings("valid,same,1,valid") == ["valid", "same", (1, 1)]
    with pytest.raises(ValueError, match="run backwards; write 20-64"):
        notation.parse_range("64-20", "inputs")
    with pytest.raises(ValueError, match="more than 1,000; give fewer"):
        notation.parse_list("1-5000", "kernels")


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        ("conv3", ReversibleWindow(3), ReversibleWindow(3)),
        ("pool2", ReversibleWindow(2, 2), ReversibleWindow(2, 2)),
        ("pool3/2", ReversibleWindow(3, 2), ReversibleWindow(3, 2)),
        ("conv3/2,d2", ReversibleWindow(3, 2, "valid", 2), ReversibleWindow(3, 2, "valid", 2)),
        ("conv3x5/1x2,same", ReversibleWindow(3, 1, "same"), ReversibleWindow(5, 2, "same")),
        ("Conv7/2,p3", ReversibleWindow(7, 2, (3, 3)), ReversibleWindow(7, 2, (3, 3))),
        (
            "pool3/2,p1,ceil",
            ReversibleWindow(3, 2, (1, 1), ceil=True),
            ReversibleWindow(3, 2, (1, 1), ceil=True),
        ),
        ("pool2x3", ReversibleWindow(2, 2), ReversibleWindow(3, 3)),
    ],
)
def test_layers(text, rows, columns):
    assert notation.parse_layer(text) == notation.Link(text, (rows, columns))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cnv3", "is not a layer; write conv3"),
        ("conv", "is not a layer"),
        ("conv0", "from 1"),
        ("conv3/0", "from 1"),
        ("conv3,d2,d3", "twice"),
        ("pool2,d2", "'d2' in"),
        ("conv3,ceil", "'ceil' in"),
        ("pool2,same,ceil", "ceil goes with"),
        ("conv3,q", "'q' in"),
        ("pool2,p2,ceil", "smaller than the pool"),
        ("conv3x5x7", "too many parts"),
        ("convx", "not a whole number"),
    ],
)
def test_what_is_no_layer_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        notation.parse_layer(text)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_with_a_valueerror(text):
    for parse in (
        notation.parse_shape,
        notation.parse_padding,
        notation.parse_layer,
        notation.parse_paddings,
    ):
        with suppress(ValueError):
            parse(text)
