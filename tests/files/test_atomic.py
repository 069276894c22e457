import os
import signal
import stat

import pytest

from app.files.atomic import replacing, sweep, write_text


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def fail_inside(target, error):
    with replacing(target) as temporary:
        temporary.write_text("half of the new con")
        raise error


def test_the_new_file_takes_the_place_of_the_old(target):
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == target.parent  # or the last step would be a copy
        assert temporary.suffix == target.suffix  # Keras goes by it
    assert target.read_text() == "new"
    assert names(target.parent) == [target.name]


def test_a_file_that_was_not_there(tmp_path):
    write_text(tmp_path / "card.json", "größe: 28×28\n")
    assert (tmp_path / "card.json").read_bytes() == "größe: 28×28\n".encode()
    assert names(tmp_path) == ["card.json"]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit])
def test_an_error_inside_leaves_the_old_file_and_nothing_else(target, error):
    with pytest.raises(error):
        fail_inside(target, error())
    assert target.read_text() == "old"
    assert names(target.parent) == [target.name]


def test_an_error_inside_makes_no_file(tmp_path):
    with pytest.raises(ValueError, match="no"):
        fail_inside(tmp_path / "new.txt", ValueError("no"))
    assert names(tmp_path) == []


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(target):
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\ud800")
    assert target.read_text() == "old"
    assert names(target.parent) == [target.name]


def test_a_folder_in_the_way_leaves_no_rest(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(ValueError, match="taken is a folder"):
        write_text(tmp_path / "taken", "text")
    assert names(tmp_path) == ["taken"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_text(tmp_path / "nowhere" / "card.json", "text")


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_the_file_may_be_read_by_those_who_may_read_new_files(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "a", "text")
        (tmp_path / "b").write_text("text")
        assert os.umask(mask) == mask  # and the mask itself is left alone
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"]
    assert modes[0] == modes[1] == 0o666 & ~mask


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_run_leaves_the_old_file(target, command):
    code = (
        "import os, signal, sys; from pathlib import Path; from app.files.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half of the new con')\n"
        "    print('inside', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = command("-c", code, target)
    assert done.stdout == "inside\n", done.stderr
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    write_text(target, "new")  # what the killed run left is not in the way
    assert target.read_text() == "new"


def test_what_a_killed_process_left_is_removed_by_the_name_of_its_file(tmp_path):
    left = [
        ".a-12345678.tmp.npz",
        ".b-c-x_y_z_12.tmp.npz",
        ".epoch-03-abcdefgh.tmp.keras",
        ".[x]-abcdefgh.tmp",
    ]
    others = [".a-123.tmp.npz", ".a-12345678.npz", "a-12345678.tmp.npz", "a.npz", ".d-12345678.tmp.npz"]
    for name in (*left, *others):
        (tmp_path / name).touch()
    sweep(tmp_path, "a.npz", "b-c.npz", "epoch-*.keras", "[x]")
    assert names(tmp_path) == sorted(others)
    sweep(tmp_path, "*")
    assert names(tmp_path) == sorted(others[:-1])
