"""One training run: what decides it, how it is carried out, and what it leaves."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.door import CheckFailedError
from app.commands.outputs import shown
from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.files.cards import Card, card_path, new_card, write_card
from app.files.saved import trained_models
from app.show import tables
from app.show.progress import Progress
from app.train.lines import epoch_line, input_line, published_line, show_step
from models import Network

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset
    from app.engine.training.recipes import Recipe


@dataclass(frozen=True)
class TrainingRun:
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


def train(run: TrainingRun, output: Path, restart: bool, keep_epochs: bool) -> None:
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


def save_results(run: TrainingRun, model: Any, history: list[dict[str, float]], output: Path) -> None:
    """Write the model, its card and its pictures, and print where they are."""
    from app.datasets.dataset import scale_pixels
    from app.engine.measure import confusion_matrix, predict_probabilities
    from app.engine.store import save_model
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


def make_card(run: TrainingRun, model: Any, path: Path, history: list[dict[str, float]]) -> Card:
    """Return the card of a model that was just saved at `path`."""
    from app.engine.store import hash_weights

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
