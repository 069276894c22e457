"""What is waited for is said on a terminal, before the wait begins, and is gone when it ends."""

import io
import os
import pty
import select
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from app.show import progress
from app.show.progress import clear_waiting, waiting


class Terminal(io.StringIO):
    """Standard error as a terminal: what is written to its descriptor is read from the other side."""

    encoding = "utf-8"

    def __init__(self):
        super().__init__()
        self.outside, self.inside = pty.openpty()

    def isatty(self):
        return True

    def fileno(self):
        return self.inside

    def written(self):
        pieces = b""
        while select.select([self.outside], [], [], 0.02)[0]:
            pieces += os.read(self.outside, 1 << 16)
        return pieces.decode()


@pytest.fixture
def terminal(monkeypatch):
    found = Terminal()
    monkeypatch.setattr(
        "app.show.progress.sys", SimpleNamespace(stderr=found)
    )  # pytest keeps changing the real one
    monkeypatch.setenv("TERM", "xterm")
    yield found
    os.close(found.inside)
    os.close(found.outside)
    assert waiting._shown is None


def test_the_words_stand_there_before_the_block_begins_and_are_gone_behind_it(terminal):
    with waiting("loading a model"):
        first = terminal.written()
        assert f"{progress.FRAMES[0]} loading a model" in first
        time.sleep(3.5 * progress.TURN)
        assert progress.FRAMES[2] in terminal.written()
    assert terminal.written().endswith("\r\x1b[K")
    time.sleep(2 * progress.TURN)
    assert terminal.written() == ""


def test_an_inner_wait_takes_the_place_of_the_outer_one(terminal):
    with waiting("outer"):
        with waiting("inner"):
            assert "inner" in terminal.written().rpartition("\r")[2]
        assert "outer" in terminal.written().rpartition("\r")[2]
    assert terminal.written().endswith("\r\x1b[K")


def test_a_bar_takes_the_words_away(terminal):
    with waiting("reading"):
        clear_waiting()
        terminal.written()
        time.sleep(3 * progress.TURN)
        assert terminal.written() == ""


def test_an_error_leaves_nothing_on_the_screen(terminal):
    with pytest.raises(ValueError, match="no"), waiting("reading"):
        raise ValueError("no")
    assert terminal.written().endswith("\r\x1b[K")


def test_a_dumb_terminal_gets_one_line(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    with waiting("reading"):
        time.sleep(2 * progress.TURN)
    assert terminal.written() == "reading …\r\n"


def test_a_pipe_gets_nothing_and_rich_is_not_loaded():
    code = (
        "import sys; from app.show.progress import waiting\nwith waiting('reading'): pass\n"
        "print(sorted({'rich', 'threading', 'uuid'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
