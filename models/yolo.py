"""YOLO: boxes and classes in one pass (Redmon, Divvala, Girshick and Farhadi 2016)."""

from typing import Any

Shape = tuple[int, int, int]
CELLS, BOXES = 7, 2
"""A grid of 7×7 cells, two boxes each."""


def _convolve(nn: Any, name: str, filters: int, kernel: int, stride: int = 1) -> list[Any]:
    """A convolution with symmetric padding and a leaky ReLU of slope 0.1 below zero."""
    layers = []
    if stride > 1:
        layers.append(nn.ZeroPadding2D(kernel // 2, name=f"{name}_padding"))
    padding = "same" if stride == 1 else "valid"
    layers.append(nn.Conv2D(filters, kernel, strides=stride, padding=padding, name=name))
    return [*layers, nn.LeakyReLU(negative_slope=0.1, name=f"{name}_leaky")]


def _detect(nn: Any, classes: int) -> list[Any]:
    """Two dense layers: for each cell x, y, w, h and a confidence of two boxes, and the classes."""
    values = BOXES * 5 + classes
    return [
        nn.Dense(4096, name="hidden"),
        nn.LeakyReLU(negative_slope=0.1, name="hidden_leaky"),
        nn.Dropout(0.5, name="dropout"),
        nn.Dense(CELLS * CELLS * values, name="dense"),
        nn.Reshape((CELLS, CELLS, values), name="output"),
    ]


STAGES: tuple[tuple[tuple[int, int, int], ...], ...] = (
    ((64, 7, 2),),
    ((192, 3, 1),),
    ((128, 1, 1), (256, 3, 1), (256, 1, 1), (512, 3, 1)),
    (*((256, 1, 1), (512, 3, 1)) * 4, (512, 1, 1), (1024, 3, 1)),
    (*((512, 1, 1), (1024, 3, 1)) * 2, (1024, 3, 1), (1024, 3, 2), (1024, 3, 1), (1024, 3, 1)),
)
"""(filters, kernel, stride) of the convolutions; a pooling follows each stage but the last (figure 3)."""


def yolo_v1(nn: Any, classes: int = 20, input_shape: Shape = (448, 448, 3)) -> Any:
    """24 convolutions and two dense layers; 271,703,550 parameters.

    Source: Redmon et al. 2016, §2.1 and figure 3; padding as in darknet's yolo.cfg of 2015.
    """
    layers = [nn.Input(input_shape, name="image")]
    number = 0
    for stage, convolutions in enumerate(STAGES, 1):
        for filters, kernel, stride in convolutions:
            number += 1
            layers += _convolve(nn, f"conv{number}", filters, kernel, stride)
        if stage < len(STAGES):
            layers.append(nn.MaxPooling2D(2, name=f"pool{stage}"))
    layers.append(nn.Flatten(name="flatten"))
    return nn.Sequential([*layers, *_detect(nn, classes)], name="yolo_v1")


def yolo_v1_fast(nn: Any, classes: int = 20, input_shape: Shape = (448, 448, 3)) -> Any:
    """Nine convolutions; a linear layer of 256 before the hidden one; 45,089,374 parameters.

    Source: Redmon et al. 2016, §2.1 says nine convolutions; the sizes are those of darknet's
    yolo-tiny.cfg of 2015.
    """
    layers = [nn.Input(input_shape, name="image")]
    for number, filters in enumerate((16, 32, 64, 128, 256, 512), 1):
        layers += _convolve(nn, f"conv{number}", filters, 3)
        layers.append(nn.MaxPooling2D(2, name=f"pool{number}"))
    for number in (7, 8, 9):
        layers += _convolve(nn, f"conv{number}", 1024, 3)
    layers += [nn.Flatten(name="flatten"), nn.Dense(256, name="linear")]
    return nn.Sequential([*layers, *_detect(nn, classes)], name="yolo_v1_fast")
