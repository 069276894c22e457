"""Optimisers: how a step is made of a gradient. Each changes the weights in place, and remembers what it needs."""

from collections.abc import Callable, Iterable

import numpy as np

from app.scratch.layers.base import Layer

Array = np.ndarray


class Optimiser:
    """Goes through the weights that have a gradient; what one of them does is said by `change`.

    Args:
        rate: the learning rate; it may be set anew before each step.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.steps = 0
        """Steps that were made."""
        self._memory: dict[tuple[int, str, str], Array] = {}

    def step(self, layers: Iterable[Layer]) -> None:
        """Change the weights of layers by one step."""
        self.steps += 1
        for layer in layers:
            for name, weight in layer.weights.items():
                if name in layer.gradients and name not in layer.fixed:
                    weight -= self.change(layer.gradients[name], (id(layer), name))

    def change(self, gradient: Array, key: tuple[int, str]) -> Array:
        """Return what is taken off a weight whose gradient this is; `key` tells weights apart."""
        raise NotImplementedError

    def remembered(self, key: tuple[int, str], what: str, gradient: Array) -> Array:
        """Return an array that is kept for a weight from step to step, zeros at first; it may be written into."""
        if (*key, what) not in self._memory:
            self._memory[*key, what] = np.zeros_like(gradient)
        return self._memory[*key, what]


class SGD(Optimiser):
    """Gradient descent with momentum: v ← μ·v + η·g; w ← w − v.

    With μ = 0 a step is η·g, downhill; with μ a velocity that gathers 1/(1 − μ) gradients.

    Args:
        rate: η.
        momentum: μ, from 0 to below 1.

    >>> descent = SGD(rate=0.5, momentum=0.9)
    >>> [descent.change(np.array([1.0]), (0, "kernel")).round(3).item() for _ in range(3)]
    [0.5, 0.95, 1.355]
    """

    def __init__(self, rate: float = 0.01, momentum: float = 0.0) -> None:
        super().__init__(rate)
        self.momentum = momentum

    def change(self, gradient: Array, key: tuple[int, str]) -> Array:
        """Return the velocity."""
        velocity = self.remembered(key, "velocity", gradient)
        velocity *= self.momentum
        velocity += self.rate * gradient
        return velocity


class RMSprop(Optimiser):
    """A step as long in every direction: s ← ρ·s + (1 − ρ)·g²; w ← w − η·g/√(s + ε).

    The mean square s is that of late gradients; ε inside the root, as Keras has it.
    Source: Hinton, lecture 6e of Neural Networks for Machine Learning, 2012.

    Args:
        rate: η.
        rho: ρ.
        epsilon: ε.

    >>> even = RMSprop(rate=0.1)
    >>> even.change(np.array([3.0, -300.0]), (0, "kernel")).round(3).tolist()
    [0.316, -0.316]
    """

    def __init__(self, rate: float = 0.001, rho: float = 0.9, epsilon: float = 1e-7) -> None:
        super().__init__(rate)
        self.rho, self.epsilon = rho, epsilon

    def change(self, gradient: Array, key: tuple[int, str]) -> Array:
        """Return the gradient over the root of its mean square."""
        square = self.remembered(key, "square", gradient)
        square *= self.rho
        square += (1 - self.rho) * gradient**2
        return self.rate * gradient / np.sqrt(square + self.epsilon)


class Adam(Optimiser):
    """Momentum and even steps together: w ← w − η·m̂/(√ŝ + ε̂).

    m ← β₁·m + (1 − β₁)·g and s ← β₂·s + (1 − β₂)·g² begin at 0; m̂ = m/(1 − β₁ᵗ) and ŝ = s/(1 − β₂ᵗ) make up for
    that at step t. As in the paper's faster form, and in Keras, ε̂ is ε over √(1 − β₂ᵗ).
    Source: Kingma and Ba, Adam, 2015, algorithm 1 and section 2.

    Args:
        rate: η.
        beta_1: β₁.
        beta_2: β₂.
        epsilon: ε.

    >>> adam = Adam(rate=0.1)
    >>> adam.steps = 1
    >>> adam.change(np.array([3.0, -300.0]), (0, "kernel")).round(3).tolist()
    [0.1, -0.1]
    """

    def __init__(
        self, rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7
    ) -> None:
        super().__init__(rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def change(self, gradient: Array, key: tuple[int, str]) -> Array:
        """Return the mean gradient over the root of the mean square, both made up for their beginning at 0."""
        mean, square = (self.remembered(key, what, gradient) for what in ("mean", "square"))
        mean += (1 - self.beta_1) * (gradient - mean)
        square += (1 - self.beta_2) * (gradient**2 - square)
        made_up = self.rate * (1 - self.beta_2**self.steps) ** 0.5 / (1 - self.beta_1**self.steps)
        return made_up * mean / (np.sqrt(square) + self.epsilon)


OPTIMISERS: dict[str, Callable[[float], Optimiser]] = {
    "sgd": lambda rate: SGD(rate, momentum=0.9),
    "rmsprop": RMSprop,
    "adam": Adam,
}
"""By the name of the option; sgd has a momentum of 0.9."""
