"""Regular files alone are read and written."""

import os
import socket
from pathlib import Path

import pytest
from conftest import refusal

from app.files.atomic import replacing_all, write_text
from app.files.lock import only_one
from app.untrusted.places import verify_readable, verify_writable


def lock(path):
    with only_one(path, "running"):
        pass


def write_both(paths, text):
    with replacing_all(*paths) as made:
        for each in made:
            each.write_text(text)


@pytest.fixture
def odd(tmp_path):
    """One of each kind of thing that is no regular file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "kept.txt").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept.txt")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        yield tmp_path
    assert (tmp_path / "kept.txt").read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", "is a pipe"),
        ("folder", "is a folder"),
        ("socket", "is a socket"),
        ("link", "is a link"),
        ("dangling", "is a link"),
    ],
)
def test_nothing_else_is_written(odd, name, words):
    for action in (
        verify_writable,
        lambda path: write_text(path, "lost"),
        lambda path: only_one(path, "x").__enter__(),
    ):
        assert words in refusal(action, odd / name)
    assert not (odd / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", "is a pipe"),
        ("folder", "is a folder"),
        ("socket", "is a socket"),
        ("dangling", "does not exist"),
    ],
)
def test_nothing_else_is_read(odd, name, words):
    assert words in refusal(verify_readable, odd / name, "model file", "a .keras file")


def test_devices_and_addresses(tmp_path):
    assert "/dev/full is a device" in refusal(verify_writable, Path("/dev/full"))
    assert "/dev/zero is a device" in refusal(verify_readable, Path("/dev/zero"))
    assert "is an address" in refusal(verify_readable, Path("gs://bucket/model.keras"))
    assert "does not exist" in refusal(verify_readable, tmp_path / "a\0b")


def test_regular_files_are_read_and_written_and_links_are_read(odd):
    verify_readable(odd / "kept.txt")
    verify_readable(odd / "link")
    verify_writable(odd / "kept.txt")
    verify_writable(odd / "new.txt")


def test_a_lock_does_not_empty_its_file(tmp_path):
    (tmp_path / "lock").write_text("something of the user's")
    with only_one(tmp_path / "lock", "running"):
        assert "already running" in refusal(lock, tmp_path / "lock")
    assert (tmp_path / "lock").read_text() == "something of the user's"


def test_of_two_files_both_are_new_or_none(tmp_path, monkeypatch):
    """The second cannot be written out: the first stays as it was."""
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        path.write_text("old")
    sync, calls = os.fsync, []

    def fail(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_both(paths, "new")
    assert [path.read_text() for path in paths] == ["old", "old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("there", [True, False])
def test_what_was_moved_is_moved_back(tmp_path, monkeypatch, there, has_links):
    """The second rename fails: the first file has its old content again, or is not there, as before."""
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        if there:
            path.write_text("old")
    move, calls = Path.replace, []

    def fail(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(13, "Permission denied")
        return move(self, target)

    def no_links(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", fail)
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(OSError, match="Permission denied"):
        write_both(paths, "new")
    first = "new" if not has_links else "old"  # without a second name it cannot be taken back
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == (
        {"a.txt": first, "b.txt": "old"} if there else {}
    )
