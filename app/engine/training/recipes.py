"""How a network is trained: the article's recipe, the fast one, and those of the early networks."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from app.datasets.augmentation import Augmentation


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run besides network, data and seed."""

    name: str
    optimizer: Literal["rmsprop", "adam", "sgd"]
    """`sgd` has a momentum of 0.9."""
    learning_rate: float
    """The rate throughout, or the peak of the schedule."""
    schedule: Literal["constant", "triangle"]
    """`triangle`: up to the peak over the first fifth of all steps, then down to 0, both linear."""
    batch_size: int
    passes: float
    """Passes over the training images in the whole run."""
    epochs: int
    """Stretches into which the run is divided; each ends with a test and a saved state."""
    beta_2: float | None = None
    """Adam's decay of squared gradients; Keras' 0.999 remembers longer than a short run lasts."""
    loss: Literal["cross-entropy", "map"] = "cross-entropy"
    """`map`: LeNet-5's criterion, for a network whose output is distances (`app.engine.training.losses`)."""
    hidden_bias: float = 0.0
    """What the biases of hidden dense layers behind which there is a ReLU begin at.

    Above 0 these units answer to every image at first. A unit that answers to none has no gradient and stays so.
    Source: Krizhevsky, Sutskever and Hinton 2012, §5, who take 1.
    """
    augmentation: Augmentation | None = None
    """How far the training images are changed at random, anew each time that they are shown."""
    is_mixed: bool = False
    """Whether the layers but the last compute in float16; weights and the saved model are float32."""

    def steps(self, images: int) -> tuple[int, int]:
        """Return steps per epoch and steps in all for a number of training images."""
        per_epoch = math.ceil(images * self.passes / self.epochs / self.batch_size)
        return per_epoch, per_epoch * self.epochs

    def changed(
        self,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        augmentation: Augmentation | None = None,
        is_mixed: bool = False,
    ) -> "Recipe":
        """Return the recipe with other settings; the passes follow the epochs."""
        given = {
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "augmentation": None if augmentation is None or augmentation.changes_nothing else augmentation,
            "is_mixed": is_mixed or None,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if epochs is not None:
            changes["passes"] = self.passes / self.epochs * epochs
        return dataclasses.replace(self, **changes)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        # Article 003: optimizer="rmsprop" with Keras' default rate, batch_size=64, epochs=5.
        Recipe("article", "rmsprop", 0.001, "constant", batch_size=64, passes=5, epochs=5),
        Recipe("fast", "adam", 0.006, "triangle", batch_size=128, passes=1.25, epochs=2, beta_2=0.98),
        # LeCun's networks were trained by gradient descent; the momentum and the triangle are ours.
        Recipe("sgd", "sgd", 0.1, "triangle", batch_size=64, passes=8, epochs=8),
        # Behind lecun1989's squashed output a rate of 0.1 saturates it.
        Recipe("gentle", "sgd", 0.03, "triangle", batch_size=64, passes=16, epochs=16),
        # Three hidden units are few: begun at 0, about one run of 100 gets stuck below 97 %; at 0.5, one of 1,000.
        Recipe("adam", "adam", 0.02, "triangle", batch_size=32, passes=20, epochs=20, hidden_bias=0.5),
        Recipe("map", "sgd", 0.03, "triangle", batch_size=64, passes=8, epochs=8, loss="map"),
    )
}
