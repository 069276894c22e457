"""Train a network of ConvLab with Keras on JAX, on one machine or several.

    KERAS_BACKEND=jax python docs/launch/train_with_jax.py --model mnist --output mnist.keras

On several machines the same command is given on each, with the TF_CONFIG that `python -m app.train --distribute
multiworker` takes; so whatever starts that command starts this program. It needs `pip install jax` besides ConvLab.
The builder of the network, the data and the numbers of the recipe are ConvLab's; the loop of training is Keras'.
"""

import importlib.util
import math
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_CPU_COLLECTIVES_IMPLEMENTATION", "gloo")  # how processors of several machines talk

import keras
import numpy as np
import tensorflow as tf  # for tf.data alone, which Keras deals out among the processes

import app
from app.cluster.tf_config import read_cluster
from app.counting.layers import CUSTOM_LAYERS, LAYERS
from app.datasets.dataset import scale_pixels
from app.datasets.fitting import fit_to_data
from models import find_network, layers


def join_the_others() -> tuple[int, int]:
    """Return which process of how many this one is; with several, wait until all are there."""
    if "TF_CONFIG" not in os.environ:
        return 0, 1
    cluster = read_cluster(os.environ["TF_CONFIG"])
    keras.distribution.initialize(",".join(cluster.addresses), cluster.size, cluster.index)
    return cluster.index, cluster.size


def recipes() -> dict[str, Any]:
    """Return ConvLab's recipes. Their file is read by its path: its package runs on TensorFlow alone."""
    path = Path(app.__file__).parent / "engine" / "training" / "recipes.py"
    spec = importlib.util.spec_from_file_location("convlab_recipes", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RECIPES


def optimizer_of(recipe: Any, steps: int) -> keras.optimizers.Optimizer:
    """Return the recipe's optimiser; its rate follows the number of the step, from 0."""
    rate: Any = recipe.learning_rate
    if recipe.schedule == "triangle":
        rate = Triangle(rate, steps)
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9)
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(rate, beta_2=recipe.beta_2 or 0.999)
    return keras.optimizers.RMSprop(rate)


class Triangle(keras.optimizers.schedules.LearningRateSchedule):
    """Linear to the peak over the first fifth of the steps, then linear to 0."""

    def __init__(self, peak: float, steps: int) -> None:
        self.peak, self.steps = peak, steps

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0."""
        number = keras.ops.cast(step, "float32") + 1.0
        rise = max(1.0, math.floor(self.steps / 5))
        fall = keras.ops.maximum(self.steps + 1.0 - number, 0.0) / (self.steps + 1.0 - rise)
        return self.peak * keras.ops.minimum(number / rise, fall)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"peak": self.peak, "steps": self.steps}


def batches(data: Any, pixels: Any, size: int, steps: int, seed: int) -> tf.data.Dataset:
    """Return the batches of all machines together, all of one size; Keras gives each process its part.

    Pass after pass is shuffled anew and joined to the one before, so that no batch is smaller than the others: a
    process without a part would let the others wait for ever.
    """
    count = len(data.train_images)
    passes = math.ceil(steps * size / count)
    order = np.concatenate([np.random.default_rng((seed, p)).permutation(count) for p in range(passes)])

    def load(chosen: Any) -> tuple[Any, Any]:
        images = tf.cast(tf.gather(data.train_images, chosen), tf.float32)
        return scale_pixels(images, pixels), tf.gather(data.train_labels, chosen)

    rows = tf.data.Dataset.from_tensor_slices(order[: steps * size])
    return rows.batch(size, drop_remainder=True).map(load)


@click.command()
@click.option("--model", "name", default="mnist", show_default=True, help="A network of the catalogue.")
@click.option("--data", "source", default="mnist", show_default=True, help="As for python -m app.train.")
@click.option("--recipe", "recipe_name", help="As for python -m app.train. Default: the network's own.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's.")
@click.option(
    "--batch-size", type=click.IntRange(1), help="Of all machines together, instead of the recipe's."
)
@click.option("--seed", default=0, show_default=True, help="Of the weights and of the order of the images.")
@click.option("--output", default="mnist.keras", show_default=True, help="The file of the trained model.")
def main(
    name: str,
    source: str,
    recipe_name: str | None,
    epochs: int | None,
    batch_size: int | None,
    seed: int,
    output: str,
) -> None:
    """Train a network with Keras on JAX; the first process writes the model."""
    network = find_network(name)
    recipe = recipes()[recipe_name or network.recipe].changed(epochs, batch_size)
    if recipe.loss != "cross-entropy" or recipe.hidden_bias or len(network.outputs) == 1:
        raise click.UsageError("this network or recipe needs TensorFlow: python -m app.train")
    data = app.open_data(source)
    if not isinstance(data.train_images, np.ndarray):
        raise click.UsageError("pictures in files need TensorFlow: python -m app.train")
    process, processes = join_the_others()
    if recipe.batch_size % processes:
        raise click.UsageError(
            f"batches of {recipe.batch_size} cannot be shared out among {processes} processes"
        )
    keras.utils.set_random_seed(seed)
    keras.distribution.set_distribution(keras.distribution.DataParallel())

    nn = SimpleNamespace(
        Input=keras.Input,
        Sequential=keras.Sequential,
        Model=keras.Model,
        **{kind: getattr(layers if kind in CUSTOM_LAYERS else keras.layers, kind) for kind in LAYERS},
    )
    arguments = fit_to_data(network, data)
    model = network.builder(nn, **arguments)
    per_epoch, steps = recipe.steps(len(data.train_images))
    model.compile(optimizer_of(recipe, steps), "sparse_categorical_crossentropy", metrics=["accuracy"])
    stream = batches(data, network.pixels, recipe.batch_size, steps, seed)
    model.fit(stream, epochs=recipe.epochs, steps_per_epoch=per_epoch, verbose=2 if process == 0 else 0)
    weights = model.get_weights()  # in every process: where there are several, all of them take part in it
    if process == 0:
        keras.distribution.set_distribution(None)
        alone = network.builder(nn, **arguments)
        alone.set_weights(weights)
        alone.save(output)
        print(f"Model: {output}")


if __name__ == "__main__":
    main()
