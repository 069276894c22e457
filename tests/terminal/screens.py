"""Commands in a terminal of 80×24, and what is on its screen: `python tests/terminal/screens.py` writes captures anew.

A command runs in a pseudo-terminal, and pyte draws what it writes, as a terminal does. A module that takes long to
import stops the command until everything that it has written is read, so that what comes first is told by order and not
by a clock. What differs from run to run is masked in a capture: times, and the measures of a training.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass, field
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
CAPTURES = Path(__file__).parent / "captures"
COLUMNS, LINES = 80, 24
TALL = 3000
"""Lines of a screen on which nothing scrolls away."""
COMMANDS = {
    "params-mnist": "params mnist",
    "params-resnet18": "params resnet18",
    "saliency": "saliency --model mnist --class 3 --output out",
    "train": "train --model x_or_not_x --epochs 2 --output out",
    "data": "data --output out",
    "claims": "claims --article 000",
    "features-maps": "features maps --model mnist --output out",
    "faith": "faith --model mnist --count 10",
}
"""The commands that are tried, by the names of their captures."""
STOPPER = """
import os, runpy, sys
told, go = int(os.environ["TOLD"]), int(os.environ["GO"])
class Stopper:
    def find_spec(self, name, *_):
        if name in HEAVY and name not in seen:
            seen.add(name); os.write(told, name.encode() + b"\\n"); os.read(go, 1)
HEAVY, seen = ("tensorflow", "keras", "matplotlib"), set()
sys.meta_path.insert(0, Stopper())
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""Runs a command; before a module is imported that takes long, it says so and waits until all is read."""
VARYING = r"\d+\.\d+(?:e-\d+)?|\b\d+(?= s\b)|(?<=\()\d+(?=×\))"
"""Computed numbers, seconds, and counts of mistakes: their digits are masked, before the point by one mark."""
EXACT = ("params-mnist", "params-resnet18", "claims", "data")
"""Captures in which every number is the same on every machine."""


@dataclass
class Run:
    """What a command wrote."""

    code: int
    written: bytes
    before: dict[str, bytes] = field(default_factory=dict)
    """What had been written when a heavy module was about to be imported."""

    def text(self) -> str:
        """All lines, as they stand on a screen on which nothing scrolls away."""
        return "\n".join(drawn(self.written, TALL)).rstrip() + "\n"

    def screen(self) -> list[str]:
        """The lines of the terminal at the end."""
        return drawn(self.written, LINES)


def drawn(written: bytes, lines: int, columns: int = COLUMNS) -> list[str]:
    """Return the lines of a screen."""
    screen = pyte.Screen(columns, lines)
    pyte.ByteStream(screen).feed(written)
    return [line.rstrip() for line in screen.display]


def run_in_terminal(command: str, folder: Path, columns: int = COLUMNS, **settings: str) -> Run:
    """Run a command of `app` in a terminal; what it leaves goes into `out` in a folder."""
    (told, tell), (wait, go) = os.pipe(), os.pipe()
    terminal, inside = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    module, *arguments = command.split()
    usual = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")
    }
    own = {"TERM": "xterm-256color", "TOLD": str(tell), "GO": str(wait), "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-c", STOPPER, f"app.{module}", *arguments],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=folder,
        env={**usual, **own, **settings},
        pass_fds=(tell, wait),
        start_new_session=True,
    )
    for descriptor in (inside, tell, wait):
        os.close(descriptor)
    run = Run(-1, b"")
    while True:
        ready, _, _ = select.select([terminal, told], [], [], 120)
        if not ready:
            raise TimeoutError(f"{command} has written nothing for two minutes")
        if terminal in ready and not _read(terminal, run):
            break
        if told in ready and (names := os.read(told, 1000).decode().split()):
            while select.select([terminal], [], [], 0.05)[0] and _read(terminal, run):
                pass
            run.before.update(dict.fromkeys(names, run.written))
            os.write(go, b"." * len(names))
    run.code = child.wait()
    for descriptor in (told, go, terminal):
        os.close(descriptor)
    return run


def _read(terminal: int, run: Run) -> bool:
    try:
        piece = os.read(terminal, 1 << 16)
    except OSError:  # nothing has the terminal open any more
        return False
    run.written += piece
    return bool(piece)


def masked(name: str, text: str) -> str:
    """Return the lines of a capture without what differs from run to run: 9 s and 10 s are the same."""
    if name in EXACT:
        return text
    return re.sub(VARYING, lambda found: re.sub(r"^#+", "#", re.sub(r"\d", "#", found[0])), text)


def capture(name: str, folder: Path) -> Run:
    """Run the command of a capture; what it leaves goes into a folder."""
    return run_in_terminal(COMMANDS[name], folder, CONVLAB_MODELS=str(folder / "models"))


def main() -> None:
    """Write the captures anew, all or those that are named."""
    for name in sys.argv[1:] or COMMANDS:
        with tempfile.TemporaryDirectory(dir="/tmp", prefix="out") as folder:
            run = capture(name, Path(folder))
        (CAPTURES / f"{name}.txt").write_text(masked(name, run.text()), "utf-8")
        print(name, run.code, len(run.text().splitlines()), "lines")


if __name__ == "__main__":
    main()
