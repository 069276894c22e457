"""Layers that keras.applications defines inside its networks."""

from typing import Any

from app.counting.layers.base import Layer
from app.counting.layers.merging import Merge
from app.counting.layers.pointwise import TrainingOnly
from app.counting.rows import Shape, Weight


class CustomScaleLayer(Merge):
    """The first map plus the second one times a constant (Inception-ResNet v2)."""

    def __init__(self, scale: float, **common: Any) -> None:
        super().__init__(**common)
        self.scale = scale


class LayerScale(Layer):
    """Each channel times a learned number (ConvNeXt)."""

    is_linear = True
    is_taught = False

    def __init__(self, init_values: float, projection_dim: int, **common: Any) -> None:
        super().__init__(**common)
        self.init_values, self.projection_dim = init_values, projection_dim

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002
        """Return γ, one number a channel."""
        return (Weight("gamma", (self.projection_dim,)),)


class StochasticDepth(TrainingOnly):
    """Leaves a branch out at random while training (ConvNeXt)."""
