"""The Keras MNIST classifier of article 003."""

from typing import Any


def mnist(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (28, 28, 1)) -> Any:
    """Three 3×3 convolutions of 32, 64 and 64 filters, two 2×2 poolings, a hidden layer of 64.

    Source: article 003, its `models.Sequential()` listing; 93,322 parameters.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.Conv2D(32, 3, activation="relu", name="conv1"),
            nn.MaxPooling2D(2, name="pool1"),
            nn.Conv2D(64, 3, activation="relu", name="conv2"),
            nn.MaxPooling2D(2, name="pool2"),
            nn.Conv2D(64, 3, activation="relu", name="conv3"),
            nn.Flatten(name="flatten"),
            nn.Dense(64, activation="relu", name="hidden"),
            nn.Dense(classes, activation="softmax", name="output"),
        ],
        name="mnist",
    )
