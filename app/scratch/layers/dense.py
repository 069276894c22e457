"""The dense layer: every unit reads every value."""

from app.scratch.layers.activations import Fused
from app.scratch.layers.base import Array, Result, Shape, as_rows, over_places
from app.scratch.products import long_product, turned_product


class Dense(Fused, units=...):
    """y = x W + b. Kernel W (values, units). Of a map it reads the channels of each place.

    ∂L/∂x = g Wᵀ; ∂L/∂W = xᵀ g and ∂L/∂b = g, summed over the images.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return kernel and bias."""
        return {"kernel": (*shapes[0][-1:], self.units), **self.bias_shape(self.units)}

    def forward(self, x: Array) -> Result:
        """Return the units' values."""
        w = self.weights["kernel"]
        by_x, by_w = lambda g: long_product(g, w.T), lambda g: turned_product(as_rows(x), as_rows(g))
        return self.with_bias(long_product(x, w)), self.backward(by_x, kernel=by_w, bias=over_places)
