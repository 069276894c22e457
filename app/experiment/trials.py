"""One network trained several times from fresh weights: built and compiled once, a seed a trial.

Tracing a deep network takes longer than a short training run; so the graph stays, and weights and
optimiser begin anew.
"""

from typing import Any, Literal

import keras
import numpy as np

from app.datasets.dataset import Dataset
from app.engine.measure import predict_probabilities
from app.engine.training.fit import OnStep, Watch, compile_model, training_batches
from app.engine.training.recipes import Recipe
from models.pixels import PLAIN

Draw = Literal["he", "glorot"]


def draw_weights(model: keras.Model, seed: int, draw: Draw = "he") -> None:
    """Give every layer fresh weights that depend on the seed and the layer's place alone.

    Kernels are normal with mean 0 and variance 2/fan_in (`he`) or 2/(fan_in + fan_out) (`glorot`);
    fan_in is k_h·k_w·c_in, fan_out k_h·k_w·c_out. Scales and moving variances are 1, the rest 0.
    Source: He et al., Delving deep into rectifiers, 2015, eq. 10; Glorot and Bengio, 2010, eq. 16.
    """
    for number, layer in enumerate(model.layers):
        random = np.random.default_rng([seed, number])
        for weight in layer.weights:
            if weight.name == "kernel":
                *field, channels, filters = weight.shape
                fans = np.prod(field) * (channels if draw == "he" else channels + filters)
                weight.assign(random.normal(0, np.sqrt(2 / fans), weight.shape))
            else:
                value = np.ones if weight.name in ("gamma", "moving_variance") else np.zeros
                weight.assign(value(weight.shape))


class Trials:
    """A network that is trained anew for each seed."""

    def __init__(self, model: keras.Model, recipe: Recipe, data: Dataset) -> None:
        self.model, self.recipe, self.data = model, recipe, data
        compile_model(model, recipe, len(data.train_images))

    def train(self, seed: int, progress: OnStep) -> list[dict[str, float]]:
        """Return loss, accuracy and seconds of each epoch, averages while it was trained.

        Raises:
            DivergedError: the loss is not finite.
        """
        draw_weights(self.model, seed)
        for variable in self.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        steps, _ = self.recipe.steps(len(self.data.train_images))
        history = self.model.fit(
            training_batches(self.data, self.recipe, seed, 0, PLAIN),
            epochs=self.recipe.epochs,
            steps_per_epoch=steps,
            callbacks=[Watch(steps, progress)],
            shuffle=False,  # the batches come shuffled
            verbose=0,
        ).history
        return [
            dict(zip(history, map(float, values), strict=True))
            for values in zip(*history.values(), strict=True)
        ]

    def test_accuracy(self) -> float:
        """Return the share of test images that are classified rightly."""
        images = np.asarray(self.data.test_images, np.float32) / 255
        predictions: Any = predict_probabilities(self.model, images).argmax(axis=1)
        return float((predictions == self.data.test_labels).mean())
