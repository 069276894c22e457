"""A sample of the corpus and of damaged files; and the judge, who must find what is wrong."""

import os
import re
import sys
import textwrap
from dataclasses import replace

import pytest

from hostile.corpus import ROWS
from hostile.flips import CUTS, KINDS, Kind, Swept, _collect, damage, sweep_kind
from hostile.making import PLACES, keras_file, swollen, write_zip, zeros, zeros_crc, zeros_zlib
from hostile.rows import Row
from hostile.runner import MOST_MEMORY, Outcome, Server, judge, run_row, snapshot

SAMPLE = [row for row in ROWS if row.seconds <= 40][::20]
FLIPS = 40
QUIET = Outcome(2, False, 0.1, 0.1, 10**8, 10**7, "", "Error: m.keras is a pipe, not a regular file\n")
ROW = Row("models/example", "params m.keras", "regular file", names="m.keras")


@pytest.fixture(scope="module")
def server():
    """The process that forks."""
    serving = Server()
    yield serving
    serving.close()


def faults(row=ROW, **changes):
    return " ".join(judge(row, replace(QUIET, **changes)).faults)


def test_what_is_refused_in_one_line_holds():
    assert not faults()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": 0}, "exit code 0, expected 2"),
        ({"code": 1}, "exit code 1"),
        ({"code": -9}, "SIGKILL"),
        ({"code": -11}, "SIGSEGV"),
        ({"code": -9, "late": True}, "did not end"),
        ({"code": 1, "err": "Traceback (most recent call last):\nKeyError: 'x'\n"}, "traceback"),
        ({"err": "Error: an internal error: m.keras, regular file\n"}, "internal error"),
        ({"err": f"a warning\n{QUIET.err}"}, "2 lines"),
        ({"err": f"{QUIET.err}\n\nmore"}, "lines"),
        ({"err": ""}, "0 lines"),
        ({"err": "m.keras is no regular file\n"}, "begins with Error"),
        ({"err": "Error: m.keras is odd\n"}, "does not say"),
        ({"err": "Error: no regular file\n"}, "does not name m.keras"),
        ({"err": "Error: m.keras \x1b[31m regular file\n"}, r"prints the sign '\x1b'"),
        ({"err": "Error: m.keras \u202e regular file\n"}, r"prints the sign '\u202e'"),
        ({"out": "50 %\r100 %"}, r"prints the sign '\r'"),
        ({"processor": 21}, "of the processor"),
        ({"memory": MOST_MEMORY + 1}, "of memory"),
        ({"left": (".m-x.tmp.png",)}, "leaves .m-x.tmp.png"),
        ({"left": ("output/map.png",)}, "leaves output/map.png"),
        ({"changed": ("outside/precious.txt",)}, "changes outside/precious.txt"),
    ],
)
def test_the_judge_finds(changes, says):
    assert says in faults(**changes)


def test_what_may_end_well_may_leave_its_output():
    row = replace(ROW, code=(0, 2))
    assert not faults(row, code=0, err="", out="a regular file", left=("output/map.png",))
    assert not faults(row, code=0, err="", out="nothing")
    assert "does not say" in faults(replace(row, says_always=True), code=0, err="", out="nothing")
    assert "does not say" in faults(replace(row, code=0), code=0, err="", out="nothing")
    assert "leaves" in faults(row, code=0, err="", out="a regular file", left=("map.png",))


def test_a_broken_pipe_is_quiet():
    row = replace(ROW, code=141, message="")
    assert not faults(row, code=-13, err="")
    assert not faults(row, code=141, err="")
    assert "not quiet" in faults(row, code=141, err="Exception ignored\n")


def test_a_snapshot_sees_what_changes(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("a")
    (tmp_path / "link").symlink_to("file")
    before = snapshot(tmp_path)
    (tmp_path / "file").write_text("b")
    (tmp_path / "link").unlink()
    (tmp_path / "pipe").unlink()
    (tmp_path / "pipe").write_text("")
    after = snapshot(tmp_path)
    assert {name for name in before if after.get(name) != before[name]} == {"file", "link", "pipe"}


def test_zeros_are_what_they_claim(tmp_path):
    import gzip
    import zipfile
    import zlib

    from hostile.making import gzipped

    for count in (0, 1, 70_000, (1 << 24) + 5):
        assert zlib.decompress(zeros(count), -15) == bytes(count)
        assert zlib.decompress(zeros_zlib(count)) == bytes(count)
        assert zeros_crc(count, zlib.crc32(b"x")) == zlib.crc32(b"x" + bytes(count))
        assert gzip.decompress(gzipped(b"head", count)) == b"head" + bytes(count)
    write_zip(tmp_path / "a.zip", [swollen("zeros", 100_000, b"head"), swollen("more", 6 * 10**9)])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("zeros") == b"head" + bytes(100_000)
        assert archive.getinfo("more").file_size == 6 * 10**9
    assert (tmp_path / "a.zip").stat().st_size < 10**7


def test_every_row_says_what_it_expects():
    assert len(ROWS) > 300
    for row in ROWS:
        assert row.arguments
        re.compile(row.message)
        assert set(row.codes) <= {0, 1, 2, 141}
    kinds = {"models", "data", "folders", "pictures", "outputs", "text", "pipes"}
    assert {row.kind for row in ROWS} == kinds | {"predict", "evaluate", "export", "torch"}


def test_the_places_are_what_they_are_called(tmp_path):
    for place, (put, _) in PLACES.items():
        put(tmp_path / place)
        assert os.path.lexists(tmp_path / place)
        assert not (tmp_path / place).is_file()


def test_damage_is_repeatable_and_small():
    content = bytes(range(200))
    for trial in range(50):
        damaged = damage(content, "kind", 7, trial, 50)
        assert damaged == damage(content, "kind", 7, trial, 50)
        assert sum(a != b for a, b in zip(content, damaged, strict=True)) <= 1
    assert damage(content, "kind", 7, 50, 50) == content[: len(damage(content, "kind", 7, 50, 50))]


def test_a_death_belongs_to_the_file_that_was_being_read():
    swept = Swept(replace(KINDS[0], in_child=False))
    lines = [{"trial": 3}, {"trial": 3, "said": ["result", ""]}, {"trial": 4}]
    assert _collect(swept, lines, -11, 3, 100) == 5
    assert swept.deaths == {4: "SIGSEGV"}
    assert swept.is_bad
    assert not Swept(replace(KINDS[0], in_child=True), deaths={4: "SIGSEGV"}).is_bad
    assert _collect(swept, [{"trial": 99}, {"trial": 99, "said": ["fault", "x"]}], 0, 99, 100) == 100
    assert swept.faults == {99: "x"}


# --- rows that deserve it, really run ---------------------------------------------------------------------------------


@pytest.mark.keras
def test_bad_commands_are_judged_failed(server, tmp_path, monkeypatch):
    """A fresh Python runs a module `app` of the row's own, which misbehaves."""
    program = """
        import os, sys
        what = sys.argv[1]
        if what == "traceback": raise KeyError("x")
        if what == "leave": open("left.tmp", "w").close()
        if what == "change": open("../outside/precious.txt", "w").close()
        if what == "memory": _ = b"x" * 1_900_000_000
        if what == "die": os.abort()
        if what == "hang": import time; time.sleep(60)
        print("Error: bad", file=sys.stderr)
        if what == "lines": print("more", file=sys.stderr)
        sys.exit(2)
    """

    def make(folder):
        (folder / "app.py").write_text(textwrap.dedent(program))

    expected = {
        "fine": "",
        "traceback": "traceback",
        "lines": "2 lines",
        "leave": "leaves left.tmp",
        "change": "changes outside/precious.txt",
        "memory": "GB of memory",
        "die": "killed by SIGABRT",
        "hang": "did not end",
    }
    for what, says in expected.items():
        row = Row(f"text/{what}", what, "bad", make, is_fresh=True, seconds=3 if what == "hang" else 40)
        found = " ".join(run_row(server, row, tmp_path).faults)
        assert says in found if says else not found, (what, found)
    assert not list(tmp_path.iterdir())


# --- the sample ------------------------------------------------------------------------------------------------------


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("row", SAMPLE, ids=[row.name for row in SAMPLE])
def test_a_sample_of_the_corpus(server, tmp_path, row):
    verdict = run_row(server, row, tmp_path)
    assert not verdict.faults, verdict.outcome


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_sample_of_damaged_files(server, kind):
    swept = sweep_kind(server, kind, FLIPS, seed=1)
    assert not swept.faults
    assert kind.in_child or not swept.deaths
    assert swept.counts.total() >= int(FLIPS * kind.share) * (CUTS + 1) // CUTS


def test_a_reader_that_is_wrong_is_found(tmp_path):
    from hostile.flips import _judge

    def wrong(path):
        raise KeyError("x")

    def several(path):
        raise ValueError(f"{path}\nmore")

    def nameless(path):
        raise ValueError("something is wrong")

    def right(path):
        raise ValueError(f"{path} is damaged")

    for read, says in ((wrong, "KeyError"), (several, "several lines"), (nameless, "names no file")):
        what, words = _judge(Kind("x", "m.x", keras_file, read), tmp_path / "m.x")
        assert what == "fault"
        assert says in words
    assert _judge(Kind("x", "m.x", keras_file, right), tmp_path / "m.x") == ("refused", "")
    assert _judge(Kind("x", "m.x", keras_file, str), tmp_path / "m.x") == ("result", "")
    assert sys.platform.startswith("linux")
