"""Transfer learning, carried out: features computed once, a new head, then the last convolutions at a low rate."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from app.files.cards import Card, as_card, new_card
from app.files.lock import only_one
from app.maps.open_model import OpenModel
from app.show import tables
from app.show.progress import Progress
from app.transfer.frozen import FrozenPart, remove_features, root_mean_square
from app.transfer.lines import WORDS, fitting_notes, listed, show_step
from app.transfer.pictures import ScaledImages, choose_pictures
from app.transfer.plan import RECIPE, TransferPlace, TransferSettings
from app.transfer.results import PhaseResult, Scratch, Transferred

if TYPE_CHECKING:
    from app.engine.training.transfer_features import FeatureStore
    from app.engine.training.transfer_fit import Phase, Rows
    from app.engine.training.transfer_model import Learning

MOST_UNFROZEN = 4
"""Convolutions that learn in the second phase unless more are asked for."""
SCRATCH_RATE = 0.001
"""Adam's usual rate, for the network without borrowed weights."""


def transfer(
    opened: OpenModel, data: Dataset, settings: TransferSettings, place: TransferPlace
) -> Transferred:
    """Put a new head on a trained network, train it, then the last convolutions; leave the model and its card.

    Raises:
        ValueError: the network has no feature maps or takes no pictures, the data have one class, a model would be
            lost, another process makes it, or a log would take the place of another file.
        DivergedError: the loss is no longer finite; nothing was saved.
    """
    from app.engine.training.logs import verify_log

    if not place.is_chief:
        return _Transfer(opened, data, settings, place).run()
    place.spare_others()
    if place.csv_log is not None:
        verify_log(place.csv_log)
    with only_one(place.states / f"{place.name}.lock", f"making {place.name} in {place.folder}"):
        return _Transfer(opened, data, settings, place).run()


class _Transfer:
    """One transfer: what its steps share."""

    def __init__(
        self, opened: OpenModel, data: Dataset, settings: TransferSettings, place: TransferPlace
    ) -> None:
        from app.engine.live import live_config
        from app.engine.store import hash_weights
        from app.engine.training.fit import make_repeatable
        from app.engine.training.replicas import start_replicas
        from app.engine.training.transfer_graph import flatten_network
        from app.engine.training.transfer_model import Head, TransferNetwork

        self.opened, self.settings, self.place = opened, settings, place
        if place.team is not None:
            place.team.kept = "what is done is kept: start all again to go on"
        self.console = tables.make_console()
        self.console.quiet = not place.is_chief
        make_repeatable(settings.seed)
        self.replicas = start_replicas(place.distribution, place.team)  # before TensorFlow does anything else
        model = opened.keras_model()
        make_repeatable(settings.seed)
        with self._scope():
            flat = flatten_network(model, opened.choice.image_shape)
        chosen = choose_pictures(data, settings.per_class, settings.seed)
        ink = opened.ink(settings.prepare) if data.is_of_files else None
        self.ink = ink if data.is_of_files else data.ink
        self.notes = (*data.notes, *fitting_notes(opened, data, settings.prepare, flat.image_shape))
        self.data = chosen.fitted(flat.image_shape, ink)
        head = Head(data.classes, self._one_output(data), layer=settings.layer)
        with self._scope():
            self.network: TransferNetwork = TransferNetwork(flat, head, place.name)
        self.weights_hash = hash_weights(model)
        config = json.dumps(live_config(model), sort_keys=True, default=repr)
        self.config_hash = hashlib.sha256(config.encode()).hexdigest()
        self.logged: list[tuple[str, list[dict[str, float]]]] = []
        """The phases that are done, and their epochs."""
        self.learning = self._second_phase()

    def _scope(self) -> AbstractContextManager[None]:
        """Return the block in which variables are made."""
        return nullcontext() if self.replicas is None else self.replicas.scope()

    def _one_output(self, data: Dataset) -> bool:
        if self.settings.one_output and data.classes != 2:
            raise ValueError(f"--one-output serves two classes; {data.name} has {data.classes}")
        return self.settings.one_output

    def _second_phase(self) -> "Learning | None":
        """Return what learns in the second phase; None without one."""
        if not self.settings.fine_tune:
            return None
        count = self.settings.unfreeze or self.network.last_stage(MOST_UNFROZEN)
        return self.network.unfreeze(count)

    def run(self) -> Transferred:
        """Do the phases, and leave the model; then remove what no other run needs."""
        from app.engine.training.transfer_features import wanted

        for line in (*self._opening_lines(), *self.notes):
            self.console.print(line)
        counts = [self._count_first(), *self._count_second()]
        frozen = self._frozen()
        with frozen.kept_in() as folder, wanted(folder, self.place.name):
            store = frozen.features(folder, self.console)
            phases = [self._first_phase(store, counts[0])]
            if self.learning is not None:
                phases.append(self._fine_tune(store, self.learning, counts[1]))
            scratch = self._scratch() if self.settings.against_scratch else None
            if not self.place.is_chief:
                assert self.place.team is not None
                card = as_card(self.place.team.finish())
                return Transferred(self._as_one(), self.place.path, card, tuple(phases), scratch)
            if self.place.team is not None:
                self.place.team.rest()
            model = self._as_one()
            card = self._leave(model, phases)
        remove_features(store)
        made = Transferred(model, self.place.path, card, tuple(phases), scratch)
        for state in self.place.states.glob(f"{self.place.name}-{self._key()}-*"):
            _backup(state, 1).discard()
        if self.place.team is not None:
            self.place.team.finish(asdict(card))
        return made

    def _as_one(self) -> Any:
        """Return the network, as one without copies on other devices."""
        import keras

        model = self.network.model
        for layer in model.layers:
            layer.trainable = True
        if self.replicas is None:
            return model
        plain = keras.models.clone_model(model)
        plain.set_weights(model.get_weights())
        return plain

    def _opening_lines(self) -> list[str]:
        network, data, learning = self.network, self.data, self.learning
        maps = shape_text(tuple(network.source.output.shape[1:]))
        how = {"average": f", {maps}, the mean of each map", "flatten": f", {maps}, all of them", "": ""}[
            network.how
        ]
        train = len(data.train_labels)
        least, most = (int(f(np.bincount(data.train_labels))) for f in (np.min, np.max))
        each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        return [
            f"Transfer of {self.opened.name} to {data.name}: {listed(data.class_names)}",
            f"Features: {network.source.name}{how}: {network.width:,} numbers for each picture",
            f"Pictures: {train:,} for training ({each} of each class), {len(data.test_labels):,} for testing, as "
            f"{shape_text(data.image_shape)}; pixels as {self.opened.pixels.words()}",
            *([f"Learning in phase 2 besides the head: {listed(learning.layers)}"] if learning else []),
        ]

    def _count_first(self) -> tuple[int, int]:
        self.network.freeze()
        return _count(self.network.model)

    def _count_second(self) -> list[tuple[int, int]]:
        if self.learning is None:
            return []
        self._second_phase()
        counted = _count(self.network.model)
        self.network.freeze()
        return [counted]

    # -- the features --------------------------------------------------------------------------------------------

    def _frozen(self) -> FrozenPart:
        folder = self.place.states / f"features-{self._features_key()}" if self.place.is_chief else None
        return FrozenPart(
            self.network, self.learning, self.data, self.opened.pixels, self.settings, folder, self.replicas
        )

    def _features_key(self) -> str:
        """Return what stands for all that the features depend on."""
        settings, cut = self.settings, self.learning
        parts = (
            self.weights_hash,
            self.config_hash,
            self.data.sha256,  # that of pictures in files knows their size and how they are prepared
            repr(self.opened.pixels),
            self.network.source.name,
            None if cut is None else cut.layers,
            (settings.copies, settings.augment, settings.seed) if settings.copies else None,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def _key(self) -> str:
        settings = {
            key: value
            for key, value in asdict(self.settings).items()
            if key
            not in ("against_scratch", "scratch_epochs", "fine_tune", "fine_tune_epochs", "fine_tune_rate")
        }
        text = json.dumps([self._features_key(), settings])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    # -- the phases ----------------------------------------------------------------------------------------------

    def _first_phase(self, store: "FeatureStore", counts: tuple[int, int]) -> PhaseResult:
        """Train the head on the features."""
        import keras

        from app.engine.training.transfer_fit import Phase

        rows, labels = store.arrays["row"], self._labels()
        spread = root_mean_square(rows[: len(labels)], self.opened.name)
        phase = Phase(self.settings.epochs, self.settings.learning_rate or SCRATCH_RATE / spread)
        head = keras.Model(self.network.features, self.network.model.output)
        history = self._run_on_rows(head, phase, rows, "head")
        return PhaseResult("the new head", counts, phase.learning_rate, history)

    def _fine_tune(self, store: "FeatureStore", learning: "Learning", counts: tuple[int, int]) -> PhaseResult:
        """Train the last convolutions too, on what the layers below them made."""
        from app.engine.training.transfer_fit import Phase, asker

        kept = self.network.model.get_weights()
        self._second_phase()
        phase = Phase(self.settings.fine_tune_epochs, self.settings.fine_tune_rate)
        top = self.network.part(learning)
        history = self._run_on_rows(top, phase, store.arrays["cut"], "fine-tune")
        ask = asker(top)
        losses = [self._loss(top, store.arrays["cut"], ask)]
        after = self.network.model.get_weights()
        self.network.model.set_weights(kept)
        losses.insert(0, self._loss(top, store.arrays["cut"], ask))
        is_kept = losses[1] <= losses[0]
        if is_kept:
            self.network.model.set_weights(after)
        many = len(learning.layers)
        last = f"the last {many} convolutions" if many > 1 else "the last convolution"
        return PhaseResult(f"{last} and the head", counts, phase.learning_rate, history, is_kept)

    def _loss(self, top: Any, rows: np.ndarray, ask: Any) -> float:
        """Return the loss of a part on the training pictures."""
        from app.engine.training.transfer_fit import measure_rows

        labels = self._labels()
        return measure_rows(top, rows[: len(labels)], labels, self.replicas, ask)["val_loss"]

    def _labels(self) -> np.ndarray:
        return np.tile(self.data.train_labels, 1 + self.settings.copies)

    def _run_on_rows(self, part: Any, phase: "Phase", rows: np.ndarray, what: str) -> list[dict[str, float]]:
        from app.engine.training.transfer_fit import Rows

        labels = self._labels()
        return self._run(part, phase, Rows(rows, labels, self.settings.seed), rows[len(labels) :], what)

    def _run(self, part: Any, phase: "Phase", rows: "Rows", test: Any, what: str) -> list[dict[str, float]]:
        """Train a part under a bar, from where an interrupted run stopped on."""
        from app.engine.training.transfer_fit import run_phase

        state = self.place.states / f"{self.place.name}-{self._key()}-{what}-{_phase_key(phase)}"
        backup = _backup(state if self.place.is_chief else None, phase.epochs)
        if self.place.restart:
            backup.discard()
        if backup.finished_epochs:
            self.console.print(
                f"Resuming {WORDS[what]} after epoch {backup.finished_epochs} of {phase.epochs}"
            )
        with Progress(self.console, WORDS[what], doing="steps,", words="left, accuracy …") as progress:
            show = partial(show_step, progress, WORDS[what], phase.epochs)
            tested = (test, self.data.test_labels)
            logs = self._logs(what, backup)
            history = run_phase(part, phase, rows, tested, backup, show, logs, self.replicas)
        self.logged.append((what, history))
        return history

    def _logs(self, what: str, backup: Any) -> list[Any]:
        """Return what writes the logs that were asked for."""
        from app.engine.training.logs import CsvLog
        from app.engine.training.transfer_fit import BoardOfKept

        logs: list[Any] = []
        if not self.place.is_chief:
            return logs
        if self.place.csv_log is not None:
            logs.append(CsvLog(self.place.csv_log, backup, what, self.logged))
        if self.place.tensorboard is not None:
            folder = self.place.tensorboard / f"{self.place.name}-{self._key()}-{what}"
            logs.append(BoardOfKept(folder, backup))
        return logs

    def _scratch(self) -> Scratch:
        """Train the same network from weights drawn at random, on the same pictures."""
        from app.engine.training.fit import make_repeatable
        from app.engine.training.transfer_fit import Phase, Rows
        from app.engine.training.transfer_model import fresh_twin, parameter_counts

        make_repeatable(self.settings.seed)
        with self._scope():
            twin = fresh_twin(self.network.model)
        phase, data, pixels = Phase(self.settings.scratch_epochs, SCRATCH_RATE), self.data, self.opened.pixels
        rows = Rows(ScaledImages(data.train_images, pixels), data.train_labels, self.settings.seed)
        history = self._run(twin, phase, rows, ScaledImages(data.test_images, pixels), "scratch")
        return Scratch(history, parameter_counts(twin)[0])

    # -- what is left --------------------------------------------------------------------------------------------

    def _leave(self, model: Any, phases: Sequence[PhaseResult]) -> Card:
        from app.engine.store import save_with_card

        return save_with_card(model, self.place.path, partial(self._card, model, phases))

    def _on_what(self) -> dict[str, Any]:
        """Return on how many devices the network was trained; nothing where it was one."""
        if self.replicas is None or self.place.distribution is None:
            return {}
        return {"distribute": self.place.distribution.kind, "replicas": self.replicas.count}

    def _card(self, model: Any, phases: Sequence[PhaseResult], written: Path) -> Card:
        from app.engine.store import hash_weights

        data, settings = self.data, self.settings
        final = next(phase for phase in reversed(phases) if phase.is_kept)
        history = [dict(epoch) for phase in phases for epoch in phase.history]
        return new_card(
            self.place.path,
            written,
            network=self.place.name,
            recipe={
                "name": RECIPE,
                "backbone": self.opened.name,
                "weights": self.weights_hash,
                **asdict(settings),
                **self._on_what(),
            },
            seed=settings.seed,
            data={**data.facts(), "ink": self.ink and asdict(self.ink), "test_images": len(data.test_labels)},
            test_accuracy=final.history[-1]["val_accuracy"],
            test_loss=final.history[-1]["val_loss"],
            seconds=sum(epoch["seconds"] for epoch in history),
            parameters=model.count_params(),
            weights_sha256=hash_weights(model),
            pixels=self.opened.pixels,
            history=history,
        )


def _backup(folder: Path | None, epochs: int) -> Any:
    """Return what keeps the state of a phase; None: another process does."""
    from app.engine.training.shared_fit import ChiefsBackup
    from app.engine.training.transfer_fit import SeldomBackup

    if folder is None:
        return ChiefsBackup()
    return SeldomBackup(folder, epochs)


def _phase_key(phase: "Phase") -> str:
    return hashlib.sha256(repr(phase).encode()).hexdigest()[:8]


def _count(model: Any) -> tuple[int, int]:
    """Return how many parameters of a model learn, and how many do not, by the formulas of its layers.

    Layers without a formula are counted as Keras has them.
    """
    from app.counting.stored.reader import read_board
    from app.engine.live import live_config
    from app.engine.training.transfer_model import parameter_counts

    try:
        rows = read_board(live_config(model)).sheet().rows
        learns = sum(int(row.trainable) for row in rows if model.get_layer(row.name).trainable)
        return learns, sum(int(row.trainable) + int(row.non_trainable) for row in rows) - learns
    except (ValueError, LookupError, TypeError, AttributeError):
        return parameter_counts(model)
