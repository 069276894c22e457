"""AlexNet: as published on two GPUs, without its groups, and as it is shipped most today."""

from typing import Any

Shape = tuple[int, int, int]


def _published(nn: Any, name: str, groups: int, classes: int, input_shape: Shape) -> Any:
    """Five convolutions, of which the second, fourth and fifth have groups, and three dense layers."""

    def conv(filters: int, kernel: int, name: str, groups: int = 1, **settings: Any) -> Any:
        grouped = {"groups": groups} if groups > 1 else {}
        kind = nn.GroupedConv2D if groups > 1 else nn.Conv2D
        return kind(filters, kernel, activation="relu", name=name, **grouped, **settings)

    def normalise(name: str) -> Any:
        return nn.LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name=name)

    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            conv(96, 11, "conv1", strides=4),
            normalise("norm1"),
            nn.MaxPooling2D(3, 2, name="pool1"),
            conv(256, 5, "conv2", groups, padding="same"),
            normalise("norm2"),
            nn.MaxPooling2D(3, 2, name="pool2"),
            conv(384, 3, "conv3", padding="same"),
            conv(384, 3, "conv4", groups, padding="same"),
            conv(256, 3, "conv5", groups, padding="same"),
            nn.MaxPooling2D(3, 2, name="pool5"),
            nn.Flatten(name="flatten"),
            nn.Dense(4096, activation="relu", name="fc6"),
            nn.Dropout(0.5, name="drop6"),
            nn.Dense(4096, activation="relu", name="fc7"),
            nn.Dropout(0.5, name="drop7"),
            nn.Dense(classes, activation="softmax", name="fc8"),
        ],
        name=name,
    )


def alexnet(nn: Any, classes: int = 1000, input_shape: Shape = (227, 227, 3)) -> Any:
    """AlexNet as published: convolutions 2, 4 and 5 see the channels of their own GPU; 60,965,224.

    The paper writes 224×224, which does not give its 55×55; 227×227 does. Overlapping pools, and
    normalisation between rectifier and pool. The groups are `GroupedConv2D`: the same sums as
    Conv2D(groups=2), whose gradient is seven times slower on a CPU.

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks, 2012, §3.
    """
    return _published(nn, "alexnet", 2, classes, input_shape)


def alexnet_ungrouped(nn: Any, classes: int = 1000, input_shape: Shape = (227, 227, 3)) -> Any:
    """AlexNet on one GPU, every convolution seeing all channels: 62,378,344 parameters.

    What most code called AlexNet is; not the network that won in 2012.
    """
    return _published(nn, "alexnet_ungrouped", 1, classes, input_shape)


def alexnet_one_weird_trick(nn: Any, classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> Any:
    """The AlexNet of torchvision: fewer filters, no groups, no normalisation; 61,100,840 parameters.

    Source: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014; layers as
    in torchvision.models.alexnet. Input sizes whose last map is not 6×6 keep their own size here, where
    torchvision averages to 6×6.
    """

    def conv(filters: int, kernel: int, name: str, **settings: Any) -> Any:
        return nn.Conv2D(filters, kernel, activation="relu", name=name, **settings)

    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.ZeroPadding2D(2, name="padding"),
            conv(64, 11, "conv1", strides=4),
            nn.MaxPooling2D(3, 2, name="pool1"),
            conv(192, 5, "conv2", padding="same"),
            nn.MaxPooling2D(3, 2, name="pool2"),
            conv(384, 3, "conv3", padding="same"),
            conv(256, 3, "conv4", padding="same"),
            conv(256, 3, "conv5", padding="same"),
            nn.MaxPooling2D(3, 2, name="pool5"),
            nn.Flatten(name="flatten"),
            nn.Dropout(0.5, name="drop6"),
            nn.Dense(4096, activation="relu", name="fc6"),
            nn.Dropout(0.5, name="drop7"),
            nn.Dense(4096, activation="relu", name="fc7"),
            nn.Dense(classes, activation="softmax", name="fc8"),
        ],
        name="alexnet_one_weird_trick",
    )
