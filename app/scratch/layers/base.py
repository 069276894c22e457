"""What a layer is: settings, weights, and two functions, forward and backward."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from app.scratch.initialisers import Initialiser, find_initialiser, positive
from app.scratch.settings import Array, Checked, Shape

Way = Callable[[Array], Array]
"""Makes of g, the gradient by the output, that by an input or by a weight."""
Backward = Callable[[Array], tuple[Array, ...]]
"""Makes of g the gradients by all inputs, one for each."""
Result = tuple[Array, Backward]
"""What `forward` returns."""
STARTS: dict[str, str | Initialiser] = {"gamma": "ones", "moving_variance": "ones", "excitation": positive}


class Layer(Checked):
    """A layer computes y = f(x, w), and backward ∂L/∂x and ∂L/∂w from g = ∂L/∂y, for whatever L is.

    A class of layers has its settings in its head, by Keras' names; says in `weight_shapes` what arrays it has; and
    has `forward`, which returns the output and the function `backward`, made inside it. So backward sees what
    forward computed, and a layer remembers nothing between two calls: one that is called twice just works.

    Arrays are (batch, …, channels). They keep their type: float64 in, float64 out.
    """

    fixed: ClassVar[tuple[str, ...]] = ()
    """Weights that training leaves alone."""
    ceiling: float | None = None
    """The largest value of a rectifier: inf, or 6; None for any other layer. A rectifier's `forward` takes a rule."""
    forward: Callable[..., Result]
    """Returns the output, before an activation of its own, and the function that leads gradients back."""

    def __init__(self, *values: Any, **named: Any) -> None:
        self.activation: Layer | None = None
        self.weights: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        self.is_learning = True
        self.rng = np.random.default_rng(named.get("seed"))
        super().__init__(*values, **named)
        self.begin()

    def begin(self) -> None:
        """Work out once what follows from the settings."""

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:  # noqa: ARG002
        """Return the shapes of the weights for inputs of some shapes, in Keras' order."""
        return {}

    def start(self, name: str) -> str | Initialiser:
        """Return how a weight is drawn, as Keras has it."""
        return "glorot_uniform" if name.endswith("kernel") else STARTS.get(name, "zeros")

    def build(self, *shapes: Shape, rng: Any = None, dtype: Any = "float32", kernel: Any = None) -> None:
        """Draw the weights for inputs of these shapes, which are without the batch axis; kernels by `kernel`."""
        self.rng = rng or self.rng
        for name, shape in self.weight_shapes(*shapes).items():
            how = kernel if kernel and name.endswith("kernel") else self.start(name)
            self.weights[name] = np.asarray(find_initialiser(how)(shape, self.rng), dtype)

    def __call__(self, inputs: Any) -> Any:
        """Return what the whole layer makes of an array or a symbol, or of a list of them."""
        several = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if hasattr(several[0], "pass_to"):
            return several[0].pass_to(self, several)
        arrays = [x if x.dtype.kind == "f" else x.astype("float32") for x in map(np.asarray, several)]
        output = self.forward(*arrays)[0]
        return self.activation(output) if self.activation else output

    def learn(self, **gradients: Callable[[], Array]) -> None:
        """Add to the gradients by weights, those that it has and that learn; they are worked out only then."""
        for name in gradients.keys() & self.weights.keys() - set(self.fixed) if self.is_learning else ():
            self.gradients[name] = self.gradients.get(name, 0) + gradients[name]()

    def backward(self, by_x: Way, **by_weights: Way) -> Backward:
        """Return the function that leads g back to the input, and learns by the weights."""

        def back(g: Array) -> tuple[Array, ...]:
            self.learn(**{name: lambda way=way: way(g) for name, way in by_weights.items()})
            return (by_x(g),)

        return back

    def clear_gradients(self) -> None:
        """Forget the gradients that were added up."""
        self.gradients = {}


def as_rows(x: Array) -> Array:
    """Return (images·places, channels)."""
    return x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])


def over_places(g: Array) -> Array:
    """Return the sum over all images and places: ∂L/∂b of y = … + b."""
    return np.ones(len(as_rows(g)), g.dtype) @ as_rows(g)  # rounds less than a sum of rows
