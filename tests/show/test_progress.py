import io

from rich.console import Console

from app.show.progress import DownloadProgress, TrainingProgress, epoch_line


def watch(terminal):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100)
    with TrainingProgress(console, epochs=2) as progress:
        for epoch in range(2):
            for step in (1, 2, 3):
                progress.update(epoch, step, 3, {"accuracy": 0.5 + 0.1 * step})
                progress._bar.refresh()
    return stream.getvalue()


def test_a_terminal_sees_epoch_steps_and_accuracy():
    text = watch(terminal=True)
    for words in ("epoch 1/2", "epoch 2/2", "6/6", "0.8000", "left"):
        assert words in text


def test_a_file_gets_one_line_an_epoch():
    assert watch(terminal=False).splitlines() == ["epoch 1 of 2: 3 steps …", "epoch 2 of 2: 3 steps …"]


def test_a_finished_epoch_in_words():
    line = epoch_line(2, 5, {"accuracy": 0.91, "val_accuracy": 0.9, "seconds": 3.21})
    assert line == "epoch 2/5: training accuracy 0.9100, test accuracy 0.9000, 3.2 s"


def test_a_download_says_once_what_comes_and_how_much():
    text = io.StringIO()
    with DownloadProgress(Console(file=text, width=100), "weights.h5") as progress:
        progress.update(1_000_000, 33_188_688)
        progress.update(33_188_688, 33_188_688)
    assert text.getvalue() == "Fetching weights.h5 (33.2 MB) …\n"


def test_a_download_of_unknown_size_and_none_at_all():
    text = io.StringIO()
    with DownloadProgress(Console(file=text, width=100), "weights.h5") as progress:
        progress.update(1_000_000, None)
    assert text.getvalue() == "Fetching weights.h5 …\n"
    text = io.StringIO()
    with DownloadProgress(Console(file=text, width=100), "weights.h5"):
        pass
    assert text.getvalue() == ""


def test_a_download_moves_a_bar_on_a_terminal():
    text = io.StringIO()
    with DownloadProgress(Console(file=text, width=100, force_terminal=True), "w.h5") as progress:
        progress.update(25_000_000, 50_000_000)
        progress.update(50_000_000, 50_000_000)
    assert "Fetching w.h5" in text.getvalue()
    assert "50.0" in text.getvalue()
