"""One training run: how it is carried out, and what it leaves."""

import contextlib
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.files.atomic import sweep
from app.files.cards import Card, as_card, new_card
from app.files.folders import shown
from app.files.lock import only_one
from app.show import tables
from app.show.progress import Progress
from app.train.lines import StepsShown, input_line, pictures_line, recipe_lines, together_line
from app.train.plan import TrainingRun
from app.train.results import Training, files_of

if TYPE_CHECKING:
    from app.cluster.team import Team
    from app.cluster.tf_config import Distribution
    from app.datasets.dataset import Dataset
    from app.datasets.streamed import Images


@dataclass(frozen=True)
class TrainingPlace:
    """Where a run leaves its files, and what it does with those of an interrupted one."""

    folder: Path
    restart: bool = False
    """Whether an interrupted run is forgotten."""
    keep_epochs: bool = False
    """Whether the model before training and after each epoch is kept."""
    tensorboard: Path | None = None
    """A folder for TensorBoard's files, in which the run gets a folder of its own."""
    csv_log: Path | None = None
    """A file for a table of the epochs."""
    ways: tuple[str, str] = ("restart=True", "learning_rate")
    """How whoever asks spells the two things that a run may advise."""
    distribution: "Distribution | None" = None
    """On what is trained; None: on one device."""
    team: "Team | None" = None
    """The workers that train together; None where there is one process."""

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files."""
        return self.distribution is None or self.distribution.is_chief


def train(run: TrainingRun, place: TrainingPlace) -> Training:
    """Train, and leave the model, its card and two pictures; go on where an interrupted run stopped.

    Raises:
        ValueError: another process trains this network into the same folder, a picture cannot be read any more, or
            a log would take the place of another file.
        DivergedError: the loss is no longer finite; nothing was saved.
    """
    from app.engine.training.logs import verify_log

    if not place.is_chief:
        return _train(run, place)
    if place.csv_log is not None:
        verify_log(place.csv_log)
    name, folder = run.network.name, place.folder
    with only_one(folder / ".backup" / f"{name}.lock", f"training {name} into {folder}"):
        sweep(folder, *(path.name for path in files_of(folder / f"{run.stem}.keras").values()))
        return _train(run, place)


def _train(run: TrainingRun, place: TrainingPlace) -> Training:
    from app.datasets.batches import keep_pictures
    from app.engine.training.fit import begin_biases, make_repeatable
    from app.engine.training.keep_epochs import KeepEpochs, epochs_folder
    from app.engine.training.replicas import start_replicas

    make_repeatable(run.seed)
    replicas = start_replicas(place.distribution, place.team)
    with replicas.scope() if replicas else contextlib.nullcontext():
        model = _build(run)
        begin_biases(model, run.recipe)
    backup = _backup(run, place)
    done = backup.finished_epochs
    if place.is_chief:
        _say_beginning(run, place, model.count_params(), backup, replicas)
    keep = KeepEpochs(model, epochs_folder(place.folder / f"{run.stem}.keras"))
    keeps = place.keep_epochs and place.is_chief
    if keeps:
        keep.begin(done)
    pictures = keep_pictures(run.data)
    history = _fit(run, pictures, model, backup, [keep] if keeps else [], place, replicas)
    epochs = keep.folder if place.keep_epochs else None
    outcome = _Outcome(
        run, _as_one(run, model) if replicas else model, history, epochs, _on_what(replicas, place)
    )
    if place.team is not None:
        return _leave_together(outcome, pictures.test_images, place, backup)
    training = _leave(outcome, pictures.test_images, place.folder)
    backup.discard()
    return training


@dataclass(frozen=True)
class _Outcome:
    """What a run has come to, before anything of it is written."""

    run: TrainingRun
    model: Any
    history: list[dict[str, float]]
    epochs: Path | None
    """Where the model after each epoch is kept."""
    on_what: dict[str, Any]
    """On how many devices it was trained, for the card; nothing where it was one."""


def _on_what(replicas: Any, place: TrainingPlace) -> dict[str, Any]:
    if replicas is None or place.distribution is None:
        return {}
    return {"distribute": place.distribution.kind, "replicas": replicas.count}


def _build(run: TrainingRun) -> Any:
    from app.engine.build import nn as keras_nn

    return run.network.builder(keras_nn, **run.arguments)


def _as_one(run: TrainingRun, model: Any) -> Any:
    """Return a model with the weights of one that has copies on several devices."""
    plain = _build(run)
    plain.set_weights(model.get_weights())
    return plain


def _leave_together(outcome: _Outcome, images: "Images", place: TrainingPlace, backup: Any) -> Training:
    """Have the chief write the files, and tell the other workers what came out."""
    assert place.team is not None
    if not place.is_chief:
        made, run = place.team.finish(), outcome.run
        path, matrix = place.folder / f"{run.stem}.keras", np.array(made["confusion"])
        return Training(outcome.model, path, as_card(made["card"]), matrix, run.is_shuffled, outcome.epochs)
    place.team.rest()
    training = _leave(outcome, images, place.folder)
    backup.discard()
    place.team.finish({"card": asdict(training.card), "confusion": training.confusion.tolist()})
    return training


def _backup(run: TrainingRun, place: TrainingPlace) -> Any:
    """Return what keeps the state after each epoch, begun anew if that is asked for."""
    from app.engine.training.backup import EpochBackup
    from app.engine.training.shared_fit import ChiefsBackup

    if not place.is_chief:
        return ChiefsBackup()
    backup = EpochBackup(place.folder / ".backup" / f"{run.network.name}-{run.key()}")
    if place.restart:
        backup.discard()
    return backup


def _say_beginning(
    run: TrainingRun, place: TrainingPlace, parameters: int, backup: Any, replicas: Any
) -> None:
    restart, _ = place.ways
    console, done = tables.make_console(), backup.finished_epochs
    together = [] if replicas is None else [together_line(replicas.count, replicas.workers)]
    for line in (*_opening_lines(run, parameters), *together, *run.data.notes):
        console.print(line)
    for damaged in backup.damaged:
        console.print(f"What an interrupted run left in {shown(damaged)} is damaged and left out")
    if done:
        console.print(f"Resuming after epoch {done} of {run.recipe.epochs} ({restart} starts over)")


def _opening_lines(run: TrainingRun, parameters: int) -> list[str]:
    from app.engine.training.precision import has_accelerator

    recipe, pictures = run.recipe, pictures_line(run.data)
    return [
        f"Training {run.network.name} ({parameters:,} parameters) on {run.data.name}: "
        f"recipe {recipe.name}, {recipe.optimizer}, batches of {recipe.batch_size}, "
        f"{recipe.passes:g} passes in {recipe.epochs} epochs, seed {run.seed}",
        input_line(run.network, run.arguments, run.data.image_shape),
        *([pictures] if pictures else []),
        *recipe_lines(recipe.augmentation, recipe.is_mixed, recipe.is_mixed and has_accelerator()),
    ]


def _fit(
    run: TrainingRun,
    data: "Dataset",
    model: Any,
    backup: Any,
    callbacks: list[Any],
    place: TrainingPlace,
    replicas: Any,
) -> list[dict[str, float]]:
    """Train under a bar; return the measures of each epoch."""
    from app.engine.training.fit import DivergedError, fit

    recipe, pixels = run.recipe, run.network.pixels
    what, words = f"epoch 1/{recipe.epochs}", "left, accuracy …"
    console = tables.make_console()
    console.quiet = not place.is_chief
    try:
        with Progress(console, what, doing="steps,", words=words) as progress:
            step = StepsShown(progress, recipe.epochs, recipe.batch_size, console.width)
            logs = _logs(run, backup, place)
            return fit(model, data, recipe, run.seed, backup, step, pixels, callbacks, logs, replicas)
    except DivergedError as error:
        _, rate = place.ways
        raise DivergedError(
            f"{error}; nothing was saved. Try a smaller {rate} than {recipe.learning_rate:g}"
        ) from error


def _logs(run: TrainingRun, backup: Any, place: TrainingPlace) -> list[Any]:
    """Return what writes the logs that were asked for."""
    from app.engine.training.logs import CsvLog, TensorBoardLog

    logs: list[Any] = []
    if not place.is_chief:
        return logs
    if place.csv_log is not None:
        logs.append(CsvLog(place.csv_log, backup))
    if place.tensorboard is not None:
        logs.append(TensorBoardLog(place.tensorboard / f"{run.stem}-{run.key()}", backup.finished_epochs))
    return logs


def _leave(outcome: _Outcome, images: "Images", folder: Path) -> Training:
    """Write the model, its card and its pictures."""
    from app.datasets.batches import image_batches
    from app.datasets.confusion import confusion_matrix
    from app.engine.measure import predict_probabilities
    from app.engine.store import save_with_card
    from app.show.canvas import save_figure

    run, model = outcome.run, outcome.model
    data, path = run.data, folder / f"{run.stem}.keras"
    batches = image_batches(images, pixels=run.network.pixels)
    predictions = np.concatenate([predict_probabilities(model, batch).argmax(axis=1) for batch in batches])
    matrix = confusion_matrix(data.test_labels, predictions, data.classes)
    card = save_with_card(model, path, partial(_make_card, outcome, path))
    training = Training(model, path, card, matrix, run.is_shuffled, outcome.epochs)
    save_figure(training.plot(), training.files["curve"])
    save_figure(training.plot_confusion(), training.files["confusion"])
    return training


def _make_card(outcome: _Outcome, path: Path, written: Path) -> Card:
    """Return the card of a model for `path`, which was just written, for now, as `written`."""
    from app.engine.store import hash_weights

    run, history = outcome.run, outcome.history
    data = run.data
    return new_card(
        path,
        written,
        network=run.network.name,
        recipe={**asdict(run.recipe), **outcome.on_what},
        seed=run.seed,
        data=data.facts(),
        test_accuracy=history[-1]["val_accuracy"],
        test_loss=history[-1]["val_loss"],
        seconds=sum(epoch["seconds"] for epoch in history),
        parameters=outcome.model.count_params(),
        weights_sha256=hash_weights(outcome.model),
        pixels=run.network.pixels,
        history=history,
    )
