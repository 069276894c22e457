"""GoogLeNet: inception modules, Inception v1 (Szegedy et al. 2015)."""

from typing import Any

from models.imagenet import IMAGENET_SHAPE

Shape = tuple[int, int, int]
Sizes = tuple[int, int, int, int, int, int]
MODULES: dict[str, Sizes] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Filters of a module: 1×1 | 1×1 before 3×3, 3×3 | 1×1 before 5×5, 5×5 | 1×1 behind the pooling."""


def _convolve(nn: Any, x: Any, name: str, filters: int, kernel: int) -> Any:
    return nn.Conv2D(filters, kernel, padding="same", activation="relu", name=name)(x)


def _inception(nn: Any, x: Any, name: str, sizes: Sizes) -> Any:
    """Four ways side by side, their maps joined in this order."""
    one, narrow3, three, narrow5, five, pooled = sizes
    left = _convolve(nn, x, f"{name}_1x1", one, 1)
    middle = _convolve(nn, x, f"{name}_3x3_reduce", narrow3, 1)
    middle = _convolve(nn, middle, f"{name}_3x3", three, 3)
    right = _convolve(nn, x, f"{name}_5x5_reduce", narrow5, 1)
    right = _convolve(nn, right, f"{name}_5x5", five, 5)
    last = nn.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    last = _convolve(nn, last, f"{name}_pool_project", pooled, 1)
    return nn.Concatenate(name=f"{name}_join")([left, middle, right, last])


def _pool(nn: Any, x: Any, name: str) -> Any:
    """3×3 with stride 2, the last window cut off: on even sizes `same` is Caffe's rounding up."""
    return nn.MaxPooling2D(3, strides=2, padding="same", name=name)(x)


def _normalize(nn: Any, x: Any, name: str) -> Any:
    """Local response normalisation over 5 channels as Caffe has it: k = 1, α = 10⁻⁴ / 5, β = 0.75."""
    layer = nn.LocalResponseNormalization(depth_radius=2, bias=1.0, alpha=2e-5, beta=0.75, name=name)
    return layer(x)


def _stem(nn: Any, image: Any) -> Any:
    """Two convolutions and a 1×1 between them, each stage normalised, down to an eighth of the size."""
    x = nn.ZeroPadding2D(3, name="conv1_padding")(image)
    x = nn.Conv2D(64, 7, strides=2, activation="relu", name="conv1")(x)
    x = _normalize(nn, _pool(nn, x, "pool1"), "norm1")
    x = _convolve(nn, x, "conv2_reduce", 64, 1)
    x = _normalize(nn, _convolve(nn, x, "conv2", 192, 3), "norm2")
    return _pool(nn, x, "pool2")


def _head(nn: Any, x: Any, name: str, classes: int) -> Any:
    """An auxiliary classifier (§5): it brings a gradient to the middle while training."""
    x = nn.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = _convolve(nn, x, f"{name}_conv", 128, 1)
    x = nn.Flatten(name=f"{name}_flatten")(x)
    x = nn.Dense(1024, activation="relu", name=f"{name}_hidden")(x)
    x = nn.Dropout(0.7, name=f"{name}_dropout")(x)
    return nn.Dense(classes, activation="softmax", name=f"{name}_output")(x)


def _googlenet(nn: Any, name: str, classes: int, input_shape: Shape, heads: tuple[str, ...]) -> Any:
    """Stem, nine modules, the mean of each map and a dense layer; a head behind each of `heads`."""
    image = nn.Input(input_shape, name="image")
    x = _stem(nn, image)
    beside = []
    for module, sizes in MODULES.items():
        if module in ("4a", "5a"):
            x = _pool(nn, x, f"pool{int(module[0]) - 1}")
        x = _inception(nn, x, f"inception_{module}", sizes)
        if module in heads:
            beside.append(_head(nn, x, f"head_{module}", classes))
    x = nn.GlobalAveragePooling2D(name="mean")(x)
    x = nn.Dropout(0.4, name="dropout")(x)
    x = nn.Dense(classes, activation="softmax", name="output")(x)
    return nn.Model(image, [x, *beside] if beside else x, name=name)


def googlenet(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """GoogLeNet as it is used: without the auxiliary classifiers; 6,998,552 parameters.

    Source: Szegedy et al. 2015, table 1; padding, rounding and normalisation as in bvlc_googlenet.
    """
    return _googlenet(nn, "googlenet", classes, input_shape, heads=())


def googlenet_with_heads(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """GoogLeNet as it is trained: three softmax outputs, weighed 1, 0.3 and 0.3 in the loss.

    13,378,280 parameters. The outputs are the last classifier, the one behind 4a and the one behind
    4d. Source: Szegedy et al. 2015, §5 and §6.
    """
    return _googlenet(nn, "googlenet_with_heads", classes, input_shape, heads=("4a", "4d"))


def inception_block(nn: Any, input_shape: Shape = (28, 28, 192)) -> Any:
    """One inception module, 3a of GoogLeNet: four ways side by side; 163,696 parameters.

    Source: Szegedy et al. 2015, figure 2b and table 1.
    """
    maps = nn.Input(input_shape, name="maps")
    return nn.Model(maps, _inception(nn, maps, "inception_3a", MODULES["3a"]), name="inception_block")
