"""Catalogue lines of networks made for small machines: EfficientNet-Lite."""

from collections.abc import Callable
from typing import Any

from models.efficientnet_lite import (
    efficientnet_lite0,
    efficientnet_lite1,
    efficientnet_lite2,
    efficientnet_lite3,
    efficientnet_lite4,
)
from models.imagenet import IMAGENET
from models.network import ErrorRate, Network, Published
from models.pixels import Pixels
from models.well_known import MILLION

EFFICIENTNET = "Tan and Le, EfficientNet, ICML 2019, table 1; the Lite networks of 2020"
CODE = "efficientnet/lite of tensorflow/tpu"
TABLE, TESTED = f"{CODE}, README", f"{CODE}, its test"
COUNTED = (
    "ours are the products of convolutions and of the dense layer; they do not say what they count besides"
)
NOTE = (
    "B{size} with ReLU6 for swish, without squeeze-and-excitation, and with the same first and last convolution in "
    "every size. Stochastic depth, with which they trained, is left out. 'same' padding of a stride of 2 is "
    "uneven: one more at the end."
)
FROM_MINUS_ONE = Pixels((-127 / 128, 1.0))
"""(x − 127) / 128 for any number of colours; `CENTRED`, of the published weights, says it of three."""


def _lite(
    builder: Callable[..., Any],
    side: int,
    trained: int,
    millions: float,
    million_macs: int,
    top_1: float,
    unit: int = MILLION,
) -> Network:
    """Return a size, with the figures of the README's table and of the test in the same folder."""
    return Network(
        builder,
        EFFICIENTNET,
        input_shape=(side, side, 3),
        outputs=IMAGENET,
        published=(
            Published("trainable parameters", trained, TESTED),
            Published("trainable parameters", round(millions * MILLION), TABLE, unit=MILLION // 10),
            Published("multiply-accumulates", million_macs * MILLION, TABLE, COUNTED, unit=unit),
        ),
        note=NOTE.format(size=builder.__name__[-1]),
        pixels=FROM_MINUS_ONE,
        year=2020,
        test_error=ErrorRate(round(100 - top_1, 1), "ImageNet's validation images", TABLE),
    )


MOBILE_NETWORKS = (
    _lite(efficientnet_lite0, 224, 4_652_008, 4.7, 407, 75.1),
    _lite(efficientnet_lite1, 240, 5_416_680, 5.4, 631, 76.7),
    _lite(efficientnet_lite2, 260, 6_092_072, 6.1, 899, 77.6),
    _lite(efficientnet_lite3, 280, 8_197_096, 8.2, 1_440, 79.8, unit=10 * MILLION),
    _lite(efficientnet_lite4, 300, 13_006_568, 13.0, 2_640, 81.5, unit=10 * MILLION),
)
