"""The X-or-not-X network that article 000 works through by hand."""

from typing import Any


def x_or_not_x(nn: Any, input_shape: tuple[int, int, int] = (5, 5, 1)) -> Any:
    """Four 3×3 filters, a 2×2 pooling that keeps incomplete windows, three hidden units.

    The article slides an incomplete window over the 3×3 map and gets 2×2, which Keras calls
    `same`. The one sigmoid unit is the probability of an X. 95 parameters.
    Source: article 000.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.Conv2D(4, 3, activation="relu", name="conv"),
            nn.MaxPooling2D(2, padding="same", name="pool"),
            nn.Flatten(name="flatten"),
            nn.Dense(3, activation="relu", name="hidden"),
            nn.Dense(1, activation="sigmoid", name="output"),
        ],
        name="x_or_not_x",
    )
