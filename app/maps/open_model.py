"""The one object that stands for a model: known from its configuration, loaded when its layers are needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.counting.stored.model_files import verify_contents
from app.counting.stored.needs import verify_needs
from app.counting.stored.reader import read_board
from app.datasets.dataset import scale_pixels
from app.datasets.samples import Sample
from app.files.cards import card_path, hash_file
from app.files.classes import find_class
from app.files.saved import ModelFacts, find_model
from app.maps.explainer import MEMORY_BYTES, Explainer
from app.maps.first_use import make_ready
from app.maps.verdict import percent
from app.program.machine import Machine
from app.program.program import NotWrittenError, Program
from models import Pixels
from models.pixels import Ink

if TYPE_CHECKING:
    from app.scratch.machine import NumpyMachine

ENGINES = ("numpy", "tensorflow", "tf-keras-vis")
"""Who can compute: NumPy small networks of common layers, TensorFlow all; tf-keras-vis makes maps on TensorFlow."""
Shape = tuple[int | None, ...]


MOST_WORK = 10_000_000_000
"""Multiply-accumulates of all that is asked up to which NumPy is taken without being asked for: TensorFlow takes
seconds to start, is then about three times as fast, and is done first with more."""


@dataclass(frozen=True)
class ModelChoice:
    """Which model, and how it is read."""

    name: Any
    """A name of the catalogue, a file, or a `keras.Model` in memory."""
    pixel_range: Pixels | None = None
    image_input: str | None = None
    """The input that is the image, where there are several."""
    image_shape: tuple[int, ...] | None = None
    """Height, width and channels of its images, where the model does not say them or leaves them open."""
    head: str | None = None
    """The output to explain, where there are several."""
    at: tuple[int, int] | None = None
    """Row and column of the one place to explain, of an output with a class for each pixel."""
    regression: bool = False
    """Whether the outputs are quantities; False: as the loss says."""
    class_names: tuple[str, ...] = ()
    """What the classes are called; (): as the card says, or a file beside the model."""
    machine: str | None = None
    """What runs it, `numpy` or `tensorflow`; None: NumPy where it can, else TensorFlow."""


class OpenModel:
    """A model that is known from its configuration first and made ready for maps when its layers are needed.

    Raises:
        ValueError: there is no such model, or its file is damaged.
    """

    def __init__(self, choice: ModelChoice, memory_bytes: int = MEMORY_BYTES) -> None:
        self.choice, self.memory_bytes = choice, memory_bytes
        if isinstance(choice.name, (str, Path)):
            make_ready(str(choice.name))
            self.facts: ModelFacts = find_model(str(choice.name))
            assert self.facts.path is not None
            verify_contents(self.facts.path)
        else:
            from app.engine.live import live_facts

            self.facts = live_facts(choice.name)
        self.pixels = choice.pixel_range or self.facts.pixels
        """How pictures enter it: as asked for, else as its card says."""
        self.is_range_stated = choice.pixel_range is not None or self.facts.states_pixels
        """Whether that is known, and not only the usual."""
        self._copied = ""
        self._explainers: dict[str, Explainer] = {}

    @property
    def name(self) -> str:
        """What the model is called in file names and headings."""
        return self.facts.name

    def load(self, file: Path | None = None, engine: str | None = None) -> Explainer:
        """Make the model, or one in another file of the same network, ready for maps.

        Args:
            file: the other file.
            engine: who computes, one of `ENGINES`; None: as the choice says.

        Raises:
            ValueError: the file cannot be loaded, the model cannot be replayed, or NumPy is asked and cannot.
        """
        engine = engine or self.choice.machine
        if engine not in (None, *ENGINES):
            raise ValueError(f"engine is one of {', '.join(ENGINES)}, not {engine!r}")
        if engine in (None, "numpy"):
            try:
                return Explainer(self._in_numpy(file, engine is not None), self.memory_bytes)
            except NotWrittenError as error:
                if engine == "numpy":
                    raise ValueError(f"NumPy cannot run {self.facts}: {error}; take TensorFlow") from error
        return Explainer(self._in_tensorflow(file), self.memory_bytes)

    def _in_numpy(self, file: Path | None, is_asked_for: bool) -> "NumpyMachine":
        """Return NumPy with the network: one in a file is read as data, and neither made nor run by Keras.

        Raises:
            NotWrittenError: NumPy does not have its layers, or it is too large.
        """
        from app.scratch.machine import NumpyMachine
        from app.scratch.reading import read_program
        from app.scratch.settings import LayerError

        chosen, path = self.choice, file or self.facts.path
        if path is None:
            if not is_asked_for:
                raise NotWrittenError("it is a model of Keras', which is there already")
            from app.engine.replay.plain import as_program
            from app.engine.replay.steps import Replay

            program = self._in_tensorflow(None).program
            assert isinstance(program, Replay)
            return NumpyMachine(as_program(program))
        for option, value in (("--input", chosen.image_input), ("--image-shape", chosen.image_shape)):
            if value is not None:
                raise NotWrittenError(f"{option} is for models that TensorFlow runs")
        if chosen.head is not None or chosen.at is not None:
            raise NotWrittenError("--head and --at are for models that TensorFlow runs")
        loss = self.facts.loss_of(None)
        verify_needs(path, self.facts.config)
        try:
            program = read_program(path, self.facts.config, loss, chosen.regression or None)
            machine = NumpyMachine(program)
            machine.check()
        except (LayerError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            raise NotWrittenError(f"a layer cannot be run as it is stored ({error})") from error
        return machine

    def _in_tensorflow(self, file: Path | None) -> Machine:
        from app.show.progress import waiting

        with waiting(f"loading {self.name}, about 1 s"):
            return self._loaded_in_tensorflow(file)

    def _loaded_in_tensorflow(self, file: Path | None) -> Machine:
        from app.engine.machine import machine_for
        from app.engine.replay.replay import Choice
        from app.engine.store import hash_weights

        chosen, path = self.choice, file or self.facts.path
        choice = Choice(
            chosen.image_input,
            chosen.image_shape,
            chosen.head,
            chosen.at,
            is_regression=chosen.regression or None,
            loss=self.facts.loss_of(chosen.head),
        )
        model = self.keras_model(file)
        if path is None:
            self._copied = hash_weights(model)
        return machine_for(model, choice)

    def keras_model(self, file: Path | None = None) -> Any:
        """Return the `keras.Model`: the one in memory, or the one that Keras makes of the file, or of another file.

        Raises:
            ValueError: the file cannot be loaded.
        """
        from app.engine.store import load_model

        path = file or self.facts.path
        return self.choice.name if path is None else load_model(path)

    def hash(self) -> str:
        """Return a SHA-256 of the model: of its file, or of the weights of one in memory as they were copied."""
        if self.facts.path is not None:
            return hash_file(self.facts.path)
        _ = self.explainer
        return self._copied

    def for_workers(self) -> "tuple[ModelChoice, dict[str, str]]":
        """Return the choice by which another process opens the same model, and the SHA-256 of each file that it reads.

        Raises:
            ValueError: the model is in memory alone.
        """
        path = self.facts.path
        if path is None:
            raise ValueError("a model in memory cannot be sent to workers; save it, and give its file")
        path = path.resolve()
        beside = (card_path(path), self.facts.names_file(len(self.names)))
        files = [path, *(file for file in beside if file is not None and file.is_file())]
        return replace(self.choice, name=str(path)), {str(file): hash_file(file) for file in files}

    @property
    def explainer(self) -> Explainer:
        """The model, ready for maps."""
        return self.explainer_by()

    def explainer_by(self, engine: str | None = None, passes: int = 1) -> Explainer:
        """Return the model ready for maps.

        Args:
            engine: who runs it, one of `ENGINES`; None: as the choice says, else whoever is done first.
            passes: about how often it will be run, forward or back.
        """
        asked = engine or self.choice.machine
        if asked is None:
            asked = "numpy" if self._suits_numpy(passes) else "tensorflow"
        who = "tensorflow" if asked == "tf-keras-vis" else asked  # which works on TensorFlow
        if who not in self._explainers:
            self._explainers[who] = self.load(engine=who)
        return self._explainers[who]

    def explainer_for(self, images: int, batch_size: int) -> Explainer:
        """Return the model ready for so many images, in batches; equal batches give equal bits whoever asks."""
        explainer = self.explainer_by(passes=images)
        explainer.machine.compute_alike(-(-images // batch_size))
        return explainer

    def _suits_numpy(self, passes: int) -> bool:
        """Return whether NumPy can run the model, and has done so before TensorFlow would have started."""
        if self._least_products * passes > MOST_WORK or self._in_numpy_at_once is None:
            return False
        return self._in_numpy_at_once.products * passes <= MOST_WORK

    @cached_property
    def _least_products(self) -> int:
        """`NumpyMachine.products` counted by hand, before a weight is read, or a little less; 0: not known."""
        from app.scratch.machine import A_VALUE

        try:
            rows = read_board(self.facts.config).sheet().rows
            values = sum(math.prod(row.output_shape) for row in rows if row.inputs)
            return sum(int(row.multiply_accumulates) for row in rows) + A_VALUE * values
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            return 0

    @cached_property
    def _in_numpy_at_once(self) -> "NumpyMachine | None":
        """NumPy with the network; None where it cannot run it."""
        try:
            machine = self._in_numpy(None, is_asked_for=False)
        except NotWrittenError:
            return None
        self._explainers["numpy"] = Explainer(machine, self.memory_bytes)
        return machine

    @property
    def model(self) -> Program:
        """The model as a program."""
        return self.explainer.model

    @property
    def _is_read_on_paper(self) -> bool:
        """Whether paper alone tells what enters and leaves it; of quantities one unit is one, not two."""
        facts = self.facts
        told = facts.input_shape is not None and len(facts.input_shape) == 3 and facts.classes is not None
        asked = self.choice.regression or self.choice.image_shape or self.choice.at
        return told and not (asked or facts.may_be_regression)

    @cached_property
    def shape(self) -> Shape:
        """Height, width and channels of its images."""
        shape = self.facts.input_shape if self._is_read_on_paper else self.model.image_shape
        assert shape is not None
        return shape

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What its classes are called."""
        classes = (self.facts.classes if self._is_read_on_paper else None) or self.model.classes
        chosen = self.choice.class_names
        if chosen and len(chosen) != classes:
            raise ValueError(f"there are {len(chosen)} class names; {self.facts} has {classes} classes")
        return chosen or self.facts.class_names(classes)

    def find_class(self, text: str | None) -> int | None:
        """Return the class that `text` means, None without one."""
        return None if text is None else find_class(text, self.names)

    def ink(self, prepare: str) -> Ink | None:
        """Return how own pictures are to hold their signs; None: they are only resized."""
        learnt = self.facts.ink
        return {"auto": learnt, "digit": learnt or Ink(), "resize": None}[prepare]

    def preparing_hint(self, prepare: str, shape: Shape | None = None) -> str:
        """Return what to do where pictures might be of digits, and nothing says whether the model learnt such.

        Args:
            prepare: how pictures are fitted.
            shape: of an image, where it is not the model's own.
        """
        if prepare != "auto" or not self.facts.may_be_of_digits(shape or self.shape):
            return ""
        return (
            "no card says how this network's pictures were prepared, so they are only resized; for digits on paper "
            "add --prepare digit"
        )

    def scaled(self, images: np.ndarray) -> np.ndarray:
        """Return bytes as the network takes them."""
        return np.asarray(scale_pixels(images, self.pixels))

    def inputs_of(self, samples: "Sequence[Sample]") -> np.ndarray:
        """Return images as the network takes them, (images, height, width, channels).

        Raises:
            ValueError: they have different sizes.
        """
        sizes = {sample.pixels.shape for sample in samples}
        if len(sizes) > 1:
            listed = ", ".join(sorted("×".join(map(str, size)) for size in sizes))
            raise ValueError(f"images of different sizes ({listed}) do not go together; take each by itself")
        if all(sample.inputs is None for sample in samples):
            return self.scaled(np.stack([sample.pixels for sample in samples]))
        each = [self.scaled(s.pixels) if s.inputs is None else s.inputs for s in samples]
        return np.stack(each).astype(self.model.dtype, copy=False)

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value that any channel of a picture can have at the input."""
        channels = len(self.pixels.mean or self.pixels.std) or 1
        ends = [scale_pixels(np.full(channels, x, np.float32), self.pixels) for x in (0, 255)]
        return float(np.min(ends)), float(np.max(ends))

    def answer(self, probabilities: np.ndarray) -> str:
        """Return what the network says, from its probabilities, (classes,), or its quantities."""
        best = int(probabilities.argmax())
        if self.model.head.kind == "pixels":
            return f"puts {percent(float(probabilities[best]))} of the pixels into {self.names[best]}"
        if self.model.head.kind == "value":
            return f"puts out {probabilities[best]:.4g} for {self.names[best]}"
        return f"predicts {self.names[best]} ({percent(float(probabilities[best]))})"
