"""Training state kept after every epoch, so that a killed run goes on where it was."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras

WEIGHTS, HISTORY = "latest.weights.h5", "history.json"


class EpochBackup(keras.callbacks.Callback):
    """Writes model, optimiser and history after each epoch, whole or not at all.

    Keras' own BackupAndRestore writes the weights and the epoch's number into two files, one after the
    other; a process killed between the two would resume with the weights of one epoch and the number of
    another. Here the files lie in a folder of their own, which gets its final name in one step:
    `epoch-0003` exists only complete.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.staging = folder, folder / "unfinished"
        newest = self._newest()
        self.history: list[dict[str, float]] = json.loads((newest / HISTORY).read_text()) if newest else []

    @property
    def finished_epochs(self) -> int:
        """The epochs that need not be trained again."""
        return len(self.history)

    def _newest(self) -> Path | None:
        """Return the newest complete state."""
        folders = self.folder.glob("epoch-*")
        whole = [f for f in folders if (f / WEIGHTS).is_file() and (f / HISTORY).is_file()]
        return max(whole, default=None)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Restore the newest complete state, that of the optimiser included."""
        newest = self._newest()
        if newest is not None:
            if not self.model.optimizer.built:
                self.model.optimizer.build(self.model.trainable_variables)
            self.model.load_weights(newest / WEIGHTS)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the state after this epoch, and remove those before it."""
        self.history.append({key: float(value) for key, value in (logs or {}).items()})
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)
        self.model.save_weights(self.staging / WEIGHTS)
        (self.staging / HISTORY).write_text(json.dumps(self.history))
        earlier = list(self.folder.glob("epoch-*"))
        self.staging.rename(self.folder / f"epoch-{epoch + 1:04d}")
        for folder in earlier:
            shutil.rmtree(folder, ignore_errors=True)

    def discard(self) -> None:
        """Remove the state: the run is over, or is to start again.

        It is moved away first, in one step: half a state must not be taken for one.
        """
        if self.folder.exists():
            away = self.folder.with_name(f"discarded-{self.folder.name}-{os.getpid()}")
            self.folder.rename(away)
            shutil.rmtree(away, ignore_errors=True)
        self.history = []
