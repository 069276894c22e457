"""Network in network: small perceptrons that slide, written as 1×1 convolutions."""

from typing import Any

Shape = tuple[int, int, int]


def _block(nn: Any, number: int, filters: tuple[int, int, int], kernel: int, **settings: Any) -> Any:
    """Return a convolution and two 1×1 convolutions over it, all with rectifiers."""
    wide, *narrow = filters
    first = nn.Conv2D(wide, kernel, activation="relu", name=f"conv{number}", **settings)
    return [
        first,
        *(
            nn.Conv2D(count, 1, activation="relu", name=f"cccp{number}{letter}")
            for count, letter in zip(narrow, "ab", strict=True)
        ),
    ]


def nin_cifar10(nn: Any, classes: int = 10, input_shape: Shape = (32, 32, 3)) -> Any:
    """Three perceptron blocks and the mean of each class's map, no dense layer; 966,986 parameters.

    Pools keep their incomplete windows (Caffe's ceil), which Keras calls `same` on even sizes. The
    second pool is a mean, as in the authors' Caffe file; the paper's text says maximum.

    Source: Lin, Chen and Yan, Network in network, 2014, §4.1; sizes as in the authors' Caffe file.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            *_block(nn, 1, (192, 160, 96), 5, padding="same"),
            nn.MaxPooling2D(3, 2, padding="same", name="pool1"),
            nn.Dropout(0.5, name="drop1"),
            *_block(nn, 2, (192, 192, 192), 5, padding="same"),
            nn.AveragePooling2D(3, 2, padding="same", name="pool2"),
            nn.Dropout(0.5, name="drop2"),
            *_block(nn, 3, (192, 192, classes), 3, padding="same"),
            nn.GlobalAveragePooling2D(name="pool3"),
            nn.Softmax(name="output"),
        ],
        name="nin_cifar10",
    )


def nin_imagenet(nn: Any, classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> Any:
    """The network in network of Caffe's model zoo, which the paper does not have; 7,595,176 parameters.

    Source: the layer list of the Caffe model zoo's NIN for ImageNet, by the paper's authors.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            *_block(nn, 1, (96, 96, 96), 11, strides=4),
            nn.MaxPooling2D(3, 2, padding="same", name="pool1"),
            *_block(nn, 2, (256, 256, 256), 5, padding="same"),
            nn.MaxPooling2D(3, 2, name="pool2"),
            *_block(nn, 3, (384, 384, 384), 3, padding="same"),
            nn.MaxPooling2D(3, 2, name="pool3"),
            nn.Dropout(0.5, name="drop"),
            *_block(nn, 4, (1024, 1024, classes), 3, padding="same"),
            nn.GlobalAveragePooling2D(name="pool4"),
            nn.Softmax(name="output"),
        ],
        name="nin_imagenet",
    )
