"""What LeCun's networks of 1989 and 1998 had, and no network has today."""

import math

import numpy as np

from app.counting.layers.base import spread
from app.scratch.initialisers import Initialiser, constant, uniform
from app.scratch.layers.base import Array, Layer, Result, Shape, over_places
from app.scratch.layers.convolution import convolution
from app.scratch.windows import slide


class ScaledTanh(Layer, amplitude=1.7159, slope=2 / 3):
    """y = A·tanh(S·x), with f(±1) = ±1; its slope is S·(A − y²/A).

    Source: LeCun, Bottou, Bengio and Haffner 1998, appendix A.
    """

    def forward(self, x: Array) -> Result:
        """Return the squashed values."""
        a, s = self.amplitude, self.slope
        y = a * np.tanh(s * x)
        return y, lambda g: (g * s * (a - y * y / a),)


class Subsampling2D(Layer, pool_size=2, rank=3):
    """y = coefficient · Σ window + bias, one of each for a map; windows of k×k side by side.

    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a coefficient and a bias for each map."""
        return {"coefficient": shapes[0][-1:], "bias": shapes[0][-1:]}

    def start(self, name: str) -> str | Initialiser:
        """Return the mean, for a coefficient."""
        return constant(1 / self.pool_size**2) if name == "coefficient" else "zeros"

    def forward(self, x: Array) -> Result:
        """Return the sub-sampled maps."""
        c, window = self.weights["coefficient"], slide(x.shape[1:-1], self.pool_size, self.pool_size)
        sums = sum(x[place] for place in window.shifts)
        by_x, by_c = lambda g: window.gather([g * c] * window.cells), lambda g: over_places(g * sums)
        return c * sums + self.weights["bias"], self.backward(by_x, coefficient=by_c, bias=over_places)


class PartialConv2D(
    Layer, connections=..., kernel_size=..., strides=1, padding="valid", shared_bias=True, rank=3
):
    """Filter f reads the maps `connections[f]` only: y_f = Σ_{m in connections[f]} x_m ∗ w_(m,f) + b.

    Kernel (height, width, pairs): one for each pair (m, f), in the order of the table. They are put into a whole
    kernel that is 0 elsewhere. With `shared_bias=False` every unit has a bias of its own.
    Source: LeCun et al. 1989, §3; LeCun et al. 1998, table I.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return kernel and bias."""
        window = slide(shapes[0][:-1], self.kernel_size, self.strides, self.padding)
        maps, filters = [m for maps in self.connections for m in maps], len(self.connections)
        if not 0 <= min(maps) <= max(maps) < shapes[0][-1]:
            raise self.wrong(f"the connections name map {max(maps)}; there are {shapes[0][-1]}, from 0")
        bias = (filters,) if self.shared_bias else (*window.outputs, filters)
        return {"kernel": (*spread(self.kernel_size, 2), len(maps)), "bias": bias}

    def start(self, name: str) -> str | Initialiser:
        """Return ±√(3/n) for the kernel, n the values that a filter reads."""
        reads = (
            math.prod(spread(self.kernel_size, 2)) * sum(map(len, self.connections)) / len(self.connections)
        )
        return uniform(-math.sqrt(3 / reads), math.sqrt(3 / reads)) if name == "kernel" else "zeros"

    def forward(self, x: Array) -> Result:
        """Return the filters' maps."""
        kernel = self.weights["kernel"]
        pairs = ..., *np.transpose([(m, f) for f, maps in enumerate(self.connections) for m in maps])
        whole = np.zeros((*kernel.shape[:2], x.shape[-1], len(self.connections)), kernel.dtype)
        whole[pairs] = kernel
        window = slide(x.shape[1:-1], self.kernel_size, self.strides, self.padding)
        y, by_x, by_kernel = convolution(x, whole, window)
        by_bias = over_places if self.shared_bias else lambda g: g.sum(axis=0)
        back = self.backward(by_x, kernel=lambda g: by_kernel(g)[pairs], bias=by_bias)
        return y + self.weights["bias"], back


class RadialBasis(Layer, codes=..., rank=1):
    """y_i = Σ_j (x_j − w_ij)²: the squared distance to each code w_i, which training leaves alone.

    ∂L/∂x_j = Σ_i 2·g_i·(x_j − w_ij). Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B, eq. 7.
    """

    fixed = ("codes",)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the codes."""
        lengths = {len(code) for code in self.codes}
        if lengths != {*shapes[0]}:
            raise self.wrong(f"codes of {sorted(lengths)} numbers, inputs of {shapes[0]}")
        return {"codes": (len(self.codes), *shapes[0])}

    def start(self, name: str) -> str | Initialiser:  # noqa: ARG002
        """Return the codes that were told."""
        return lambda *_: np.array(self.codes, float)

    def forward(self, x: Array) -> Result:
        """Return the distances."""
        apart = x[:, None, :] - self.weights["codes"]
        return (apart * apart).sum(axis=-1), lambda g: (2 * (g[..., None] * apart).sum(axis=1),)
