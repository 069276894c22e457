"""What is to be run: networks, data and settings; and what makes two plans the same."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.counting.chalkboard import nn as chalk
from app.counting.rows import Sheet
from app.datasets.dataset import Dataset


@dataclass(frozen=True)
class Design:
    """A network of an experiment."""

    name: str
    """As tables and figures call it: `plain 44`."""
    build: Callable[[Any, int, tuple[int, int, int]], Any]
    """`build(nn, classes, input_shape)`."""
    draw: str = "he"
    """How its weights begin: `he` or `glorot`."""

    def sheet(self, data: Dataset) -> Sheet:
        """Return the network worked out by hand, for some data."""
        sheet: Sheet = self.build(chalk, data.classes, data.image_shape).sheet()
        return sheet


@dataclass(frozen=True)
class Plan:
    """Everything that decides what comes out of an experiment, besides the seeds."""

    experiment: str
    designs: tuple[Design, ...]
    data: Dataset
    recipe: Any
    """A dataclass of settings."""
    is_smoke_run: bool

    def settings(self) -> dict[str, Any]:
        """Return the settings and the networks as bare data."""
        return {"recipe": asdict(self.recipe), "networks": [self._described(d) for d in self.designs]}

    def _described(self, design: Design) -> dict[str, Any]:
        sheet = design.sheet(self.data)
        return {
            "name": design.name,
            "trainable": int(sheet.trainable),
            "multiply_accumulates": int(sheet.multiply_accumulates),
            "layers": sum(row.kind in ("Conv2D", "Dense") for row in sheet.rows),
            "weights_drawn": design.draw,
        }

    def data_card(self) -> dict[str, Any]:
        """Return what the data are."""
        data = self.data
        return {
            "name": data.name,
            "source": data.source,
            "sha256": data.sha256,
            "image_shape": list(data.image_shape),
            "classes": data.classes,
            "training_images": len(data.train_images),
            "test_images": len(data.test_images),
        }

    def key(self, versions: Mapping[str, str]) -> str:
        """Return a short hash: runs are kept for a plan that has the same."""
        parts = (self.experiment, self.settings(), self.data_card(), dict(versions))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
