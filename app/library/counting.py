"""Counting by hand: the catalogue, one network, several side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.params.results import Comparison, ModelCount, NetworkList


def networks(*names: str) -> "NetworkList":
    """Return the networks of the catalogue, with year, source and parameters; those named, or all.

    `print` the list to read it; iterate over it for the catalogue's entries; `lab.networks()["lenet5"]` is a count.

    Raises:
        ValueError: there is no such network; the message names one that is close.

    >>> import app as lab
    >>> lab.networks("lenet5").names
    ['lenet5']
    >>> [network.year for network in lab.networks("lenet5", "alexnet")]
    [1998, 2012]
    """
    from app.params.counts import count_model
    from app.params.results import NetworkList
    from models import CATALOGUE, find_network

    if not all(isinstance(name, str) for name in names):
        raise TypeError('networks are named one by one: networks("lenet5", "mnist")')
    chosen = [find_network(name).name for name in names] or list(CATALOGUE)
    return NetworkList(tuple(count_model(name) for name in chosen))


def count(model: Any, input_shape: Sequence[int] | None = None) -> "ModelCount":
    """Count a network by hand: every shape, parameter, multiply-accumulate and receptive field.

    The count is made of formulas alone; Keras is only asked by `count.check()`. A model in memory is left as it
    is, and may be subclassed or hold layers of your own, whose parameters are taken from their weights.

    Args:
        model: a name of the catalogue (`lab.networks()`), the path of a `.keras`, `.h5` or `.json` file, which is
            read as data and never run, or a `keras.Model` in memory that was built.
        input_shape: height, width and channels in pixels, for a model that leaves them open, or to try a network on
            another input.

    Returns:
        A count: `count.parameters` and `count.macs` are totals, `count["conv2"]` is the row of a layer,
        `count.check()`, `count.lint()`, `count.diff(other)` and `count.explain("conv2")` say more, and
        `count.save("report.html")` writes it.

    Raises:
        ValueError: there is no such network or file, the model was never built, or it cannot be counted.
        TypeError: it is none of the three.

    >>> import app as lab
    >>> count = lab.count("worked_example")
    >>> count
    <count of worked_example: 6 rows, 338,460 parameters, 507,000 MACs>
    >>> count["conv"].working
    '(5·5·1 + 1)·10 = 260'
    """
    from app.params.counts import count_model

    return count_model(model, input_shape)


def compare(*models: Any, input_shape: Sequence[int] | None = None) -> "Comparison":
    """Set several networks side by side: parameters, memory, multiply-accumulates, depth, receptive field.

    Args:
        models: whatever `count` takes.
        input_shape: height, width and channels for all of them.

    Raises:
        ValueError: a network cannot be counted, or there are fewer than two.

    >>> import app as lab
    >>> [line["depth"] for line in lab.compare("lenet5", "resnet50").to_dict()]
    [7, 50]
    """
    from app.params.counts import count_model
    from app.params.results import Comparison

    if len(models) < 2:
        raise ValueError(f"compare takes at least two networks, not {len(models)}")
    return Comparison(tuple(count_model(model, input_shape) for model in models))
