"""A pickle is read as data: what Python makes of plain data, and nothing that calls."""

import collections
import fractions
import io
import os
import pickle
import tracemalloc

import pytest
from conftest import refusal
from hypothesis import given
from hypothesis import strategies as st
from torch_writing import CALL, MARK, STOP, call, named, pickled, row, text, whole

from app.files.plain_pickle import Meaning, read_pickle

LEAVES = st.none() | st.booleans() | st.text(max_size=5) | st.integers(-(1 << 90), 1 << 90)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN, PLAIN)
def test_plain_data_are_what_python_reads(one, two):
    """One value is there twice, and is told once; a second pickle follows the first."""
    stream = io.BytesIO(pickle.dumps([one, two, one], 2) + pickle.dumps(two, 2))
    assert read_pickle(stream) == [one, two, one]
    assert read_pickle(stream) == two


def harmful():
    """Pickles that Python would act upon."""
    return {
        "a system call": pickle.dumps(os.system, 2),
        "called": pickled(call("posix system", text("touch harmed"))),
        "built": pickle.dumps(fractions.Fraction(1, 3), 2),
        "by number": b"\x80\x02\x82\x01.",
        "an instance": b"(S'touch harmed'\nios\nsystem\n.",
        "an object": pickled(MARK + named("os system") + text("touch harmed") + b"o"),
        "a new object": pickle.dumps(collections.Counter("ab"), 2),
        "stack global": pickle.dumps(os.system, 4),
        "float": pickle.dumps(0.5, 2),
        "bytes": pickle.dumps(b"a", 4),
    }


@pytest.mark.parametrize("which", harmful())
def test_whatever_calls_or_is_no_plain_data_is_refused(which, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refusal(read_pickle, io.BytesIO(harmful()[which]))
    assert "no plain data" in said or "plain data do not need" in said
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_allowed_is_not_called_unless_that_is_allowed():
    meaning = Meaning({"a b": lambda *found: found}, frozenset({"c d"}))
    assert read_pickle(io.BytesIO(pickled(call("a b", whole(1), text("x")))), meaning) == (1, "x")
    for content in (call("c d"), text("a b") + row() + CALL, named("a b") + text("no row") + CALL * 2):
        refusal(read_pickle, io.BytesIO(pickled(content)), meaning)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02",
        b"\x80\x02" + b"K\x01K\x02" + STOP,  # two values
        pickled(b"t"),  # no mark
        pickled(MARK + b"\x86"),  # a pair from below a mark
        pickled(b"h\x05"),  # never remembered
        pickled(b"]" + MARK + whole(1) + whole(2) + b"u"),  # pairs into a list
        pickled(b"}" + whole(1) + whole(2) + b"s"),  # a key that is no text
        pickled(b"}" + MARK + text("a") + b"u"),  # a key without a value
        pickled(b"K\x01" + b"}" + b"b"),  # attributes of a number
        pickled(whole(1) + b"Q"),  # something outside
        b"\x80\x02X\xff\xff\xff\xffa",  # a text of 4 GB
        b"\x80\x02\x8a\xff\x01",  # a number that is cut
        b"\x80\x02X\x01\x00\x00\x00\xff" + STOP,  # no UTF-8
        b"\xff",
    ],
)
def test_what_makes_no_sense_is_refused(content):
    refusal(read_pickle, io.BytesIO(content))


def test_a_place_far_off_takes_no_memory():
    """Python's own unpickler makes room for 4,000 million places."""
    tracemalloc.start()
    try:
        assert read_pickle(io.BytesIO(pickled(whole(7) + b"r\xff\xff\xff\xff"))) == 7
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_tuples_within_tuples_do_not_overflow():
    deep = pickled(b")" + b"\x85" * 200_000)
    value = read_pickle(io.BytesIO(deep))
    assert len(value) == 1
