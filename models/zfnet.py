"""ZFNet, the winner of 2013: AlexNet with a finer first layer."""

from typing import Any


def zfnet(nn: Any, classes: int = 1000, input_shape: tuple[int, int, int] = (224, 224, 3)) -> Any:
    """Five convolutions without groups and three dense layers, as in figure 3; 62,357,608 parameters.

    7×7 with stride 2 and one cell of padding makes 110×110 of 224×224. The first two pools keep their
    incomplete windows (Caffe's ceil), which Keras calls `same` on even sizes. The paper calls its
    contrast normalisation AlexNet's; the constants here are AlexNet's too.

    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014, figure 3.
    """

    def conv(filters: int, kernel: int, name: str, **settings: Any) -> Any:
        return nn.Conv2D(filters, kernel, activation="relu", name=name, **settings)

    def normalise(name: str) -> Any:
        return nn.LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name=name)

    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            nn.ZeroPadding2D(1, name="padding"),
            conv(96, 7, "conv1", strides=2),
            nn.MaxPooling2D(3, 2, padding="same", name="pool1"),
            normalise("norm1"),
            conv(256, 5, "conv2", strides=2),
            nn.MaxPooling2D(3, 2, padding="same", name="pool2"),
            normalise("norm2"),
            conv(384, 3, "conv3", padding="same"),
            conv(384, 3, "conv4", padding="same"),
            conv(256, 3, "conv5", padding="same"),
            nn.MaxPooling2D(3, 2, name="pool5"),
            nn.Flatten(name="flatten"),
            nn.Dense(4096, activation="relu", name="fc6"),
            nn.Dropout(0.5, name="drop6"),
            nn.Dense(4096, activation="relu", name="fc7"),
            nn.Dropout(0.5, name="drop7"),
            nn.Dense(classes, activation="softmax", name="fc8"),
        ],
        name="zfnet",
    )
