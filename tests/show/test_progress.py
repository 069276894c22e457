import io

from rich.console import Console

from app.show.progress import TrainingProgress, epoch_line


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
    assert watch(terminal=False).splitlines() == [
        "epoch 1 of 2: 3 steps …",
        "epoch 2 of 2: 3 steps …",
    ]


def test_a_finished_epoch_in_words():
    line = epoch_line(2, 5, {"accuracy": 0.91, "val_accuracy": 0.9, "seconds": 3.21})
    assert line == "epoch 2/5: training accuracy 0.9100, test accuracy 0.9000, 3.2 s"
