"""A picture that brings its process down: found by the notes that dead processes left, and by nothing else."""

import sys

import numpy as np
import pytest

from app.shards.deaths import MOST, PATIENCE, Attempt, BringsDownError, forget_deaths
from app.shards.doing import do_watched
from app.shards.needs import Needs
from app.shards.shard import Shard

SHARD = Shard("000000-abc", range(6))


class Death(BaseException):
    """A process dies: nothing behind it runs, not even what tidies up."""


class Fragile:
    """Work of batches of two, in which some items bring down the process, or any does as often as is said."""

    batch_size = 2

    def __init__(self, poison=(), times=0):
        self.poison, self.times, self.left = set(poison), times, []

    def read(self, items):
        return list(items)

    def records(self, batch):
        if self.times > 0 or self.poison & set(batch):
            self.times -= 1
            raise Death
        return [(item, "") for item in batch]

    def skipped(self, item, reason):
        return [(item, reason)]

    def leave(self, shard, records):
        self.left = [each for batch in records for each in batch]
        return {str(item): reason for item, reason in self.left if reason}


class FragileJob:
    """A job whose work is there already."""

    def __init__(self, folder, work):
        self.folder, self.work, self.needs = folder, work, Needs()

    def open(self):
        return self.work

    def __reduce__(self):
        return (str, (str(self.folder),))


ORIGINAL_END = Attempt.end


def end_unless_dead(attempt):
    """What a dead process does at the end of an attempt: nothing."""
    if not isinstance(sys.exc_info()[1], Death):
        ORIGINAL_END(attempt)


def run_until_done(folder, work, monkeypatch, most=60):
    """Do a shard as a cluster would: again whenever the process has died. Returns what was done, and the deaths."""
    monkeypatch.setattr(Attempt, "end", end_unless_dead)
    job = FragileJob(folder, work)
    for deaths in range(most):
        try:
            return do_watched(job, SHARD, lambda count: None), deaths
        except Death:
            pass
    raise AssertionError("the shard is never done")


@pytest.mark.parametrize("poison", [[0], [3], [5], [1, 2], [0, 3, 5]])
def test_each_poisoned_item_is_named_and_all_others_are_done(tmp_path, monkeypatch, poison):
    work = Fragile(poison)
    done, _ = run_until_done(tmp_path, work, monkeypatch)
    assert sorted(done.failures) == [str(item) for item in poison]
    assert [item for item, _ in work.left] == list(range(6))
    assert not list(tmp_path.rglob("*.json"))


def test_one_poisoned_item_costs_four_processes(tmp_path, monkeypatch):
    _, deaths = run_until_done(tmp_path, Fragile([3]), monkeypatch)
    assert deaths == PATIENCE + 2


@pytest.mark.parametrize("times", [1, PATIENCE, PATIENCE + 1])
def test_a_process_that_dies_of_something_else_is_no_picture_s_fault(tmp_path, monkeypatch, times):
    done, deaths = run_until_done(tmp_path, Fragile(times=times), monkeypatch)
    assert done.failures == {}
    assert deaths == times


def test_a_shard_that_only_dies_as_a_whole_is_given_up(tmp_path, monkeypatch):
    class Large(Fragile):
        def records(self, batch):
            if len(batch) > 1:
                raise Death
            return super().records(batch)

    with pytest.raises(
        BringsDownError, match=f"brought down {MOST + 1} processes, and none of its pictures alone"
    ):
        run_until_done(tmp_path, Large(), monkeypatch)


def test_an_error_is_no_death(tmp_path):
    class Wrong(Fragile):
        def records(self, batch):
            raise ValueError("no numbers")

    with pytest.raises(ValueError, match="no numbers"):
        do_watched(FragileJob(tmp_path, Wrong()), SHARD, lambda count: None)
    assert not list(tmp_path.rglob("*.json"))


def test_a_note_of_an_earlier_run_is_forgotten_and_a_damaged_one_is_none(tmp_path):
    Attempt(tmp_path, SHARD)
    assert Attempt(tmp_path, SHARD).note.deaths == 1
    forget_deaths(tmp_path, SHARD)
    assert Attempt(tmp_path, SHARD).note.deaths == 0
    (note,) = tmp_path.rglob("*.json")
    note.write_text("{")
    assert Attempt(tmp_path, SHARD).note.deaths == 0
    assert np.array(Attempt(tmp_path, SHARD).note.left_out).size == 0
