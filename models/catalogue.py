"""The catalogue: every network by name, with where it comes from and what was published of it."""

import difflib
from collections.abc import Iterable

from models.deep_networks import DEEP_NETWORKS
from models.early_networks import DIGITS, EARLY_NETWORKS
from models.keras_vis_mnist import keras_vis_mnist
from models.mnist import mnist
from models.mobile_networks import MOBILE_NETWORKS
from models.network import Network, Published
from models.numpy_cnn import numpy_cnn
from models.pixels import Pixels
from models.residual_networks import RESIDUAL_NETWORKS
from models.worked_example import worked_example, worked_example_classifier
from models.x_or_not_x import x_or_not_x

_NETWORKS = (
    Network(
        mnist,
        source="article 003, the Keras listing",
        input_shape=(28, 28, 1),
        outputs=DIGITS,
        note="The article shows no numbers: its picture of the summary is lost.",
        year=2022,
    ),
    Network(
        worked_example,
        source="article 004, the worked parameter count",
        input_shape=(28, 28, 1),
        published=(
            Published("conv parameters", 260, "article 004: 250 weights + 10 biases"),
            Published("hidden parameters", 338_200, "article 004: 338,000 weights + 200 biases"),
            Published("parameters", 338_460, "article 004"),
        ),
        note="The article's figure leaves out an output layer (worked_example_classifier has one), and "
        "a plain 5×5 convolution on 28×28 would give 12×12 after the pooling, 288,460; the article "
        "gives no input size, and padding 1 on 28×28 is one way to its 1,690.",
    ),
    Network(
        worked_example_classifier,
        source="article 004's network with a 10-way output layer",
        input_shape=(28, 28, 1),
        outputs=DIGITS,
        published=(Published("hidden parameters", 338_200, "article 004"),),
        note="Article 004 prints 338,460: it counts up to the hidden layer and leaves out "
        "the output layer's (200 + 1)·10 = 2,010.",
    ),
    Network(
        numpy_cnn,
        source="article 002, after V. Zhou's cnn-from-scratch",
        input_shape=(28, 28, 1),
        outputs=DIGITS,
        published=(Published("conv parameters", 72, "article 002: 3×3×8 trainable weights"),),
        pixels=Pixels((-0.5, 0.5)),
        year=2019,
    ),
    Network(
        x_or_not_x,
        source="article 000, worked through by hand",
        input_shape=(5, 5, 1),
        outputs=("not an X", "an X"),
        recipe="adam",
        data="x_or_not_x",
        note="The article prints no total. Its one output unit answers for two classes.",
    ),
    Network(
        keras_vis_mnist,
        source="keras-vis, examples/mnist/attention.ipynb, used by article 004",
        input_shape=(28, 28, 1),
        outputs=DIGITS,
        published=(Published("parameters", 1_199_882, "model.summary() in the keras-vis notebook"),),
        year=2017,
    ),
    *EARLY_NETWORKS,
    *DEEP_NETWORKS,
    *RESIDUAL_NETWORKS,
    *MOBILE_NETWORKS,
)

CATALOGUE: dict[str, Network] = {network.name: network for network in _NETWORKS}


def find_network(name: str, others: Iterable[str] = ()) -> Network:
    """Return the catalogue's entry for `name`.

    Args:
        name: of a network.
        others: names besides the catalogue's that may have been meant.

    Raises:
        ValueError: there is no such network; the message names the closest one.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    known = [*CATALOGUE, *others]
    close = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}."
    raise ValueError(f"unknown network {name!r}; {hint}")
