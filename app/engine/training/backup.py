"""Training state kept after every epoch, so that a killed run goes on where it was."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.files.atomic import sync_folder, write_bytes, write_text
from app.untrusted.json_text import read_json
from app.untrusted.places import verify_readable

STATE, HISTORY = "state.npz", "history.json"


class EpochBackup(keras.callbacks.Callback):
    """Writes model, optimiser and history after each epoch, whole or not at all.

    Keras' own BackupAndRestore writes the weights and the epoch's number into two files, one after the
    other; a process killed between the two would resume with the weights of one epoch and the number of
    another. Here the files lie in a folder of their own, which gets its final name in one step:
    `epoch-0003` exists only complete. The history holds the hash of both: a state that is damaged is
    left out, and no run goes on from other weights than it had.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.staging = folder, folder / "unfinished"
        self.damaged: list[Path] = []
        """Folders with a state that cannot be used."""
        self.history: list[dict[str, float]] = []
        self._state = b""
        self._read()

    @property
    def finished_epochs(self) -> int:
        """The epochs that need not be trained again."""
        return len(self.history)

    def _read(self) -> None:
        """Find the newest whole state."""
        for folder in sorted(self.folder.glob("epoch-*"), reverse=True):
            try:
                self.history, self._state = _read_state(folder)
                return
            except (OSError, ValueError):
                self.damaged.append(folder)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Restore the newest whole state, that of the optimiser included.

        Raises:
            ValueError: it is of another network.
        """
        if not self._state:
            return
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        variables = self._variables()
        with np.load(io.BytesIO(self._state), allow_pickle=False) as stored:
            arrays = [stored[name] for name in stored.files]
        if [array.shape for array in arrays] != [tuple(variable.shape) for variable in variables]:
            raise ValueError(
                f"the interrupted run in {self.folder} is of another network; remove that folder"
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self._state = b""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the state after this epoch, and remove those before it."""
        self.history.append({key: float(value) for key, value in (logs or {}).items()})
        content = io.BytesIO()
        np.savez(content, *map(np.asarray, self._variables()))
        facts = {"epochs": self.history, "sha256": _hash(self.history, content.getbuffer())}
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)
        try:
            write_bytes(self.staging / STATE, content.getbuffer())
            write_text(self.staging / HISTORY, json.dumps(facts))
            earlier = list(self.folder.glob("epoch-*"))
            self.staging.rename(self.folder / f"epoch-{epoch + 1:04d}")
        except BaseException:
            shutil.rmtree(self.staging, ignore_errors=True)
            raise
        sync_folder(self.folder)
        for folder in earlier:
            shutil.rmtree(folder, ignore_errors=True)

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def discard(self) -> None:
        """Remove the state: the run is over, or is to start again.

        It is moved away first, in one step: half a state must not be taken for one. So is what an earlier
        run could not remove any more.
        """
        name = f"discarded-{self.folder.name}"
        if self.folder.exists():
            self.folder.rename(self.folder.with_name(f"{name}-{os.getpid()}"))
        for away in self.folder.parent.glob(f"{name}-*"):
            shutil.rmtree(away, ignore_errors=True)
        self.history, self._state, self.damaged = [], b"", []


def _read_state(folder: Path) -> tuple[list[dict[str, float]], bytes]:
    """Return the measures of each epoch, and the state, of a folder that holds both whole.

    Raises:
        ValueError: they are damaged, or of different epochs.
        OSError: they cannot be read.
    """
    verify_readable(folder / STATE)
    facts = read_json(folder / HISTORY)
    if not isinstance(facts, dict) or not isinstance(facts.get("epochs"), list):
        raise ValueError("is no history")
    history = facts["epochs"]
    if folder.name != f"epoch-{len(history):04d}" or not all(_is_measures(each) for each in history):
        raise ValueError("is the history of other epochs")
    state = (folder / STATE).read_bytes()
    if _hash(history, state) != facts.get("sha256"):
        raise ValueError("belongs to another state")
    return history, state


def _hash(history: list[dict[str, float]], state: bytes | memoryview) -> str:
    """Return the SHA-256 of both together."""
    digest = hashlib.sha256(json.dumps(history).encode())
    digest.update(state)
    return digest.hexdigest()


def _is_measures(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(x, (int, float)) for x in value.values())
