"""Steps of a program: what each of them is called, reads, fills and computes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Rule = Literal["plain", "guided", "rectified"]
"""How a gradient g from above passes a rectifier of x.

plain: g where x > 0. guided: g where x > 0 and g > 0 (Springenberg et al. 2015, §3.4). rectified, the deconvnet's: g
where g > 0, whatever x was (Zeiler and Fergus 2014, §2.1). A rectifier with a ceiling also wants x below it, but for
the deconvnet's rule.
"""
LEFT_ALONE = frozenset(
    "leaky_relu prelu elu selu celu gelu silu swish mish softplus hard_silu hard_swish squareplus crelu "
    "thresholded_relu".split()
)
"""Activations in a rectifier's place for which the two rules are not defined."""
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Slot:
    """Where a tensor is kept while the steps run."""

    index: int


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """One call of one operation, as far as it can be asked about without a machine.

    A machine's own steps say the rest: what is read, of what kind they are and how they are run.
    """

    name: str
    """`layer`, `network/layer` inside a nested model, `layer:2` for the second call of a layer; `layer:linear` is a
    layer before its own activation."""
    outputs: tuple[Slot, ...]
    shape: Shape
    """Shape of the first output, with the batch axis."""
    input_shape: Shape = ()
    """Shape of the first input, likewise."""
    channels_first: bool = False
    """Whether the maps that it puts out have their channels in front of height and width."""
    is_series: bool = False
    """Whether it puts out (steps, channels), which are maps of one row."""

    @abstractmethod
    def inputs(self) -> list[Slot]:
        """Return the slots that the step reads."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """Name of Keras' class, or of ours, of what it calls; "" where it is written elsewhere."""

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """What the layer was told, by Keras' names."""

    @property
    @abstractmethod
    def activation(self) -> str:
        """Name of the function that an activation applies; "" for any other step."""

    @abstractmethod
    def kernel(self) -> Any:
        """Return a convolution's array of weights, None for other steps."""

    def ceiling(self) -> float | None:
        """Return the largest value if the step is a rectifier: inf for ReLU, 6 for relu6; None for other steps."""
        return ceiling(self.activation)

    @property
    def is_left_alone(self) -> bool:
        """Whether it is an activation in a rectifier's place that the rules do not reach."""
        return self.activation in LEFT_ALONE

    @property
    def map_shape(self) -> Shape:
        """Rows, columns and channels of the maps that it puts out; () if it puts out none."""
        if self.is_series and len(self.shape) == 3:
            return (1, *self.shape[1:])
        if len(self.shape) != 4:
            return ()
        _, first, second, third = self.shape
        return (second, third, first) if self.channels_first else (first, second, third)


def ceiling(activation: str) -> float | None:
    """Return the largest value of a rectifier by the name of its function; None for other functions.

    >>> ceiling("relu"), ceiling("relu6"), ceiling("tanh")
    (inf, 6.0, None)
    """
    if activation == "relu":
        return float("inf")
    if activation.startswith("relu") and activation[4:].replace(".", "", 1).isdigit():
        return float(activation[4:])
    return None


def relu_name(settings: Mapping[str, Any]) -> str:
    """Return what a ReLU with these settings is called: `relu`, `relu6`, `leaky_relu` or `thresholded_relu`."""
    if settings.get("negative_slope"):
        return "leaky_relu"
    if settings.get("threshold"):
        return "thresholded_relu"
    highest = settings.get("max_value")
    return "relu" if highest is None else f"relu{highest:g}"


NAMES = {"LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "Softmax": "softmax"}
"""What layers of activations compute, but for ReLU, whose settings say it."""


@dataclass(frozen=True, kw_only=True)
class PlainStep(Step):
    """A step that is nothing but data: a layer's kind, what it was told, and its arrays."""

    call: str
    """Its kind."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """Its settings, by Keras' names."""
    reads: tuple[Slot, ...] = ()
    arrays: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Its weights by name, in Keras' order."""

    def inputs(self) -> list[Slot]:
        """Return the slots that the step reads."""
        return list(self.reads)

    @property
    def kind(self) -> str:
        """Name of the class in Keras, or of ours."""
        return self.call

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the layer was told."""
        return self.told

    @property
    def activation(self) -> str:
        """Name of the function that an activation applies; "" for any other step."""
        if self.call == "Activation":
            return str(self.told.get("activation", "linear"))
        return relu_name(self.told) if self.call == "ReLU" else NAMES.get(self.call, "")

    def kernel(self) -> Any:
        """Return a convolution's array of weights, None for other steps."""
        return self.arrays.get("kernel", self.arrays.get("depthwise_kernel"))
