"""A number worked out: products, their sum, the bias, the activation; and how it is written down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.scratch.functions import FUNCTIONS
from app.show.frames.frame import number_text

Array = np.ndarray
MOST_TERMS = 12
"""Products that are written into one line; of more the largest are."""


@dataclass(frozen=True)
class Term:
    """A product of a sum."""

    at: tuple[int, ...]
    """Where its value stands in what is read: row, column, channel; or the number of a unit."""
    value: float
    weight: float
    is_border: bool = False
    """Whether the value is a zero set around the map."""
    source: int = 0
    """Which of the arrays that are read, where there are several."""

    @property
    def product(self) -> float:
        """Value times weight."""
        return self.value * self.weight


@dataclass(frozen=True)
class Sum:
    """y = f(Σ x·w + b)."""

    terms: tuple[Term, ...]
    bias: float | None = None
    activation: str = "linear"
    function: Callable[[float], float] | None = None
    """f, where its name alone does not say it."""

    @property
    def products(self) -> float:
        """Σ x·w."""
        return float(np.sum([term.product for term in self.terms])) if self.terms else 0.0

    @property
    def before(self) -> float:
        """Σ x·w + b."""
        return self.products + (self.bias or 0.0)

    @property
    def value(self) -> float:
        """y."""
        if self.function is not None:
            return self.function(self.before)
        return activate(self.activation, self.before)

    def lines(self) -> tuple[str, ...]:
        """Return the working: the products and their sum, then the bias, then the activation."""
        found = [f"{products_text(self.terms)} = {number_text(self.products)}"]
        if self.bias is not None:
            found.append(
                f"{number_text(self.products)} + bias {in_brackets(self.bias)} = {number_text(self.before)}"
            )
        if self.activation != "linear":
            found.append(
                f"{activation_title(self.activation)}({number_text(self.before)}) = {number_text(self.value)}"
            )
        return tuple(found)

    def facts(self) -> dict[str, Any]:
        """Return its numbers as JSON keeps them."""
        return {
            "terms": [
                {
                    "at": list(t.at),
                    "value": t.value,
                    "weight": t.weight,
                    "product": t.product,
                    "border": t.is_border,
                }
                for t in self.terms
            ],
            "sum": self.products,
            "bias": self.bias,
            "before_activation": self.before,
            "activation": self.activation,
            "value": self.value,
        }


def activate(name: str, x: float) -> float:
    """Return what an activation makes of one number.

    >>> activate("relu", -2.0), activate("relu6", 9.0), activate("sigmoid", 0.0)
    (0.0, 6.0, 0.5)
    """
    return float(function_of(name)(np.asarray(x, float)))


def function_of(name: str) -> Callable[[Array], Array]:
    """Return an activation by its name, as a function of an array.

    Raises:
        ValueError: there is no activation of that name that works on each number by itself.
    """
    if name in ("relu", "relu6"):
        return lambda x: np.clip(x, 0, 6 if name == "relu6" else None)
    if name == "leaky_relu":
        return lambda x: np.where(x > 0, x, LEAKY_SLOPE * x)
    if name not in FUNCTIONS:
        known = ", ".join(ELEMENTWISE)
        raise ValueError(f"{name!r} is no activation of single numbers; there are {known}")
    return lambda x: FUNCTIONS[name](np.asarray(x, float))[0]


def slope_of(name: str) -> Callable[[Array], Array]:
    """Return the derivative of an activation, as a function of an array; where it jumps, the one from the left.

    >>> slope_of("relu")(np.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 1.0]
    """
    if name in ("relu", "relu6"):
        highest = 6 if name == "relu6" else np.inf
        return lambda x: ((x > 0) & (x < highest)).astype(float)
    if name == "leaky_relu":
        return lambda x: np.where(x > 0, 1.0, LEAKY_SLOPE)
    function_of(name)
    return lambda x: np.asarray(FUNCTIONS[name](np.asarray(x, float))[1]())


LEAKY_SLOPE = 0.2
"""Of a leaky ReLU below 0, as Keras has it unless it is told another."""
ELEMENTWISE = ("relu", "relu6", "leaky_relu", *FUNCTIONS)
"""Activations that work on each number by itself."""
TITLES = {"relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "leaky ReLU"}
FORMULAS = {
    "relu": "max(0, x)",
    "relu6": "min(max(0, x), 6)",
    "leaky_relu": "x where x > 0, else 0.2·x",
    "linear": "x",
    "sigmoid": "1 / (1 + e^−x)",
    "tanh": "(e^x − e^−x) / (e^x + e^−x)",
    "exponential": "e^x",
    "softplus": "ln(1 + e^x)",
    "softsign": "x / (1 + |x|)",
    "silu": "x / (1 + e^−x)",
    "swish": "x / (1 + e^−x)",
    "gelu": "x · Φ(x), Φ the normal distribution",
    "mish": "x · tanh(ln(1 + e^x))",
    "hard_sigmoid": "(x + 3)/6, cut off at 0 and 1",
    "hard_silu": "x · hard_sigmoid(x)",
    "hard_swish": "x · hard_sigmoid(x)",
    "elu": "x where x > 0, else e^x − 1",
    "selu": "1.0507 · (x where x > 0, else 1.6733 · (e^x − 1))",
}
"""What an activation computes, as it is written on a board."""


def activation_title(name: str) -> str:
    """Return what an activation is called in a text."""
    return TITLES.get(name, name)


def in_brackets(value: float) -> str:
    """Return a number as it stands behind a sign: a negative one in brackets.

    >>> in_brackets(2), in_brackets(-0.5)
    ('2', '(−0.5)')
    """
    text = number_text(float(value))
    return f"({text})" if value < 0 else text


def products_text(terms: Sequence[Term], most: int = MOST_TERMS) -> str:
    """Return products as a sum: all of up to twelve, else the largest and what the others come to.

    >>> products_text([Term((0,), 1, 2), Term((1,), 3, -1)])
    '1·2 + 3·(−1)'
    """
    if not terms:
        return "0"
    if len(terms) <= most:
        return " + ".join(product_text(term) for term in terms)
    order = sorted(terms, key=lambda term: -abs(term.product))
    told = sorted(order[:most], key=terms.index) if len(terms) < 4096 else order[:most]
    told = [term for term in told if term.product]
    if not told:
        return f"{len(terms):,} products, all of them 0"
    shown = {id(term) for term in told}
    others = [term for term in terms if id(term) not in shown]
    rest = float(np.sum([term.product for term in others]))
    begin = " + ".join(product_text(term) for term in told)
    if not any(term.product for term in others):
        return f"{begin} (the other {len(others):,} products are 0)"
    return f"{begin} + {in_brackets(rest)} from the {len(others):,} other products"


def product_text(term: Term) -> str:
    """Return one product."""
    return f"{in_brackets(term.value)}·{in_brackets(term.weight)}"


def values_text(values: Sequence[float], most: int = 12) -> str:
    """Return numbers with commas between them, of more than twelve the first."""
    texts = [number_text(float(value)) for value in values[:most]]
    return ", ".join(texts) + (f", … ({len(values):,} in all)" if len(values) > most else "")
