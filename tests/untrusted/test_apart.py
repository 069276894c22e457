"""A stranger's model is opened in a child: its death is one line, and so is its hanging."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no child")

PROGRAM = """
import os, signal, sys, time
import click
from app.commands.apart import Limits
from app.commands.door import CheckFailedError, Door
from app.commands.options import isolate_option

def die(): os.kill(os.getpid(), signal.SIGSEGV)
def hang():
    while True: pass
def eat():
    kept = []
    while True: kept.append(bytearray(1 << 24))
def chatter(): os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\\n"); os.abort()
def read():
    from app.untrusted.limits import within
    with within(1): hang()
def fail(): raise CheckFailedError("two rows differ")
def wrong(): raise ValueError("no such layer")
def sleep():
    print("sleeping", flush=True)
    time.sleep(60)
def say(): print(f"apart: {os.getpid() != int(os.environ['PARENT'])}"); print("a warning", file=sys.stderr)

@click.command(cls=Door)
@click.argument("name")
@click.argument("what")
@isolate_option(Limits(seconds=int(os.environ.get("ALLOWED", 60)), memory=1 << 30))
def main(name, what):
    globals()[what]()

os.environ["PARENT"] = str(os.getpid())
main()
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "model.keras").write_text("anything")

    def run(what, name="model.keras", *options, **variables):
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *options, name, what],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def ended(process):
    out, error = process.communicate(timeout=60)
    return process.returncode, out, error


@pytest.mark.parametrize(
    ("what", "variables", "words"),
    [
        ("die", {}, "model.keras brought down the process that opened it (SIGSEGV)"),
        ("chatter", {}, "model.keras took more than the memory there is (1.1 GB"),
        ("eat", {}, "there is not enough memory for this"),
        ("hang", {"ALLOWED": "1"}, "more processor time than it may"),
        ("read", {}, "15 seconds to be read"),
        ("wrong", {}, "no such layer"),
    ],
)
def test_every_end_is_one_line(start, what, variables, words):
    code, out, error = ended(start(what, **variables))
    assert (code, out) == (2, "")
    assert words in error
    assert error.startswith("Error: ")
    assert error.count("\n") == 1


def test_what_it_says_and_its_exit_code_come_through(start):
    assert ended(start("say")) == (0, "apart: True\n", "a warning\n")
    assert ended(start("fail")) == (1, "", "Error: two rows differ\n")


@pytest.mark.parametrize(
    ("name", "options", "variables"),
    [
        ("mnist", (), {}),
        ("no-file.keras", (), {}),
        ("model.keras", ("--no-isolate",), {}),
        ("model.keras", (), {"CONVLAB_ISOLATE": "0"}),
    ],
)
def test_who_needs_no_child(start, name, options, variables):
    assert ended(start("say", name, *options, **variables)) == (0, "apart: False\n", "a warning\n")


def test_without_it_the_process_itself_dies(start):
    """So that it is the child that takes the blow above."""
    code, _, _ = ended(start("die", "model.keras", "--no-isolate"))
    assert code == -signal.SIGSEGV


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "told to end")]
)
def test_whoever_ends_the_parent_ends_the_child(start, number, words):
    process = start("sleep")
    assert process.stdout.readline() == "sleeping\n"
    process.send_signal(number)
    before = time.monotonic()
    _, error = process.communicate(timeout=30)
    assert time.monotonic() - before < 10
    assert words in error


@pytest.mark.parametrize("value", ["", "many", "-1", "1e9"])
def test_limits_of_the_users_own_are_whole_numbers(start, value):
    code, _, error = ended(start("say", CONVLAB_MEMORY=value))
    assert code == 2
    assert "CONVLAB_MEMORY must be a whole number" in error
