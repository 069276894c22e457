"""Training state kept after every epoch, so that a killed run goes on where it was."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras


class EpochBackup(keras.callbacks.BackupAndRestore):
    """Keras' BackupAndRestore, made whole or nothing.

    Keras writes the weights and the epoch's number into two files, one after the other; a process
    killed between the two would resume with the weights of one epoch and the number of another. Here
    it writes them into a folder of their own, which then gets its final name in one step:
    `epoch-0003` exists only complete.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staging = folder / "unfinished"
        self.history: list[dict[str, float]] = self._read_history()
        super().__init__(str(self.staging), delete_checkpoint=False)

    @property
    def finished_epochs(self) -> int:
        """The epochs that need not be trained again."""
        return len(self.history)

    def _published(self) -> Path | None:
        whole = [
            folder
            for folder in self.folder.glob("epoch-*")
            if (folder / "history.json").is_file() and (folder / "latest.weights.h5").is_file()
        ]
        return max(whole, default=None)

    def _read_history(self) -> list[dict[str, float]]:
        published = self._published()
        if published is None:
            return []
        history: list[dict[str, float]] = json.loads((published / "history.json").read_text("utf-8"))
        return history

    def _point_at(self, folder: Path) -> None:
        self._weights_path = str(folder / "latest.weights.h5")
        self._training_metadata_path = str(folder / "training_metadata.json")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Restore the newest complete state."""
        published = self._published()
        if published is not None:
            self._point_at(published)
            self._load_model()
        self._point_at(self.staging)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the state of this epoch."""
        self.history.append({key: float(value) for key, value in (logs or {}).items()})
        super().on_epoch_end(epoch, logs)

    def _save_model(self) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        super()._save_model()
        (self.staging / "history.json").write_text(json.dumps(self.history), encoding="utf-8")
        earlier = list(self.folder.glob("epoch-*"))
        self.staging.rename(self.folder / f"epoch-{self._current_epoch:04d}")
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
