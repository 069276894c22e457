"""One training run: how it is carried out, and what it leaves."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.files.atomic import sweep
from app.files.cards import Card, new_card
from app.files.folders import shown
from app.files.lock import only_one
from app.show import tables
from app.show.progress import Progress
from app.train.lines import input_line, show_step
from app.train.plan import TrainingRun
from app.train.results import Training, files_of


@dataclass(frozen=True)
class TrainingPlace:
    """Where a run leaves its files, and what it does with those of an interrupted one."""

    folder: Path
    restart: bool = False
    """Whether an interrupted run is forgotten."""
    keep_epochs: bool = False
    """Whether the model before training and after each epoch is kept."""
    ways: tuple[str, str] = ("restart=True", "learning_rate")
    """How whoever asks spells the two things that a run may advise."""


def train(run: TrainingRun, place: TrainingPlace) -> Training:
    """Train, and leave the model, its card and two pictures; go on where an interrupted run stopped.

    Raises:
        ValueError: another process trains this network into the same folder.
        DivergedError: the loss is no longer finite; nothing was saved.
    """
    name, folder = run.network.name, place.folder
    with only_one(folder / ".backup" / f"{name}.lock", f"training {name} into {folder}"):
        sweep(folder, *(path.name for path in files_of(folder / f"{run.stem}.keras").values()))
        return _train(run, place)


def _train(run: TrainingRun, place: TrainingPlace) -> Training:
    from app.engine.build import nn as keras_nn
    from app.engine.training.backup import EpochBackup
    from app.engine.training.fit import begin_biases, make_repeatable
    from app.engine.training.keep_epochs import KeepEpochs, epochs_folder

    restart, _ = place.ways
    make_repeatable(run.seed)
    model = run.network.builder(keras_nn, **run.arguments)
    begin_biases(model, run.recipe)
    backup = EpochBackup(place.folder / ".backup" / f"{run.network.name}-{run.key()}")
    if place.restart:
        backup.discard()
    console, done = tables.make_console(), backup.finished_epochs
    for line in (*_opening_lines(run, model.count_params()), *run.data.notes):
        console.print(line)
    for damaged in backup.damaged:
        console.print(f"What an interrupted run left in {shown(damaged)} is damaged and left out")
    if done:
        console.print(f"Resuming after epoch {done} of {run.recipe.epochs} ({restart} starts over)")
    keep = KeepEpochs(model, epochs_folder(place.folder / f"{run.stem}.keras"))
    if place.keep_epochs:
        keep.begin(done)
    history = _fit(run, model, backup, [keep] if place.keep_epochs else [], place)
    training = _leave(run, model, history, place.folder, keep.folder if place.keep_epochs else None)
    backup.discard()
    return training


def _opening_lines(run: TrainingRun, parameters: int) -> tuple[str, str]:
    recipe = run.recipe
    return (
        f"Training {run.network.name} ({parameters:,} parameters) on {run.data.name}: "
        f"recipe {recipe.name}, {recipe.optimizer}, batches of {recipe.batch_size}, "
        f"{recipe.passes:g} passes in {recipe.epochs} epochs, seed {run.seed}",
        input_line(run.network, run.arguments, run.data.image_shape),
    )


def _fit(
    run: TrainingRun, model: Any, backup: Any, callbacks: list[Any], place: TrainingPlace
) -> list[dict[str, float]]:
    """Train under a bar; return the measures of each epoch."""
    from app.engine.training.fit import DivergedError, fit

    recipe = run.recipe
    what, words = f"epoch 1/{recipe.epochs}", "left, accuracy …"
    try:
        with Progress(tables.make_console(), what, doing="steps,", words=words) as progress:
            step = partial(show_step, progress, recipe.epochs)
            return fit(model, run.data, recipe, run.seed, backup, step, run.network.pixels, callbacks)
    except DivergedError as error:
        _, rate = place.ways
        raise DivergedError(
            f"{error}; nothing was saved. Try a smaller {rate} than {recipe.learning_rate:g}"
        ) from error


def _leave(
    run: TrainingRun, model: Any, history: list[dict[str, float]], folder: Path, epochs: Path | None
) -> Training:
    """Write the model, its card and its pictures."""
    from app.datasets.dataset import scale_pixels
    from app.engine.measure import confusion_matrix, predict_probabilities
    from app.engine.store import save_with_card
    from app.show.canvas import save_figure

    data, path = run.data, folder / f"{run.stem}.keras"
    images = scale_pixels(data.test_images, run.network.pixels)
    predictions = predict_probabilities(model, images).argmax(axis=1)
    matrix = confusion_matrix(data.test_labels, predictions, data.classes)
    card = save_with_card(model, path, partial(make_card, run, model, path, history))
    training = Training(model, path, card, matrix, run.is_shuffled, epochs)
    save_figure(training.plot(), training.files["curve"])
    save_figure(training.plot_confusion(), training.files["confusion"])
    return training


def make_card(
    run: TrainingRun, model: Any, path: Path, history: list[dict[str, float]], written: Path
) -> Card:
    """Return the card of a model for `path`, which was just written, for now, as `written`."""
    from app.engine.store import hash_weights

    data = run.data
    return new_card(
        path,
        written,
        network=run.network.name,
        recipe=asdict(run.recipe),
        seed=run.seed,
        data={
            "name": data.name,
            "source": data.source,
            "sha256": data.sha256,
            "image_shape": list(data.image_shape),
            "class_names": list(data.class_names),
            "ink": data.ink and asdict(data.ink),
            "notes": list(data.notes),
        },
        test_accuracy=history[-1]["val_accuracy"],
        test_loss=history[-1]["val_loss"],
        seconds=sum(epoch["seconds"] for epoch in history),
        parameters=model.count_params(),
        weights_sha256=hash_weights(model),
        pixels=run.network.pixels,
        history=history,
    )
