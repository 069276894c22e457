"""Ways to write AlexNet's second convolution, in two groups: seconds for a forward and a backward pass."""

import statistics
import time
from typing import Any

import numpy as np

from app.show.document import Table
from app.show.tables import print_parts

ROUNDS = 12
BATCH = 8
ALLOWED = 1.5


def run() -> None:
    """Print the median time of each way, and the share of the fastest."""
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    # isort: split
    import tensorflow as tf

    images = tf.constant(np.random.default_rng(0).normal(size=(BATCH, 27, 27, 96)), tf.float32)
    steps = {name: _stepper(model) for name, model in _ways().items()}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step(images)  # traces and compiles
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            tf.nest.map_structure(lambda gradient: gradient.numpy(), step(images))
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    best = min(medians.values())
    rows = [(name, f"{1e3 * median:.0f} ms", f"{median / best:.2f}") for name, median in medians.items()]
    good = medians["GroupedConv2D"] <= ALLOWED * best
    title = (
        f"AlexNet's conv2 in two groups, batch {BATCH}, forward and backward, median of {ROUNDS} rounds "
        f"in turns; GroupedConv2D at most {ALLOWED} times the fastest: {'yes' if good else 'NO'}"
    )
    columns = ("written as", "time", "of the fastest")
    print_parts([Table(columns, tuple(rows), title=title, numbers=(1, 2))])


def _ways() -> dict[str, Any]:
    from app.engine.build import nn

    settings = {"padding": "same", "activation": "relu"}
    image = nn.Input((27, 27, 96))
    halves = [nn.Conv2D(128, 5, **settings)(half) for half in (image[..., :48], image[..., 48:])]
    return {
        "Conv2D(groups=2)": nn.Model(image, nn.Conv2D(256, 5, groups=2, **settings)(image)),
        "GroupedConv2D": nn.Model(image, nn.GroupedConv2D(256, 5, groups=2, **settings)(image)),
        "slices, two Conv2D, Concatenate": nn.Model(image, nn.Concatenate()(halves)),
    }


def _stepper(model: Any) -> Any:
    import tensorflow as tf

    @tf.function
    def step(images: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = tf.reduce_sum(model(images) ** 2)
        return tape.gradient(loss, [images, *model.trainable_weights])

    return step
