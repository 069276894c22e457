"""The first convolutional network trained by backpropagation on a real task, of 1989."""

from typing import Any

H2_READS = [*[[*range(0, 8)]] * 4, *[[*range(4, 12)]] * 4, *[[*range(0, 4), *range(8, 12)]] * 4]
"""Which eight of H1's twelve maps each map of H2 reads. The paper prints no table, only that there are
eight; this choice is the one of A. Karpathy's lecun1989-repro."""


def lecun1989(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (16, 16, 1)) -> Any:
    """Two 5×5 convolutions of stride 2, a bias for each unit, a border of −1; 9,760 parameters.

    The image is 16×16, from −1 to 1; one of another size is resized to it, as the paper did with
    its zip codes. Its errors were squared and its targets ±1; the softmax behind the ten outputs is
    ours: it adds nothing to the count and leaves their order. The paper says that its tanh was scaled,
    and not how; we take the constants of 1998.

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition, 1989.
    """
    image = nn.Input(input_shape, name="image")
    resize = [] if tuple(input_shape[:2]) == (16, 16) else [nn.Resizing(16, 16, name="resize")]
    h1_reads = [list(range(input_shape[-1]))] * 12
    layers = [
        *resize,
        nn.ConstantPadding2D(2, value=-1.0, name="border1"),
        nn.PartialConv2D(h1_reads, 5, strides=2, shared_bias=False, name="h1"),
        nn.ScaledTanh(name="squash1"),
        nn.ConstantPadding2D(2, value=-1.0, name="border2"),
        nn.PartialConv2D(H2_READS, 5, strides=2, shared_bias=False, name="h2"),
        nn.ScaledTanh(name="squash2"),
        nn.Flatten(name="flatten"),
        nn.Dense(30, name="h3"),
        nn.ScaledTanh(name="squash3"),
        nn.Dense(classes, name="output"),
        nn.ScaledTanh(name="squash4"),
        nn.Softmax(name="probabilities"),
    ]
    return nn.Sequential([image, *layers], name="lecun1989")
