"""The small ResNets for CIFAR-10 and their plain counterparts (He, Zhang, Ren and Sun 2016, §4.2)."""

from dataclasses import dataclass
from typing import Any

from models.resnet import pad_with_zeros

Shape = tuple[int, int, int]
CIFAR_SHAPE = (32, 32, 3)
CIFAR10 = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
"""The classes of CIFAR-10."""


@dataclass(frozen=True)
class Stack:
    """What tells the networks of this family apart: three stages of n blocks, 6n + 2 layers."""

    depth: int
    """Layers with weights: a 3×3 convolution, 2n in each stage, and a dense layer."""
    width: int = 16
    """Channels of the first stage; they double when the size is halved."""
    has_shortcuts: bool = True
    """Whether each block adds its input to its output; without them the network is plain."""
    is_normalised: bool = True
    """Whether batch normalisation follows each convolution; if not, the convolutions have biases."""

    @property
    def blocks(self) -> int:
        """Return n, the blocks of a stage.

        Raises:
            ValueError: the depth is not 6n + 2.
        """
        blocks, rest = divmod(self.depth - 2, 6)
        if rest or blocks < 1:
            raise ValueError(f"the depth must be 6n + 2 (8, 14, 20, …), not {self.depth}")
        return blocks


def _convolve(nn: Any, x: Any, name: str, stack: Stack, filters: int, stride: int = 1) -> Any:
    """A 3×3 convolution and, if the stack has it, batch normalisation; the padding is symmetric."""
    if stride > 1:
        x = nn.ZeroPadding2D(1, name=f"{name}_padding")(x)
    conv = nn.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=not stack.is_normalised,
        name=f"{name}_conv",
    )
    x = conv(x)
    if not stack.is_normalised:
        return x
    return nn.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)


def _block(nn: Any, x: Any, name: str, stack: Stack, filters: int, stride: int) -> Any:
    """Two convolutions; ReLU follows the first one, and the sum."""
    y = _convolve(nn, x, f"{name}_1", stack, filters, stride)
    y = nn.ReLU(name=f"{name}_1_relu")(y)
    y = _convolve(nn, y, f"{name}_2", stack, filters)
    if stack.has_shortcuts:
        beside = x if stride == 1 else pad_with_zeros(nn, x, name, stride)
        y = nn.Add(name=f"{name}_add")([y, beside])
    return nn.ReLU(name=f"{name}_relu")(y)


def cifar_stack(nn: Any, name: str, stack: Stack, classes: int, input_shape: Shape) -> Any:
    """Return a network of this family; the last output of block b in stage s is `conv{s}_{b}_relu`.

    Raises:
        ValueError: the depth is not 6n + 2.
    """
    image = nn.Input(input_shape, name="image")
    x = _convolve(nn, image, "conv1", stack, stack.width)
    x = nn.ReLU(name="conv1_relu")(x)
    for stage in (2, 3, 4):
        for i in range(1, stack.blocks + 1):
            stride = 2 if i == 1 and stage > 2 else 1
            filters = stack.width * 2 ** (stage - 2)
            x = _block(nn, x, f"conv{stage}_{i}", stack, filters, stride)
    x = nn.GlobalAveragePooling2D(name="mean")(x)
    return nn.Model(image, nn.Dense(classes, activation="softmax", name="output")(x), name=name)


def resnet20(nn: Any, classes: int = 10, input_shape: Shape = CIFAR_SHAPE) -> Any:
    """Nine blocks, three in each stage; 269,722 trainable."""
    return cifar_stack(nn, "resnet20", Stack(20), classes, input_shape)


def resnet56(nn: Any, classes: int = 10, input_shape: Shape = CIFAR_SHAPE) -> Any:
    """27 blocks, nine in each stage; 853,018 trainable."""
    return cifar_stack(nn, "resnet56", Stack(56), classes, input_shape)


def resnet110(nn: Any, classes: int = 10, input_shape: Shape = CIFAR_SHAPE) -> Any:
    """54 blocks, eighteen in each stage; 1,727,962 trainable."""
    return cifar_stack(nn, "resnet110", Stack(110), classes, input_shape)


def plain20(nn: Any, classes: int = 10, input_shape: Shape = CIFAR_SHAPE) -> Any:
    """ResNet-20 without its shortcuts."""
    return cifar_stack(nn, "plain20", Stack(20, has_shortcuts=False), classes, input_shape)


def plain56(nn: Any, classes: int = 10, input_shape: Shape = CIFAR_SHAPE) -> Any:
    """ResNet-56 without its shortcuts: it trains worse than the plain 20 layers."""
    return cifar_stack(nn, "plain56", Stack(56, has_shortcuts=False), classes, input_shape)
