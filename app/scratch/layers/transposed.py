"""Transposed convolution: forward what a convolution does backward, and the other way round."""

from app.scratch.layers.base import Array, Result, Shape, over_places
from app.scratch.layers.convolution import _Conv, convolve, convolve_back, kernel_gradient
from app.scratch.windows import slide_back


class Conv2DTranspose(
    _Conv, filters=..., kernel_size=..., strides=1, padding="valid", output_padding=None, dilation_rate=1
):
    """y[o·stride + i, f] = Σ x[o, c] · w[i, f, c] + b: each cell of x lays the kernel down, times its value.

    Kernel (height, width, filters, channels): that of the convolution from maps like y to maps like x, whose way back
    this is. So ∂L/∂x here is that convolution, and ∂L/∂w its own, the two maps exchanged.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return kernel and bias."""
        return {"kernel": self.kernel_shape(self.filters, shapes[0][-1]), **self.bias_shape(self.filters)}

    def forward(self, x: Array) -> Result:
        """Return the larger maps."""
        w, told = self.weights["kernel"], (self.kernel_size, self.strides, self.padding, self.dilation_rate)
        window = slide_back(x.shape[1:-1], *told, self.output_padding)
        by_x, by_kernel = lambda g: convolve(g, w, window), lambda g: kernel_gradient(g, x, window)
        back = self.backward(by_x, kernel=by_kernel, bias=over_places)
        return self.with_bias(convolve_back(x, w, window)), back


class Conv1DTranspose(Conv2DTranspose, rank=2):
    """The same over time."""
