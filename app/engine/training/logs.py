"""What a run writes beside its model, epoch by epoch: a table, and files for TensorBoard."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from app.engine.training.backup import EpochBackup
from app.files.atomic import write_text
from app.untrusted.places import verify_writable

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy", "seconds", "waited")
"""The measures of an epoch, as Keras calls them; `waited` only where pictures are streamed."""
HEADER = "epoch," + ",".join(COLUMNS[:-1])
"""How a table of ours begins."""


def verify_log(path: Path) -> None:
    """Refuse a place where a table of another kind, or no file, would be lost.

    Raises:
        ValueError: the file there is no log of a training.
    """
    verify_writable(path)
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as file:
        if not file.read(len(HEADER)).startswith(HEADER.encode()):
            raise ValueError(f"{path} is there already and is no log of a training; choose another name")


class CsvLog(keras.callbacks.Callback):
    """Writes a line for each epoch into a table, whole or not at all; those of a run that was interrupted included."""

    def __init__(
        self,
        path: Path,
        backup: EpochBackup,
        phase: str | None = None,
        earlier: Sequence[tuple[str, Sequence[Mapping[str, float]]]] = (),
    ) -> None:
        """Prepare to write.

        Args:
            path: the table.
            backup: holds the measures of the epochs.
            phase: of a training in phases the present one; it becomes the last column.
            earlier: the phases before it, and their epochs.
        """
        super().__init__()
        self.path, self.backup, self.phase, self.earlier = path, backup, phase, tuple(earlier)

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Write the epochs that are finished."""
        self._write()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Write all epochs, this one included."""
        self._write()

    def _write(self) -> None:
        phases = [*self.earlier, (self.phase, self.backup.history)]
        waited = any("waited" in epoch for _, history in phases for epoch in history)
        columns = [name for name in COLUMNS if name != "waited" or waited]
        lines = [",".join(["epoch", *columns, *(["phase"] if self.phase else [])])]
        lines += [
            ",".join(
                [
                    str(number),
                    *(f"{epoch[name]:.9g}" if name in epoch else "" for name in columns),
                    *([phase] if phase else []),
                ]
            )
            for phase, history in phases
            for number, epoch in enumerate(history, 1)
        ]
        write_text(self.path, "\n".join(lines) + "\n")


class TensorBoardLog(keras.callbacks.Callback):
    """Writes the measures of each epoch for TensorBoard, named as Keras' own callback names them.

    Keras' own needs the package tensorboard to write; the files need it only to be looked at.
    """

    def __init__(self, folder: Path, finished_epochs: int) -> None:
        """Prepare to write.

        Args:
            folder: of this run, for `train` and `validation`; their files are removed where a run begins anew.
            finished_epochs: those of a run that was interrupted, which are written already.
        """
        super().__init__()
        self.folder = folder
        self._writers: dict[str, Any] = {}
        for old in () if finished_epochs else folder.glob("*/events.out.tfevents.*.convlab"):
            old.unlink()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the measures of an epoch."""
        self.write_epoch(epoch, {**(logs or {}), "learning_rate": self.learning_rate()})

    def learning_rate(self) -> float:
        """Return the rate of the next step."""
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def write_epoch(self, epoch: int, measures: Mapping[str, float]) -> None:
        """Write measures as those of an epoch, counted from 0."""
        for name, value in measures.items():
            part = "validation" if name.startswith("val_") else "train"
            self._write(part, f"epoch_{name.removeprefix('val_')}", float(value), epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """Close the files."""
        for writer in self._writers.values():
            writer.close()

    def _write(self, part: str, tag: str, value: float, step: int) -> None:
        if part not in self._writers:
            folder = str(self.folder / part)
            self._writers[part] = tf.summary.create_file_writer(folder, filename_suffix=".convlab")
        with self._writers[part].as_default(step):
            tf.raw_ops.WriteScalarSummary(
                writer=self._writers[part]._resource, step=step, tag=tag, value=tf.constant(value)
            )
