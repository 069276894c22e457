import io

import pytest
from rich.console import Console

from app.show.progress import Progress


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
