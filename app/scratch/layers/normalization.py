"""Values brought to one scale; noise that is there while training only."""

from typing import Any

import numpy as np

from app.scratch.layers.base import Array, Layer, Result, Shape

Axes = tuple[int, ...]


class _Scaled(Layer, epsilon=1e-3, center=True, scale=True):
    """y = γ·x̂ + β, x̂ = (x − μ)/√(σ² + ε): what the two layers below have in common."""

    def scale_shapes(self, *shape: int) -> dict[str, Shape]:
        """Return the shapes of γ and β, as far as they are there."""
        return {name: shape for name, is_there in (("gamma", self.scale), ("beta", self.center)) if is_there}

    def scaled(self, x: Array, kept: Axes, mean: Array, variance: Array, over: Axes) -> Result:
        """Return y, γ and β lying along the axes `kept`, μ and σ² being means over the axes `over`.

        Then they depend on every x: ∂L/∂x = (h − mean h − x̂ · mean(h·x̂))/√(σ² + ε), h = γ·g. Without `over` they
        are constants, and ∂L/∂x = h/√(σ² + ε).
        """
        others = tuple(i for i in range(x.ndim) if i not in kept)
        along = [1 if i in others else n for i, n in enumerate(x.shape)]
        w = {name: array.reshape(along) for name, array in self.weights.items()}
        root, gamma = np.sqrt(variance + self.epsilon), w.get("gamma", 1.0)
        hat = (x - mean) / root

        def by_x(g: Array) -> Array:
            h = g * gamma
            if over:
                h = h - h.mean(axis=over, keepdims=True) - hat * (h * hat).mean(axis=over, keepdims=True)
            return h / root

        total = lambda h: h.sum(axis=others, dtype="float64").astype(h.dtype)  # noqa: E731  (rounded once)
        back = self.backward(by_x, gamma=lambda g: total(g * hat), beta=total)
        return hat * gamma + w.get("beta", 0.0), back


class BatchNormalization(_Scaled, axis=-1, momentum=0.99, epsilon=1e-3):
    """y = γ·x̂ + β, x̂ = (x − μ)/√(σ² + ε) for each channel.

    While training μ and σ² are those of the batch, and the moving ones follow: m ← momentum·m + (1 − momentum)·μ.
    Afterwards the moving ones are used. Source: Ioffe and Szegedy 2015, algorithm 1.
    """

    fixed = ("moving_mean", "moving_variance")

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return γ, β and the moving mean and variance."""
        shape = ((0, *shapes[0])[self.axis],)
        return {**self.scale_shapes(*shape), "moving_mean": shape, "moving_variance": shape}

    def forward(self, x: Array, training: bool = False) -> Result:
        """Return the normalised maps."""
        axis = self.axis % x.ndim
        others = tuple(i for i in range(x.ndim) if i != axis)
        shape = [n if i == axis else 1 for i, n in enumerate(x.shape)]
        used = [self.weights[name].reshape(shape) for name in self.fixed]
        if training:
            moving, used = used, [x.mean(axis=others, keepdims=True), x.var(axis=others, keepdims=True)]
            for name, old, now in zip(self.fixed, moving, used, strict=True):
                moved = self.momentum * old + (1 - self.momentum) * now
                self.weights[name] = moved.astype(old.dtype).ravel()
        return self.scaled(x, (axis,), used[0], used[1], over=others if training else ())


class LayerNormalization(_Scaled, axis=-1):
    """y = γ·x̂ + β, x̂ = (x − μ)/√(σ² + ε), mean and variance of each image over `axis`.

    Source: Ba, Kiros and Hinton 2016, eq. 4.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return γ and β."""
        axes = axes_from_0(self.axis, len(shapes[0]) + 1)
        return self.scale_shapes(*[shapes[0][axis - 1] for axis in axes])

    def forward(self, x: Array) -> Result:
        """Return the normalised values."""
        axes = axes_from_0(self.axis, x.ndim)
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        return self.scaled(x, axes, mean, variance, over=axes)


def axes_from_0(told: Any, rank: int) -> Axes:
    """Return the axes that a setting names, one or several, the batch's being 0."""
    several = () if told is None else told if isinstance(told, tuple) else (told,)
    return tuple(sorted(axis % rank for axis in several))


class LocalResponseNormalization(Layer, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, rank=3):
    """y_c = x_c · s_c^−β, s_c = bias + α·Σ x_d² over the channels d at most `depth_radius` from c.

    ∂L/∂x_c = g_c·s_c^−β − 2αβ·x_c·Σ_d g_d·x_d·s_d^−(β+1), over the same channels.
    Source: Krizhevsky, Sutskever and Hinton 2012, §3.3.
    """

    def forward(self, x: Array) -> Result:
        """Return the normalised maps."""
        places, alpha, beta = np.arange(x.shape[-1]), self.alpha, self.beta
        # which channels lie together
        near = (abs(places[:, None] - places) <= self.depth_radius).astype(x.dtype)
        s = self.bias + alpha * (x * x @ near)
        p = s**-beta
        return x * p, lambda g: (g * p - 2 * alpha * beta * x * ((g * x * p / s) @ near),)


class Rescaling(Layer, scale=..., offset=0.0):
    """y = scale·x + offset; both numbers are rounded to float32, as Keras on TensorFlow has them for any x."""

    def forward(self, x: Array) -> Result:
        """Return the rescaled values."""
        scale, offset = (np.asarray(n, "float32").astype(x.dtype) for n in (self.scale, self.offset))
        return x * scale + offset, lambda g: (g * scale,)


class Normalization(Layer, axis=-1, mean=None, variance=None, invert=False):
    """y = (x − mean)/√variance for each place along `axis`, with numbers that are told, or were counted before.

    A deviation counts as 10⁻⁷ at least. With `invert` it is the way back: y = x·√variance + mean.
    """

    fixed = ("mean", "variance", "count")

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return mean and variance, and of how many values they are, unless they were told."""
        kept = tuple(shapes[0][axis - 1] for axis in axes_from_0(self.axis, len(shapes[0]) + 1))
        return {"mean": kept, "variance": kept, "count": ()} if self.mean is None else {}

    def forward(self, x: Array) -> Result:
        """Return the normalised values."""
        axes, numbers = axes_from_0(self.axis, x.ndim), self.settings | self.weights
        along = [n if i in axes else 1 for i, n in enumerate(x.shape)]
        # numbers that are told are float32, as Keras on TensorFlow takes them
        dtype = x.dtype if self.mean is None else "float32"
        told = (np.asarray(numbers[name], dtype).astype(x.dtype) for name in ("mean", "variance"))
        mean, variance = (n.reshape(along) if n.size > 1 else n.reshape(()) for n in told)
        deviation = np.maximum(np.sqrt(variance), x.dtype.type(1e-7))
        if self.invert:
            return x * deviation + mean, lambda g: (g * deviation,)
        return (x - mean) / deviation, lambda g: (g / deviation,)


class Identity(Layer):
    """y = x."""

    def forward(self, x: Array) -> Result:
        """Return what comes in."""
        return x, lambda g: (g,)


class _Dropping(Layer):
    """While training each value is 0 with probability `rate`, and else larger by 1/(1 − rate): the mean stays.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014.
    """

    noise_shape: Any = None
    """What is dropped together: a size of 1 says that all along this axis are, or none."""

    def begin(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.rate <= 1:
            raise self.wrong(f"rate must be from 0 to 1, not {self.rate}")

    def forward(self, x: Array, training: bool = False) -> Result:
        """Return what is left."""
        if not training or not self.rate:
            return x, lambda g: (g,)
        shape = [told or n for told, n in zip(self.noise_shape or x.shape, x.shape, strict=True)]
        mask = (self.rng.random(shape) >= self.rate).astype(x.dtype) / max(1 - self.rate, 1e-7)
        return x * mask, lambda g: (g * mask,)


class Dropout(_Dropping, rate=..., noise_shape=None, seed=None):
    """Values are dropped, so that no unit can rely on another."""


class SpatialDropout2D(_Dropping, rate=..., seed=None, rank=3):
    """Whole maps are dropped (Tompson et al. 2015)."""

    noise_shape = (None, 1, 1, None)


class GaussianNoise(Layer, stddev=..., seed=None):
    """y = x + ε while training, ε normal with deviation `stddev`; the gradient passes unchanged."""

    def forward(self, x: Array, training: bool = False) -> Result:
        """Return the values with their noise."""
        noise = self.rng.normal(0, self.stddev, x.shape).astype(x.dtype) if training else 0
        return x + noise, lambda g: (g,)
