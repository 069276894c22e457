"""Predictions in batches of 32, as `app.predict` makes them, against Keras' own `predict` on the same arrays."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from app.maps.open_model import ModelChoice, OpenModel
from app.predict.run import predict_pictures
from app.show.document import Table
from app.show.tables import print_parts

NETWORKS = (("mnist", 5000), ("efficientnet_lite0", 64))
"""Models, and how many images each is asked of."""
ROUNDS = 5
ALLOWED = 1.1


def run() -> None:
    """Print both times for each network, and their ratio."""
    rows = [_compare(name, count) for name, count in NETWORKS]
    columns = ("network", "images", "Keras", "app.predict", "ratio", f"at most {ALLOWED}")
    title = f"predictions, median of {ROUNDS} interleaved rounds"
    print_parts([Table(columns, tuple(rows), numbers=(1, 2, 3, 4), title=title)])


def _compare(name: str, count: int) -> tuple[str, ...]:
    from app.engine.store import load_model

    opened = OpenModel(ModelChoice(name, machine="tensorflow"))
    assert opened.facts.path is not None
    model = load_model(opened.facts.path)
    size = [n or 224 for n in opened.shape]
    images = np.random.default_rng(0).integers(0, 256, (count, *size)).astype(np.uint8)
    theirs: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS + 1):  # the first round compiles
        theirs.append(_seconds(lambda: model.predict(opened.scaled(images), batch_size=32, verbose=0)))
        ours.append(_seconds(lambda: list(predict_pictures(opened, images, batch_size=32))))
    keras, own = statistics.median(theirs[1:]), statistics.median(ours[1:])
    ratio = own / keras
    verdict = "yes" if ratio <= ALLOWED else "NO"
    return name, f"{count:,}", f"{keras:.2f} s", f"{own:.2f} s", f"{ratio:.2f}", verdict


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
