"""Warnings are held back in every thread, and come back when the last one is done."""

import threading
import warnings

import numpy as np
import pytest
from PIL import Image

from app.datasets.ahead import read_ahead
from app.datasets.pictures import read_picture
from app.datasets.silence import without_warnings


def overlap():
    """Two threads whose blocks overlap: the first one in is the first one out."""
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first():
        with without_warnings():
            first_in.set()
            second_in.wait(10)
        first_out.set()

    def second():
        first_in.wait(10)
        with without_warnings():
            second_in.set()
            first_out.wait(10)
            warnings.warn("of a picture", stacklevel=1)

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_the_filters_come_back_though_threads_overlap():
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        overlap()
        warnings.warn("afterwards", stacklevel=1)
    assert [str(each.message) for each in shown] == ["afterwards"]
    assert warnings.filters == before


def test_pictures_read_ahead_leave_them_alone(tmp_path):
    paths = [tmp_path / f"{i}.png" for i in range(40)]
    for path in paths:
        Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(path)
    before = list(warnings.filters)
    for _ in range(5):
        assert len(list(read_ahead(read_picture, paths))) == 40
    assert warnings.filters == before


def test_they_come_back_after_an_error():
    def fail():
        with without_warnings():
            raise OSError("damaged")

    before = list(warnings.filters)
    with pytest.raises(OSError, match="damaged"):
        fail()
    assert warnings.filters == before
