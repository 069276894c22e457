import io
import sys
from contextlib import suppress
from types import ModuleType, SimpleNamespace

import pytest
from rich.console import Console

from app.show import progress as module
from app.show.progress import Progress, find_notebook


def shown(steps, is_terminal, *arguments, **options):
    """What `steps` leave on a terminal, or in a file."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=100)
    with Progress(console, *arguments, **options) as progress:
        steps(progress)
        progress._bar.refresh()
    return stream.getvalue()


def nothing(progress):
    pass


def test_a_terminal_sees_what_is_done_how_much_and_the_words():
    def steps(progress):
        progress.update(3, "files,", what="second", total=7, words="left, [good]", line="a line")

    text = shown(steps, True, "first", doing="pages,", words="left, fine")
    for words in ("second", "3/7", "files,", "left, [good]"):
        assert words in text
    assert "a line" not in text
    before = shown(nothing, True, "first", 7, 2, doing="pages,", words="left, fine")
    for words in ("first", "2/7", "pages,", "left, fine"):
        assert words in before


def test_more_that_is_done_is_added():
    assert "5/7" in shown(lambda progress: progress.advance(3), True, "pictures", 7, 2)


@pytest.mark.parametrize(
    ("column", "done", "words"), [("share", 0.25, "25%"), ("bytes", 25e6, "25.0/50.0 MB")]
)
def test_what_is_done_is_a_count_a_share_or_bytes(column, done, words):
    total = 1.0 if done < 1 else 50e6
    assert words in shown(lambda progress: progress.update(done), True, "x", total, amount=column)


def test_the_time_is_what_is_left_or_what_has_gone():
    assert "-:--:--" in shown(nothing, True, "x", 5)
    assert "0:00:00" in shown(nothing, True, "x", 5, time="passed")


def test_a_file_gets_each_line_once_and_no_bar():
    def steps(progress):
        for line in ("epoch 1 of 2", "epoch 1 of 2", "", "epoch 2 of 2", "epoch 2 of 2"):
            progress.update(1, line=line)
        progress.advance(1)

    assert shown(steps, False, "epochs", 2) == "epoch 1 of 2\nepoch 2 of 2\n"
    assert shown(nothing, False, "epochs", 2) == ""


def test_what_may_have_nothing_to_do_shows_nothing_before_it_begins():
    assert "Fetching" not in shown(nothing, True, "Fetching w.h5", amount="bytes", waits=True)
    text = shown(lambda progress: progress.update(1, total=2), True, "Fetching w.h5", waits=True)
    assert "Fetching w.h5" in text


@pytest.fixture
def notebook(monkeypatch):
    """A kernel that notes what is displayed, and a clock that is set by hand: returns both."""
    states, clock = [], SimpleNamespace(now=0.0)

    def publish(data, metadata, transient, update):
        ids.add(transient["display_id"])
        states.append((update, data["text/plain"]))

    ids, ipython = set(), ModuleType("IPython")
    shell = SimpleNamespace(kernel="a kernel", display_pub=SimpleNamespace(publish=publish))
    ipython.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock.now)
    yield states, clock
    assert len(ids) == min(len(states), 1)


def work(clock, moments, **options):
    """Work that has done so many steps at each of some moments; returns what was printed."""
    stream = io.StringIO()
    with Progress(Console(file=stream), "epoch 1/2", 4, doing="steps,", words="left, fine", **options) as bar:
        for done, moment in enumerate(moments, 1):
            clock.now = moment
            bar.update(done, line=f"{done} steps")
    return stream.getvalue()


def test_a_notebook_sees_one_line_that_ends_as_the_work_did(notebook):
    states, clock = notebook
    assert work(clock, (0.5, 1.5, 1.6, 2.0)) == ""
    assert [update for update, _ in states] == [False, True, True]
    texts = [text for _, text in states]
    assert texts[0].startswith("epoch 1/2 ━━━━━━━━━━────────── 2/4 steps, ")
    assert texts[0].endswith(" left, fine")
    assert texts[2] == "epoch 1/2 ━━━━━━━━━━━━━━━━━━━━ 4/4 steps, 0:00:00, fine"


def test_a_notebook_sees_nothing_of_what_is_done_in_a_second(notebook):
    states, clock = notebook
    assert work(clock, (0.1, 0.2, 0.3, 0.9)) == ""
    assert states == []


def test_a_notebook_sees_a_few_states_a_second(notebook):
    states, clock = notebook
    work(clock, [1 + i / 100 for i in range(100)])
    assert 4 <= len(states) <= 6


def test_a_notebook_keeps_where_the_work_was_stopped(notebook):
    states, clock = notebook
    with suppress(ZeroDivisionError), Progress(Console(), "sanity", 1.0, amount="share") as bar:
        clock.now = 2
        bar.update(0.25, "occlusion")
        bar.advance(0.25)
        clock.now = 1 / 0
    assert states[0][1] == "sanity ━━━━━─────────────── 25% occlusion -:--:-- left"
    assert states[-1][1] == "sanity ━━━━━━━━━━────────── 50% 0:00:00"


def test_the_second_begins_with_the_first_step_where_there_may_be_none(notebook):
    states, clock = notebook
    with Progress(Console(), "Fetching w.h5", amount="bytes", words="", waits=True) as bar:
        clock.now = 5
        bar.update(1, total=2e6)
        assert states == []
        clock.now = 6
        bar.update(1e6)
    assert states[0][1].startswith("Fetching w.h5 ━━━━━━━━━━────────── 1.0/2.0 MB")


@pytest.mark.parametrize("shell", [None, SimpleNamespace()])
def test_a_terminal_of_ipython_is_no_notebook(monkeypatch, shell):
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert find_notebook() is None


def test_nobody_imports_ipython_to_find_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert find_notebook() is None
    monkeypatch.delitem(sys.modules, "IPython")
    assert find_notebook() is None
    assert "IPython" not in sys.modules


def test_steady_work_tells_its_rate_and_elsewhere_a_line_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def steps(progress):
        for now[0], done in ((1.0, 20), (16.0, 320), (20.0, 400), (32.0, 640)):
            progress.update(done, total=10_000)

    assert shown(steps, False, "pictures", is_steady=True).splitlines() == [
        "320 of 10,000 pictures, 20 a second, about 8 min left",
        "640 of 10,000 pictures, 20 a second, about 8 min left",
    ]
    now[0] = 0.0
    assert "20 a second," in shown(steps, True, "pictures", is_steady=True)
    assert shown(steps, False, "pictures") == ""


def test_what_was_done_before_counts_nothing_for_the_rate(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def steps(progress):
        now[0] = 20.0
        progress.update(160, total=200)

    assert (
        shown(steps, False, "images", 200, 100, is_steady=True)
        == "160 of 200 images, 3.0 a second, about 13 s left\n"
    )
