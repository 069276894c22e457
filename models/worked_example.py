"""The network whose 338,460 parameters article 004 counts, without and with an output layer."""

from typing import Any


def _layers(nn: Any, input_shape: tuple[int, int, int]) -> list[Any]:
    """Padding 1 before a 5×5 convolution: on 28×28 the way to the article's 13×13×10 = 1,690.

    The article gives 250 weights + 10 biases (ten 5×5 filters on one channel) and 1,690 values
    after the pooling, and no input size. A 5×5 convolution without padding makes 24×24 of a 28×28
    image, 12×12×10 = 1,440 after the pooling, and 288,460 parameters.
    """
    return [
        nn.Input(input_shape, name="image"),
        nn.ZeroPadding2D(1, name="padding"),
        nn.Conv2D(10, 5, activation="relu", name="conv"),
        nn.MaxPooling2D(2, name="pool"),
        nn.Flatten(name="flatten"),
        nn.Dense(200, activation="relu", name="hidden"),
    ]


def worked_example(nn: Any, input_shape: tuple[int, int, int] = (28, 28, 1)) -> Any:
    """The article's network as it counts it: it ends with the hidden layer. 338,460 parameters.

    Source: article 004, the worked parameter count.
    """
    return nn.Sequential(_layers(nn, input_shape), name="worked_example")


def worked_example_classifier(
    nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (28, 28, 1)
) -> Any:
    """The same network with the ten-way output layer it needs to classify. 340,470 parameters."""
    output = nn.Dense(classes, activation="softmax", name="output")
    return nn.Sequential([*_layers(nn, input_shape), output], name="worked_example_classifier")
