"""Convolution and pooling in NumPy, against their loops and against TensorFlow, in one run."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.maps import medians

SIZE, CHANNELS, KERNEL, BATCH = 28, 8, 3, 64
ROUNDS = 9
FASTER_THAN_LOOPS = 50
SLOWER_THAN_TENSORFLOW = 5
OTHERS = ((28, 1, 8), (26, 8, 16), (13, 32, 64), (32, 16, 16))
"""Size, channels and filters of other convolutions, which are shown and have no goal."""

Work = Callable[[], Any]


def run() -> None:
    """Print how long the loops, NumPy and TensorFlow take, and whether the goals are met."""
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    _against_loops()
    _against_tensorflow()
    _pooling()


def _against_loops() -> None:
    """The loops take seconds, so they are run once, and the others in turns."""
    from app.scratch import loops

    x, kernel = _numbers(BATCH, SIZE, SIZE, CHANNELS), _numbers(KERNEL, KERNEL, CHANNELS, CHANNELS)
    layer = _convolution(x, kernel)
    y, back = layer.forward(x)
    g = np.ones_like(y)
    rows = []
    for name, slow, fast in (
        ("forward", lambda: loops.convolve(x, kernel), lambda: layer.forward(x)),
        ("backward", lambda: loops.convolve_back(x, kernel, g), lambda: back(g)),
    ):
        started = time.perf_counter()
        slow()
        loop_seconds = time.perf_counter() - started
        seconds = medians({"fast": fast}, ROUNDS)["fast"]
        ratio = loop_seconds / seconds
        good = ratio >= FASTER_THAN_LOOPS
        rows.append(
            (
                name,
                f"{loop_seconds:.1f} s",
                _ms(seconds),
                f"{ratio:,.0f}",
                str(FASTER_THAN_LOOPS),
                _verdict(good),
            )
        )
    title = (
        f"{_what(SIZE, CHANNELS, CHANNELS)}, batch {BATCH}: one run of the loops, medians of {ROUNDS} rounds"
    )
    columns = ("pass", "loops", "NumPy", "times faster", "wanted", "")
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4))])


def _against_tensorflow() -> None:
    import tensorflow as tf

    rows = []
    for size, channels, filters in ((SIZE, CHANNELS, CHANNELS), *OTHERS):
        for batch in (BATCH, 1):
            x, kernel = _numbers(batch, size, size, channels), _numbers(KERNEL, KERNEL, channels, filters)
            layer, maps, weights = _convolution(x, kernel), tf.constant(x), tf.constant(kernel)
            seconds = medians(
                {
                    "NumPy": lambda layer=layer, x=x: layer.forward(x),
                    "TensorFlow": lambda maps=maps, weights=weights: tf.nn.conv2d(
                        maps, weights, 1, "VALID"
                    ).numpy(),
                },
                ROUNDS,
            )
            share = seconds["NumPy"] / seconds["TensorFlow"]
            allowed = SLOWER_THAN_TENSORFLOW if batch > 1 else 1
            is_goal = (size, channels, filters) == (SIZE, CHANNELS, CHANNELS)
            rows.append(
                (
                    f"{size}×{size}×{channels} to {filters}",
                    str(batch),
                    _ms(seconds["NumPy"]),
                    _ms(seconds["TensorFlow"]),
                    f"{share:.2f}",
                    f"{allowed}" if is_goal else "",
                    _verdict(share <= allowed) if is_goal else "",
                )
            )
    title = (
        f"{KERNEL}×{KERNEL} convolution, forward, against tf.nn.conv2d: medians of {ROUNDS} rounds in turns"
    )
    columns = ("maps", "images", "NumPy", "TensorFlow", "share", "allowed", "")
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4, 5))])


def _pooling() -> None:
    """Windows of 2×2 side by side: in NumPy as the largest of four shifted maps, and as a reshape."""
    import tensorflow as tf

    from app.scratch.vocabulary import nn

    x = _numbers(BATCH, 26, 26, CHANNELS)
    layer, maps = nn.MaxPooling2D(2), tf.constant(x)
    side_by_side = (BATCH, 13, 2, 13, 2, CHANNELS)
    seconds = medians(
        {
            "four shifted maps (MaxPooling2D)": lambda: layer.forward(x),
            "reshape, largest along two axes": lambda: x.reshape(side_by_side).max(axis=(2, 4)),
            "TensorFlow": lambda: tf.nn.max_pool2d(maps, 2, 2, "VALID").numpy(),
        },
        ROUNDS,
    )
    best = min(seconds.values())
    rows = [(name, _ms(taken), f"{taken / best:.1f}") for name, taken in seconds.items()]
    title = (
        f"2×2 max pooling of 26×26×{CHANNELS}, batch {BATCH}, forward: medians of {ROUNDS} rounds in turns"
    )
    print_parts([Table(("written as", "time", "of the fastest"), tuple(rows), title=title, numbers=(1, 2))])


def _convolution(x: np.ndarray, kernel: np.ndarray) -> Any:
    from app.scratch.vocabulary import nn

    layer = nn.Conv2D(kernel.shape[-1], KERNEL, use_bias=False)
    layer.build(x.shape[1:])
    layer.weights["kernel"] = kernel
    return layer


def _what(size: int, channels: int, filters: int) -> str:
    return f"{KERNEL}×{KERNEL} convolution of {size}×{size}×{channels} to {filters} filters"


def _numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.3f} ms"


def _verdict(is_met: bool) -> str:
    return "yes" if is_met else "NO"
