"""The model as it was after each epoch, kept as files: to look at what it learnt when."""

from pathlib import Path
from typing import Any

import keras

from app.engine.store import save_model
from app.engine.training.precision import computing_in
from app.files.atomic import sweep


def epochs_folder(model_file: Path) -> Path:
    """Return where the epochs of a model are kept: `mnist-epochs` beside `mnist.keras`."""
    return model_file.with_name(f"{model_file.stem}-epochs")


class KeepEpochs(keras.callbacks.Callback):
    """Writes `epoch-00.keras` before training and one file after each epoch, each whole or not at all.

    Args:
        kept: the model to write; it shares its weights with the one that is trained.
        folder: made if it is missing; files of an earlier run are removed when a run begins anew.
    """

    def __init__(self, kept: keras.Model, folder: Path) -> None:
        super().__init__()
        self.kept, self.folder = kept, folder

    def begin(self, finished_epochs: int) -> None:
        """Make room for a run of which some epochs may be finished already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep(self.folder, "epoch-*.keras")
        if finished_epochs:
            return
        for file in self.folder.glob("epoch-*.keras"):
            file.unlink()
        self._write(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Write the model after an epoch."""
        self._write(epoch + 1)

    def _write(self, number: int) -> None:
        with computing_in(self.kept, "float32"):
            save_model(self.kept, self.folder / f"epoch-{number:02d}.keras")
