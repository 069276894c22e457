"""What decides a training run, checked before anything heavy is loaded."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app.commands.numbers import positive_number, whole_number
from app.datasets.augmentation import Augmentation, find_augmentation
from app.datasets.fitting import fit_pictures, fit_to_data
from models import CATALOGUE, Network

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset
    from app.engine.training.recipes import Recipe

RECIPE_NAMES = ("article", "fast", "sgd", "gentle", "adam", "map")
"""Those of `app.engine.training.recipes`, known before TensorFlow is loaded."""


@dataclass(frozen=True)
class TrainingSettings:
    """What a run may be told besides its network and its data; None: as the recipe says."""

    recipe: str | None = None
    """None: the network's own."""
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    shuffle_labels: int | None = None
    """The seed of an order in which the training labels are dealt out to the wrong images."""
    augment: str | Augmentation | None = None
    """How far training images are changed at random, or the name of such an augmentation."""
    mixed_precision: bool = False
    """Whether the layers but the last compute in float16."""

    def checked(self) -> "TrainingSettings":
        """Return the same in plain numbers.

        Raises:
            ValueError: an unknown recipe or augmentation, or a number that is out of range.
            TypeError: no number, or no augmentation.
        """
        if self.recipe is not None and self.recipe not in RECIPE_NAMES:
            raise ValueError(f"there is no recipe {self.recipe!r}; there are {', '.join(RECIPE_NAMES)}")
        return TrainingSettings(
            self.recipe,
            whole_number("epochs", self.epochs, 1, 100_000),
            whole_number("batch_size", self.batch_size, 1, 1_000_000),
            positive_number("learning_rate", self.learning_rate),
            whole_number("seed", self.seed, 0, 2**31 - 1) or 0,
            whole_number("shuffle_labels", self.shuffle_labels, 0, 2**31 - 1),
            find_augmentation(self.augment),
            bool(self.mixed_precision),
        )


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
        asked = (self.network.name, dict(self.arguments), asdict(self.recipe), self.seed)
        parts = (*asked, self.data.sha256, self.data.image_shape)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def check_trainable(network: Network) -> None:
    """Refuse a network that does not put an image into one class.

    Raises:
        ValueError: it has no output layer, several, or does something else.
    """
    if network.task:
        raise ValueError(
            f"{network.name} {network.task}; only networks that put an image into one class are trained here"
        )
    if not network.outputs:
        other = f"{network.name}_classifier"
        hint = f"; try {other}" if other in CATALOGUE else ""
        raise ValueError(f"{network.name} has no output layer to train{hint}")


def training_facts(network: Network, data: "Dataset", settings: TrainingSettings) -> dict[str, str]:
    """Return what must be alike in all workers that train together, found without loading TensorFlow.

    Raises:
        ValueError: the network does not fit the data.
    """
    from app.cluster.team import count_cards, fact_texts
    from app.files.versions import program_versions

    fit_to_data(network, fit_pictures(network, data))
    asked = asdict(settings) | {"recipe": settings.recipe or network.recipe}
    told = fact_texts({"network": network.name, **asked})
    return {**program_versions(), **told, "data with SHA-256": data.sha256[:16], **count_cards()}


def plan_training(network: Network, data: "Dataset", settings: TrainingSettings) -> TrainingRun:
    """Return the run that trains a network on data; everything that can be wrong with it is found here.

    Raises:
        ValueError: the network does not fit the data, or the recipe does not fit the network.
    """
    is_shuffled = settings.shuffle_labels is not None
    if settings.shuffle_labels is not None:
        data = data.with_shuffled_labels(settings.shuffle_labels)
    data = fit_pictures(network, data)
    arguments = fit_to_data(network, data)
    from app.engine.training.recipes import RECIPES

    recipe = RECIPES[settings.recipe or network.recipe].changed(
        settings.epochs,
        settings.batch_size,
        settings.learning_rate,
        find_augmentation(settings.augment),
        settings.mixed_precision,
    )
    if recipe.loss == "map" and network.recipe != "map":
        raise ValueError(
            f"the recipe map is for networks whose output is distances, as lenet5's; for {network.name} take "
            f"{network.recipe}"
        )
    return TrainingRun(network, arguments, recipe, settings.seed, data, is_shuffled)
