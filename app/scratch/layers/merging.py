"""Several maps become one: added, multiplied, compared, or put side by side."""

import functools

import numpy as np

from app.scratch.layers.base import Array, Layer, Result, Shape


class _Merge(Layer):
    """What happens to inputs cell by cell; one with a size of 1 is repeated along that axis."""

    arity = (1, 99)

    def forward(self, *inputs: Array) -> Result:
        """Return the inputs merged into one."""
        axes = max(x.ndim for x in inputs)
        alike = [x.reshape(len(x), *(1,) * (axes - x.ndim), *x.shape[1:]) for x in inputs]
        y, shares = self.merge(*alike)
        return y, lambda g: tuple(over_copies(h, x.shape) for h, x in zip(shares(g), inputs, strict=True))

    def merge(self, *inputs: Array) -> Result:
        """Return what comes out, and the function that shares the gradient out."""
        raise NotImplementedError


def over_copies(g: Array, shape: Shape) -> Array:
    """Return the sum of g over the copies that were made of an input of some shape."""
    whole = (shape[0], *(1,) * (g.ndim - len(shape)), *shape[1:])
    axes = tuple(i for i, n in enumerate(whole) if n != g.shape[i])
    return (g.sum(axis=axes) if axes else g).reshape(shape)


class Add(_Merge):
    """y = a + b + …; each gets the whole gradient: so it flows past the layers that a shortcut goes round."""

    def merge(self, *inputs: Array) -> Result:
        """Return the sum."""
        return functools.reduce(np.add, inputs), lambda g: (g,) * len(inputs)


class Average(_Merge):
    """y = (a + b + …)/n; each gets an n-th of the gradient."""

    def merge(self, *inputs: Array) -> Result:
        """Return the mean."""
        return functools.reduce(np.add, inputs) / len(inputs), lambda g: (g / len(inputs),) * len(inputs)


class Subtract(_Merge):
    """y = a − b; the gradient goes to a, and with the other sign to b."""

    arity = (2, 2)

    def merge(self, *inputs: Array) -> Result:
        """Return the difference."""
        return inputs[0] - inputs[1], lambda g: (g, -g)


class Multiply(_Merge):
    """y = a · b · …; the gradient by each is the gradient times all others."""

    def merge(self, *inputs: Array) -> Result:
        """Return the product."""
        others = [[*inputs[:i], *inputs[i + 1 :]] for i in range(len(inputs))]
        back = lambda g: tuple(functools.reduce(np.multiply, rest, g) for rest in others)  # noqa: E731
        return functools.reduce(np.multiply, inputs), back


class Maximum(_Merge):
    """y = the largest of a, b, …, which alone gets the gradient; of several that are equal the first."""

    choose: np.ufunc = np.maximum

    def merge(self, *inputs: Array) -> Result:
        """Return the chosen values."""
        y = functools.reduce(self.choose, inputs)
        first = np.argmax([np.broadcast_to(x == y, y.shape) for x in inputs], axis=0)
        return y, lambda g: tuple(g * (first == i) for i in range(len(inputs)))


class Minimum(Maximum):
    """y = the smallest of a, b, …, likewise."""

    choose = np.minimum


class Concatenate(Layer, axis=-1):
    """Inputs side by side along `axis`, which counts the batch's; each gets its part of the gradient back."""

    arity = (1, 999)

    def forward(self, *inputs: Array) -> Result:
        """Return the inputs in one."""
        if self.axis % inputs[0].ndim == 0:
            raise self.wrong("axis 0 is the batch's; images are not put side by side")
        ends = np.cumsum([x.shape[self.axis] for x in inputs])[:-1]
        return np.concatenate(inputs, self.axis), lambda g: tuple(np.split(g, ends, self.axis))
