"""VGG: very deep networks of 3×3 convolutions (Simonyan and Zisserman 2015)."""

from typing import Any

Shape = tuple[int, int, int]


def _vgg(nn: Any, name: str, deep: int, classes: int, input_shape: Shape) -> Any:
    """Five stages of 3×3 convolutions, two of two and three of `deep`, and three dense layers."""
    layers = [nn.Input(input_shape, name="image")]
    stages = ((64, 2), (128, 2), (256, deep), (512, deep), (512, deep))
    for stage, (filters, count) in enumerate(stages, 1):
        for i in range(1, count + 1):
            layer = f"conv{stage}_{i}"
            layers.append(nn.Conv2D(filters, 3, padding="same", activation="relu", name=layer))
        layers.append(nn.MaxPooling2D(2, name=f"pool{stage}"))
    layers.append(nn.Flatten(name="flatten"))
    for number in (6, 7):
        layers.append(nn.Dense(4096, activation="relu", name=f"fc{number}"))
        layers.append(nn.Dropout(0.5, name=f"dropout{number}"))
    layers.append(nn.Dense(classes, activation="softmax", name="fc8"))
    return nn.Sequential(layers, name=name)


def vgg16(nn: Any, classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> Any:
    """Thirteen convolutions and three dense layers; 138,357,544 parameters.

    Source: Simonyan and Zisserman 2015, table 1, column D; dropout as in §3.1.
    """
    return _vgg(nn, "vgg16", 3, classes, input_shape)


def vgg19(nn: Any, classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> Any:
    """Sixteen convolutions and three dense layers; 143,667,240 parameters.

    Source: Simonyan and Zisserman 2015, table 1, column E; dropout as in §3.1.
    """
    return _vgg(nn, "vgg19", 4, classes, input_shape)
