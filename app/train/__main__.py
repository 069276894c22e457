"""python -m app.train: train a network of the catalogue."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.delivery import prepare_folder, shown
from app.commands.door import CheckFailedError, Door
from app.commands.inputs import open_data
from app.commands.options import DATA_HELP
from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.files.lock import only_one
from app.files.saved import trained_models
from app.show import tables
from app.show.progress import Progress
from app.train.lines import epoch_line, input_line, own_recipes, published_line, show_step
from models import CATALOGUE, Network, find_network

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset
    from app.engine.training.recipes import Recipe
    from app.files.cards import Card


@click.command(cls=Door, epilog="Example: python -m app.train --model mnist --recipe fast")
@click.option(
    "--model",
    "name",
    metavar="NAME",
    required=True,
    help="A network of the catalogue; python -m app.params lists them.",
)
@click.option(
    "--recipe",
    "recipe_name",
    type=click.Choice(["article", "fast", "sgd", "gentle", "map"]),
    help="article: rmsprop, batches of 64, 5 epochs, as published. "
    "fast: larger batches and a learning-rate cycle, in a fraction of the time. "
    "sgd: gradient descent with momentum and such a cycle, 8 epochs. "
    "gentle: the same at a lower rate, 16 epochs. "
    f"map: 8 epochs at the lower rate, with LeNet-5's own loss. Default: article; {own_recipes()}.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 100_000),
    help="Epochs instead of the recipe's, a pass over the images each; for fast 0.625 of a pass.",
)
@click.option("--batch-size", type=click.IntRange(1, 1_000_000), help="Instead of the recipe's.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    metavar="RATE",
    help="Instead of the recipe's.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="The same seed on the same machine gives the same weights.",
)
@click.option(
    "--shuffle-labels",
    type=click.IntRange(0, 2**31 - 1),
    metavar="SEED",
    help="Give the training labels to the wrong images, in an order that this seed decides: what comes "
    "out, NAME-shuffled.keras, has learnt nothing of them (python -m app.faith --shuffled).",
)
@click.option("--data", "source", metavar="SOURCE", help=DATA_HELP)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=trained_models,
    help="Folder for the model, its card and its pictures (saved_models).",
)
@click.option("--restart", is_flag=True, help="Forget an interrupted run and start over.")
@click.option(
    "--keep-epochs",
    is_flag=True,
    help="Keep the model before training and after each epoch in NAME-epochs, for python -m "
    "app.saliency --over-epochs.",
)
def main(
    name: str,
    recipe_name: str | None,
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | None,
    seed: int,
    source: str | None,
    output: Path,
    restart: bool,
    keep_epochs: bool,
    shuffle_labels: int | None,
) -> None:
    """Train a network and leave NAME.keras, its card and two pictures.

    The test images are measured after each epoch; nothing is chosen by them.

    A run that is killed at any moment leaves the previous model as it was, and the same command goes
    on from the last finished epoch.
    """
    network = find_network(name)
    if network.task:
        raise ValueError(
            f"{name} {network.task}; only networks that put an image into one class are trained here"
        )
    if not network.outputs:
        hint = f"; try {name}_classifier" if f"{name}_classifier" in CATALOGUE else ""
        raise ValueError(f"{name} has no output layer to train{hint}")
    if learning_rate is not None and not math.isfinite(learning_rate):
        raise ValueError(f"--learning-rate must be a finite number, not {learning_rate}")
    prepare_folder(output)
    data = open_data(source)
    if shuffle_labels is not None:
        data = data.with_shuffled_labels(shuffle_labels)
    arguments = fit_to_data(network, data)
    from app.engine.training.recipes import RECIPES

    recipe = RECIPES[recipe_name or network.recipe].changed(epochs, batch_size, learning_rate)
    if recipe.loss == "map" and network.recipe != "map":
        raise ValueError(
            f"the recipe map is for networks whose output is distances, as lenet5's; for {name} take "
            f"{network.recipe}"
        )
    run = Run(network, arguments, recipe, seed, data, is_shuffled=shuffle_labels is not None)
    with only_one(output / ".backup" / f"{name}.lock", f"training {name} into {output}"):
        train(run, output, restart, keep_epochs)


@dataclass(frozen=True)
class Run:
    """Everything that decides what comes out of a training run."""

    network: Network
    arguments: Mapping[str, Any]
    """The builder's arguments that differ from the published network."""
    recipe: "Recipe"
    seed: int
    data: "Dataset"
    is_shuffled: bool = False
    """Whether the labels were dealt out at random; the files then get a name of their own."""

    @property
    def stem(self) -> str:
        """What the files are called, without their endings."""
        return f"{self.network.name}-shuffled" if self.is_shuffled else self.network.name

    def key(self) -> str:
        """Return a short hash: an interrupted run is resumed by one that has the same."""
        parts = (self.network.name, dict(self.arguments), asdict(self.recipe), self.seed, self.data.sha256)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def fit_to_data(network: Network, data: "Dataset") -> dict[str, Any]:
    """Return the builder's arguments that make the network fit the data.

    Raises:
        ValueError: its architecture does not allow it.
    """
    if data.classes < 2:
        raise ValueError(f"{data.name} has only one class; there is nothing to tell apart")
    shape = None if data.image_shape == network.input_shape else data.image_shape
    try:
        arguments = network.arguments(data.classes, shape)
        network.builder(nn, **arguments).sheet()
    except ValueError as error:
        size = shape_text(data.image_shape)
        raise ValueError(
            f"{network.name} does not fit {data.name} ({size}, {data.classes} classes): {error}; it was "
            f"made for {shape_text(network.input_shape)}"
        ) from error
    return arguments


def train(run: Run, output: Path, restart: bool, keep_epochs: bool) -> None:
    """Train, save and report."""
    from app.engine.build import nn as keras_nn
    from app.engine.training.backup import EpochBackup
    from app.engine.training.fit import DivergedError, fit, make_repeatable
    from app.engine.training.keep_epochs import KeepEpochs, epochs_folder

    console = tables.make_console()
    recipe = run.recipe
    make_repeatable(run.seed)
    model = run.network.builder(keras_nn, **run.arguments)
    backup = EpochBackup(output / ".backup" / f"{run.network.name}-{run.key()}")
    if restart:
        backup.discard()
    console.print(
        f"Training {run.network.name} ({model.count_params():,} parameters) on {run.data.name}: "
        f"recipe {recipe.name}, {recipe.optimizer}, batches of {recipe.batch_size}, "
        f"{recipe.passes:g} passes in {recipe.epochs} epochs, seed {run.seed}"
    )
    console.print(input_line(run.network, run.arguments, run.data.image_shape))
    done = backup.finished_epochs
    if done:
        console.print(f"Resuming after epoch {done} of {recipe.epochs} (--restart starts over)")
    keep = KeepEpochs(model, epochs_folder(output / f"{run.stem}.keras"))
    if keep_epochs:
        keep.begin(done)
    try:
        what, words = f"epoch 1/{recipe.epochs}", "left, accuracy …"
        with Progress(console, what, doing="steps,", words=words) as progress:
            history = fit(
                model,
                run.data,
                recipe,
                run.seed,
                backup,
                partial(show_step, progress, recipe.epochs),
                run.network.pixels,
                [keep] if keep_epochs else [],
            )
    except DivergedError as error:
        raise CheckFailedError(
            f"{error}; nothing was saved. Try a smaller --learning-rate than {recipe.learning_rate:g}"
        ) from error
    for number, measures in enumerate(history, 1):
        console.print(epoch_line(number, recipe.epochs, measures))
    save_results(run, model, history, output)
    backup.discard()
    if keep_epochs:
        console.print(f"Epochs   {shown(keep.folder)}")


def save_results(run: Run, model: Any, history: list[dict[str, float]], output: Path) -> None:
    """Write the model, its card and its pictures, and print where they are."""
    from app.datasets.dataset import scale_pixels
    from app.engine.measure import confusion_matrix, predict_probabilities
    from app.engine.store import save_model
    from app.files.cards import card_path, write_card
    from app.show.canvas import save_figure
    from app.train.figures import draw_confusion_matrix, draw_learning_curve, most_confused

    console = tables.make_console()
    data, name = run.data, run.stem
    images = scale_pixels(data.test_images, run.network.pixels)
    predictions = predict_probabilities(model, images).argmax(axis=1)
    matrix = confusion_matrix(data.test_labels, predictions, data.classes)
    path = output / f"{name}.keras"
    save_model(model, path)
    card = make_card(run, model, path, history)
    write_card(card, card_path(path))
    title = f"network {name}, data {data.name}, recipe {run.recipe.name}, seed {run.seed}"
    curve, confusion = output / f"{name}-learning-curve.png", output / f"{name}-confusion.png"
    save_figure(draw_learning_curve(history, title), curve)
    save_figure(
        draw_confusion_matrix(
            matrix, data.class_names, f"{title}: {matrix.trace():,} of {matrix.sum():,} right"
        ),
        confusion,
    )
    confused = most_confused(matrix, data.class_names, 3)
    pairs = ", ".join(f"{true} taken for {taken} ({n}×)" for true, taken, n in confused)
    console.print(f"Test accuracy {card.test_accuracy:.4f} after {card.seconds:.1f} s of training")
    if run.network.test_error:
        console.print(published_line(run.network.test_error, data.name))
    console.print(f"Most confused: {pairs or 'no mistakes'}")
    if output.resolve() != trained_models().resolve() and not run.is_shuffled:
        console.print(f"See what it looks at: python -m app.saliency --model {shown(path)}")
    for what, where in (("Model", path), ("Card", card_path(path)), ("Pictures", curve), ("", confusion)):
        console.print(f"{what:9}{shown(where)}")


def make_card(run: Run, model: Any, path: Path, history: list[dict[str, float]]) -> "Card":
    """Return the card of a model that was just saved at `path`."""
    from app.engine.store import hash_weights
    from app.files.cards import new_card

    data = run.data
    return new_card(
        path,
        network=run.network.name,
        recipe=asdict(run.recipe),
        seed=run.seed,
        data={
            "name": data.name,
            "source": data.source,
            "sha256": data.sha256,
            "image_shape": list(data.image_shape),
            "class_names": list(data.class_names),
        },
        test_accuracy=history[-1]["val_accuracy"],
        test_loss=history[-1]["val_loss"],
        seconds=sum(epoch["seconds"] for epoch in history),
        parameters=model.count_params(),
        weights_sha256=hash_weights(model),
        pixels=run.network.pixels,
        history=history,
    )


if __name__ == "__main__":
    main(prog_name="python -m app.train")
