"""The phases of transfer learning: a part of a network learns from what the part before it made once."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.engine.training.backup import EpochBackup
from app.engine.training.fit import OnStep, Watch
from app.engine.training.logs import TensorBoardLog
from app.engine.training.replicas import Replicas
from app.engine.training.shared_fit import Batch, learn
from app.engine.training.slices import slice_for
from app.engine.training.transfer_features import frozen_function
from app.program.heads import both_classes

SELDOM = 5.0
"""Seconds between two states of a phase that are written."""


@dataclass(frozen=True)
class Phase:
    """How a part of a network is trained."""

    epochs: int
    learning_rate: float
    """At the beginning; it falls to 0 along a cosine."""
    batch_size: int = 16

    def steps(self, images: int) -> int:
        """Return the steps of an epoch."""
        return math.ceil(images / self.batch_size)


class SeldomBackup(EpochBackup):
    """Keeps the state after an epoch, the last one always, another one if some seconds have passed."""

    def __init__(self, folder: Any, epochs: int) -> None:
        self.epochs, self._written = epochs, time.monotonic()
        super().__init__(folder)
        self.kept_epochs = self.finished_epochs
        """The epochs from which a run that is stopped would go on."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the state, or note the measures alone."""
        if epoch + 1 == self.epochs or time.monotonic() - self._written > SELDOM:
            super().on_epoch_end(epoch, logs)
            self._written, self.kept_epochs = time.monotonic(), epoch + 1
        else:
            self.history.append({key: float(value) for key, value in (logs or {}).items()})


class BoardOfKept(TensorBoardLog):
    """TensorBoard's files, with an epoch once its state is kept: a run that goes on writes none twice."""

    def __init__(self, folder: Path, backup: SeldomBackup) -> None:
        super().__init__(folder, backup.finished_epochs)
        self.backup = backup
        self._waiting: dict[int, dict[str, float]] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the measures of an epoch; write those whose state is kept."""
        self._waiting[epoch] = {**(logs or {}), "learning_rate": self.learning_rate()}
        for kept in [each for each in self._waiting if each < self.backup.kept_epochs]:
            self.write_epoch(kept, self._waiting.pop(kept))


def compile_part(part: keras.Model, phase: Phase, images: int) -> None:
    """Give a part its optimiser, loss and measures: Adam, and cross-entropy of one unit or several."""
    schedule = keras.optimizers.schedules.CosineDecay(phase.learning_rate, phase.steps(images) * phase.epochs)
    is_binary = part.output_shape[-1] == 1
    loss = "binary_crossentropy" if is_binary else "sparse_categorical_crossentropy"
    part.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"], jit_compile=False)


@dataclass(frozen=True)
class Rows:
    """What a part learns from, in an order that depends on seed and epoch alone."""

    inputs: Any
    """What leads into the part, a row for each picture; it is asked for arrays of indices."""
    labels: np.ndarray
    seed: int

    def batches(self, phase: Phase, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield inputs and labels of the batches of an epoch, numbered from 0."""
        for rows in shuffled_rows(len(self.labels), phase, self.seed, epoch):
            yield self.inputs[rows], self.labels[rows]

    def shares(self, phase: Phase, epochs: range, replicas: Replicas) -> Iterator[Batch]:
        """Yield what the replicas of this process take of the batches of all epochs."""
        for epoch in epochs:
            for rows in shuffled_rows(len(self.labels), phase, self.seed, epoch):
                slices = slice_for(rows, replicas.count, replicas.mine)
                yield (
                    [
                        (self.inputs[each.rows], self.labels[each.rows][:, np.newaxis], each.weights)
                        for each in slices
                    ],
                    len(rows),
                )


def shuffled_rows(count: int, phase: Phase, seed: int, epoch: int) -> Iterator[np.ndarray]:
    """Yield the rows of each batch of an epoch."""
    order = np.random.default_rng([seed, epoch]).permutation(count)
    for start in range(0, count, phase.batch_size):
        yield order[start : start + phase.batch_size]


def run_phase(
    part: keras.Model,
    phase: Phase,
    rows: Rows,
    test: tuple[Any, np.ndarray],
    backup: EpochBackup,
    progress: OnStep,
    logs: Sequence[keras.callbacks.Callback] = (),
    replicas: Replicas | None = None,
) -> list[dict[str, float]]:
    """Train a part of a network, from the newest state in `backup` on; return the measures of each epoch.

    They are loss and accuracy on the training pictures (as the epoch goes), val_loss and val_accuracy on `test`
    after it, by which nothing is chosen, and the seconds. `logs` are called after each epoch, behind `backup`.

    Raises:
        DivergedError: the loss is no longer finite.
    """
    if replicas is not None:
        return _run_together(part, phase, rows, test, backup, progress, logs, replicas)
    compile_part(part, phase, len(rows.labels))
    first, steps, ask = backup.finished_epochs, phase.steps(len(rows.labels)), asker(part)
    if first >= phase.epochs:
        backup.set_model(part)
        backup.on_train_begin()
        for log in logs:
            log.on_train_begin()
        return list(backup.history)

    watching = keras.callbacks.CallbackList([Watch(steps, progress), backup, *logs], model=part)
    watching.on_train_begin()
    for epoch in range(first, phase.epochs):
        watching.on_epoch_begin(epoch)
        means, seen = {"loss": 0.0, "accuracy": 0.0}, 0
        for step, (inputs, right) in enumerate(rows.batches(phase, epoch)):
            watching.on_train_batch_begin(step)
            part.reset_metrics()
            of_batch = part.train_on_batch(inputs, right[:, np.newaxis], return_dict=True)
            share, seen = len(right) / (seen + len(right)), seen + len(right)
            means = {name: mean + share * (float(of_batch[name]) - mean) for name, mean in means.items()}
            watching.on_train_batch_end(step, means)
        watching.on_epoch_end(epoch, {**means, **measure_rows(part, *test, ask=ask)})
    watching.on_train_end()
    return list(backup.history)


def _run_together(
    part: keras.Model,
    phase: Phase,
    rows: Rows,
    test: tuple[Any, np.ndarray],
    backup: EpochBackup,
    progress: OnStep,
    logs: Sequence[keras.callbacks.Callback],
    replicas: Replicas,
) -> list[dict[str, float]]:
    """Do the same on several replicas."""
    with replicas.scope():
        compile_part(part, phase, len(rows.labels))
    backup.history = replicas.share_facts(backup.history)
    steps, epochs = phase.steps(len(rows.labels)), range(backup.finished_epochs, phase.epochs)
    ask = asker(part)
    learn(
        part,
        replicas,
        rows.shares(phase, epochs, replicas),
        steps,
        epochs,
        lambda _: measure_rows(part, *test, replicas=replicas, ask=ask),
        [Watch(steps, progress), backup, *logs],
        keep=lambda _: None,  # the team is told of the phases
    )
    return list(backup.history)


def measure_rows(
    part: keras.Model,
    inputs: Any,
    labels: np.ndarray,
    replicas: Replicas | None = None,
    ask: Callable[[Any], np.ndarray] | None = None,
) -> dict[str, float]:
    """Return loss and accuracy of a part on rows; of several workers each computes its share."""
    workers, worker = (1, 0) if replicas is None else (replicas.workers, replicas.worker)
    first, end = (len(labels) * each // workers for each in (worker, worker + 1))
    sums = np.zeros(2)
    if end > first:
        chances, own = (ask or asker(part))(_Part(inputs, first, end)), labels[first:end]
        sums = np.array([mean_loss(chances, own) * len(own), float((chances.argmax(axis=1) == own).sum())])
    loss, right = (sums if replicas is None else replicas.add_up(sums)) / len(labels)
    return {"val_loss": float(loss), "val_accuracy": float(right)}


class _Part:
    """Some rows of what is asked for slices, read when they are asked for."""

    def __init__(self, rows: Any, first: int, end: int) -> None:
        self._rows, self._first, self._end = rows, first, end

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, index: slice) -> Any:
        start, end, _ = index.indices(len(self))
        return self._rows[self._first + start : self._first + end]


def asker(part: keras.Model, batch_size: int = 64) -> Callable[[Any], np.ndarray]:
    """Return a function of rows that lead into a part, which gives the probability of each class, (rows, classes)."""
    run = frozen_function(part)

    def ask(inputs: Any) -> np.ndarray:
        starts = range(0, len(inputs), batch_size)
        pieces = (np.asarray(inputs[start : start + batch_size]) for start in starts)
        outputs = np.concatenate([np.asarray(run(tf.convert_to_tensor(piece))) for piece in pieces])
        return both_classes(outputs.astype(np.float64))

    return ask


def mean_loss(chances: np.ndarray, labels: np.ndarray) -> float:
    """Return the cross-entropy: the mean of −ln p over the pictures, p the probability of the right class."""
    of_right = chances[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(of_right, 1e-7, 1)).mean())
