"""The CNN that article 002 writes in NumPy."""

from typing import Any


def numpy_cnn(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (28, 28, 1)) -> Any:
    """Eight 3×3 filters without bias or activation, one pooling, a softmax layer.

    Pixels enter as value / 255 - 0.5. Source: article 002, after V. Zhou's cnn-from-scratch;
    72 + 13,530 = 13,602 parameters.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.Conv2D(8, 3, use_bias=False, name="conv"),
            nn.MaxPooling2D(2, name="pool"),
            nn.Flatten(name="flatten"),
            nn.Dense(classes, activation="softmax", name="output"),
        ],
        name="numpy_cnn",
    )
