"""Features of a frozen network, computed by several workers, each of which then has all of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.engine.training.replicas import Replicas, on_device
from app.engine.training.transfer_features import FeatureStore, OnRows

AT_ONCE = 1 << 24
"""Bytes of features that the chief hands out at a time."""


def hand_out_features(store: FeatureStore, replicas: Replicas) -> None:
    """Give all workers the features that the chief has from an earlier run."""
    done = int(replicas.share_facts(store.done))
    row_bytes = 4 * sum(int(np.prod(shape)) for shape in store.shapes.values())
    step = max(1, AT_ONCE // row_bytes)
    for at in range(0, done, step) if replicas.workers > 1 else ():
        arrays = replicas.share_arrays([array[at : min(at + step, done)] for array in store.arrays.values()])
        if not replicas.is_chief:
            store.add(dict(zip(store.arrays, arrays, strict=True)))


def compute_features_together(
    part: keras.Model,
    names: Sequence[str],
    sizes: Sequence[int],
    batches_of: Callable[[Iterable[int]], Iterator[np.ndarray]],
    store: FeatureStore,
    progress: OnRows,
    replicas: Replicas,
) -> float:
    """Fill the stores of all workers with what the frozen part makes of pictures; return the seconds that this took.

    Of so many batches as there are replicas each takes one, and all get the features of all of them.

    Args:
        part: from the picture to the tensors that are kept, made in the scope of the replicas.
        names: what they are called in the store.
        sizes: how many pictures each batch has, behind the store's last row.
        batches_of: gives the batches of some numbers.
        store: where the numbers go, the same rows in all workers.
        progress: is told after each batch.
        replicas: that compute.
    """
    begun, most = time.perf_counter(), max(sizes, default=0)
    rounds = range(0, len(sizes), replicas.count)
    mine = [at + which for at in rounds for which in replicas.mine if at + which < len(sizes)]
    batches, run = batches_of(mine), _gathering(part, replicas)
    for at in rounds:
        own = list(islice(batches, sum(at + which < len(sizes) for which in replicas.mine)))
        made = keras.tree.flatten(run(replicas.hand_out(_filled(own, len(replicas.mine), most, part))))
        for which, size in enumerate(sizes[at : at + replicas.count]):
            rows = slice(which * most, which * most + size)
            store.add({name: np.asarray(values[rows]) for name, values in zip(names, made, strict=True)})
        progress(store.done, store.rows)
    return time.perf_counter() - begun


def _filled(batches: Sequence[np.ndarray], count: int, rows: int, part: keras.Model) -> list[np.ndarray]:
    """Return as many batches as there are replicas, of as many rows each: what is missing is black."""
    shape, filled = part.inputs[0].shape[1:], []
    for batch in [*batches, *[np.zeros((0, *shape), np.float32)] * (count - len(batches))]:
        missing = np.zeros((rows - len(batch), *batch.shape[1:]), batch.dtype)
        filled.append(np.concatenate([batch, missing]))
    return filled


def _gathering(part: keras.Model, replicas: Replicas) -> Any:
    """Return a function of the batches of this process that gives the features of those of all replicas."""

    def in_replica(images: Any) -> list[Any]:
        context = tf.distribute.get_replica_context()
        outputs = keras.tree.flatten(part(images, training=False))
        return [context.all_gather(on_device(output), axis=0) for output in outputs]

    def together(images: Any) -> list[Any]:
        found = replicas.strategy.run(in_replica, args=(images,))
        return [replicas.results(each)[0] for each in found]

    return tf.function(together, autograph=False)
