"""The logs of a run: a table and TensorBoard's files hold the measures of every epoch once."""

import app.engine  # noqa: F401, I001

import csv
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import refusal

from app.engine.training.backup import EpochBackup
from app.engine.training.logs import HEADER, CsvLog, TensorBoardLog, verify_log

pytestmark = pytest.mark.keras
EPOCHS = [
    {"loss": 2.5 / n, "accuracy": 0.1 * n, "val_loss": 3.0 / n, "val_accuracy": 0.09 * n, "seconds": 1.5}
    for n in (1, 2, 3)
]


@pytest.fixture
def model():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.125))
    return model


def record(model, folder, epochs, first=0):
    """Log some epochs of a run, of which those before `first` are kept already."""
    backup = EpochBackup(folder / "backup")
    backup.set_model(model)
    board = TensorBoardLog(folder / "board", first)
    logs = [CsvLog(folder / "log.csv", backup), board]
    for log in logs:
        log.set_model(model)
        log.on_train_begin()
    for number in range(first, first + len(epochs)):
        measures = dict(epochs[number - first])
        for callback in (backup, *logs):
            callback.on_epoch_end(number, measures)
    board.on_train_end()


def read_table(path):
    with path.open(newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def read_board(folder):
    found = {}
    for path in sorted(folder.glob("*/events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                key = (path.parent.name, value.tag.removeprefix("epoch_"), event.step)
                assert key not in found
                found[key] = value.simple_value
    return found


def test_an_interrupted_run_has_every_epoch_once(model, tmp_path):
    record(model, tmp_path, EPOCHS[:2])
    record(model, tmp_path, EPOCHS[2:], first=2)
    rows = read_table(tmp_path / "log.csv")
    assert [row.pop("epoch") for row in rows] == [1, 2, 3]
    for row, epoch in zip(rows, EPOCHS, strict=True):
        assert row == pytest.approx(epoch)
    board = read_board(tmp_path / "board")
    for step, epoch in enumerate(EPOCHS):
        for name, value in epoch.items():
            part = "validation" if name.startswith("val_") else "train"
            assert board.pop((part, name.removeprefix("val_"), step)) == pytest.approx(value)
        assert board.pop(("train", "learning_rate", step)) == 0.125
    assert not board


def test_a_run_that_begins_anew_removes_its_own_files_and_no_others(model, tmp_path):
    record(model, tmp_path, EPOCHS[:2])
    other = tmp_path / "board" / "train" / "events.out.tfevents.1.somebody"
    other.write_bytes(b"")
    EpochBackup(tmp_path / "backup").discard()
    record(model, tmp_path, EPOCHS[:1])
    assert {step for _, _, step in read_board(tmp_path / "board")} == {0}
    assert other.exists()
    assert len(read_table(tmp_path / "log.csv")) == 1


def test_waiting_is_a_column_where_it_was_measured(model, tmp_path):
    record(model, tmp_path, [EPOCHS[0] | {"waited": 0.25}])
    assert read_table(tmp_path / "log.csv")[0]["waited"] == 0.25
    assert "waited" in {tag for _, tag, _ in read_board(tmp_path / "board")}


@pytest.mark.parametrize("content", ["file,label\na.png,cat\n", json.dumps({"epoch": 1}), "x"])
def test_no_other_file_is_lost(tmp_path, content):
    path = tmp_path / "labels.csv"
    path.write_text(content)
    assert "is no log of a training; choose another name" in refusal(verify_log, path)
    assert path.read_text() == content


def test_an_earlier_log_may_be_replaced(tmp_path):
    for content in ("", HEADER + "\n1,2,3,4,5,6\n"):
        (tmp_path / "log.csv").write_text(content)
        verify_log(tmp_path / "log.csv")
    verify_log(tmp_path / "new.csv")
    assert "log.csv" not in refusal(verify_log, tmp_path)
    assert np.all([path.exists() for path in tmp_path.iterdir()])
