"""The part of a transfer that is frozen: what it makes of each picture, computed once, by one process or by several."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.dataset import Dataset
from app.files.folders import shown
from app.show.progress import Progress
from app.transfer.lines import kept_line, many, show_pictures
from app.transfer.pictures import frozen_batches, frozen_groups
from app.transfer.plan import MOST_KEPT, TransferSettings
from models.pixels import Pixels

if TYPE_CHECKING:
    from rich.console import Console

    from app.engine.training.replicas import Replicas
    from app.engine.training.transfer_features import FeatureStore
    from app.engine.training.transfer_model import Learning, TransferNetwork

INTERRUPTED = 2
"""Stores of features that interrupted runs left, which are kept beside the present one."""
LEAST_SIZE = 1e-6
"""Root mean square below which features are nothing but rounding."""


@dataclass(frozen=True)
class FrozenPart:
    """What is frozen, what it reads, and where its features are kept."""

    network: "TransferNetwork"
    learning: "Learning | None"
    """What learns in the second phase."""
    data: Dataset
    pixels: Pixels
    """How pictures enter the network."""
    settings: TransferSettings
    folder: Path | None
    """Where the features are kept; None: for this run alone, in a worker that leaves no files."""
    replicas: "Replicas | None"
    """Those that compute; None: this process alone."""

    @contextmanager
    def kept_in(self) -> Iterator[Path]:
        """Give the folder of the features; one for this run alone is removed behind the block."""
        if self.folder is not None:
            yield self.folder
            return
        with TemporaryDirectory(prefix="convlab-features-") as folder:
            yield Path(folder) / "features"

    def features(self, folder: Path, console: "Console") -> "FeatureStore":
        """Return what the frozen part makes of every picture, computed once, or by an earlier run."""
        from app.engine.training.transfer_features import FeatureStore, forget_others

        kept = {"row": self.network.features}
        if self.learning is not None:
            kept["cut"] = self.learning.cut
        rows = len(self.data.train_labels) * (1 + self.settings.copies) + len(self.data.test_labels)
        forget_others(folder, INTERRUPTED)
        store = FeatureStore(folder, rows, {name: tuple(x.shape[1:]) for name, x in kept.items()})
        console.print(kept_line(store.size_bytes, folder))
        if store.is_damaged:
            console.print(f"Kept features in {shown(folder)} are damaged, and are computed again")
        if 0 < store.done < rows:
            console.print(f"The features of {store.done:,} pictures are there already")
        if self.replicas is not None:
            from app.engine.training.shared_features import hand_out_features

            hand_out_features(store, self.replicas)
        if store.done < rows:
            line = f"Computing the features of {many(rows - store.done, 'picture')}, once …"
            with Progress(console, "features", rows, store.done, "pictures,", "left") as progress:
                show = show_pictures(progress, store.done, line)
                self._compute(store, self.network.before(*kept.values()), show)
        return store

    def _compute(self, store: "FeatureStore", part: Any, show: Any) -> None:
        """Fill a store with the features of all pictures behind its last row."""
        from app.engine.training.shared_features import compute_features_together
        from app.engine.training.transfer_features import compute_features

        settings, names = self.settings, [*store.arrays]
        groups = list(frozen_groups(self.data, settings.copies, store.done))

        def batches_of(numbers: Iterable[int]) -> Iterator[np.ndarray]:
            asked = (groups[number] for number in numbers)
            how = (settings.copies, settings.augment, settings.seed)
            return frozen_batches(self.data, self.pixels, *how, asked)

        if self.replicas is None:
            compute_features(part, names, batches_of(range(len(groups))), store, show)
        else:
            sizes = [len(group) for group in groups]
            compute_features_together(part, names, sizes, batches_of, store, show, self.replicas)


def remove_features(store: "FeatureStore") -> None:
    """Remove the features that no interrupted run waits for, the present ones only if they are large."""
    from app.engine.training.transfer_features import forget_others, is_wanted, remove_store

    forget_others(store.folder, INTERRUPTED, only_wanted=True)
    if store.size_bytes > MOST_KEPT and not is_wanted(store.folder):
        remove_store(store.folder)


def root_mean_square(features: np.ndarray, name: str) -> float:
    """Return √(mean of x²) over all features of all pictures: how large they are.

    Raises:
        ValueError: they are no numbers, or next to nothing, from which no head can learn.
    """
    size = float(np.sqrt(np.mean(np.square(features, dtype=np.float64))))
    if not size >= LEAST_SIZE or math.isinf(size):
        raise ValueError(
            f"the features that {name} gives cannot be learnt from: their root mean square is {size:.2g}. Take a "
            "network with trained weights, and pixels as it was trained on"
        )
    return size
