"""The MNIST network that article 004's saliency code was written for."""

from typing import Any


def keras_vis_mnist(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (28, 28, 1)) -> Any:
    """Two 3×3 convolutions, one pooling, dropout, a hidden layer of 128; its last layer is `preds`.

    Source: the keras-vis example `examples/mnist/attention.ipynb`; 1,199,882 parameters.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.Conv2D(32, 3, activation="relu", name="conv1"),
            nn.Conv2D(64, 3, activation="relu", name="conv2"),
            nn.MaxPooling2D(2, name="pool"),
            nn.Dropout(0.25, name="dropout1"),
            nn.Flatten(name="flatten"),
            nn.Dense(128, activation="relu", name="hidden"),
            nn.Dropout(0.5, name="dropout2"),
            nn.Dense(classes, activation="softmax", name="preds"),
        ],
        name="keras_vis_mnist",
    )
