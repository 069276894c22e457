"""What can be seen from how layers follow each other and what they were told."""

from collections.abc import Iterator

from app.counting.layers import layer_class
from app.counting.layers.convolution import GroupedConvolution
from app.counting.rows import Row
from app.counting.stored.model_files import SMALL_SCALE
from app.params.lint.finding import Finding, Inspection, is_weighted


def bias_before_normalisation(seen: Inspection) -> Iterator[Finding]:
    """Point at a bias that the batch normalisation behind it takes away again."""
    for row in seen.rows:
        settings, readers = seen.settings(row), seen.readers[row.name]
        if not is_weighted(row) or settings is None or row.shared_with:
            continue
        is_linear = seen.activation(row) == "linear"
        is_normalised = [reader.kind for reader in readers] == ["BatchNormalization"]
        if is_linear and is_normalised and settings.get("use_bias", True):
            yield Finding(
                row.name,
                "bias before batch normalisation",
                f"it has a bias, and {readers[0].name} behind it subtracts the mean",
                "the bias is cancelled: parameters without any effect",
                "set use_bias=False; the normalisation has its own offset",
            )


def two_linear_layers(seen: Inspection) -> Iterator[Finding]:
    """Point at two weighted layers with no activation between them."""
    for row in seen.rows:
        if not is_weighted(row) or seen.activation(row) != "linear":
            continue
        following = _next_weighted(seen, row)
        if following is None or _is_bottleneck(row):
            continue
        if row.kind == "DepthwiseConv2D" and following.kind == "Conv2D":
            continue  # a depthwise and a pointwise convolution are one convolution, taken apart
        yield Finding(
            row.name,
            "no activation between two layers",
            f"nothing that is not linear lies between {row.name} and {following.name}",
            "two linear layers in a row can do no more than one",
            f"give {row.name} activation='relu', or leave one of the two out",
        )


def _is_bottleneck(row: Row) -> bool:
    """Return whether a row is a 1×1 convolution to fewer channels, as MobileNetV2 has them on purpose.

    Source: Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018.
    """
    if not issubclass(layer_class(row.kind), GroupedConvolution) or not row.weights:
        return False
    *window, channels, filters = row.weights[0].shape
    return set(window) == {1} and filters < channels


def _next_weighted(seen: Inspection, row: Row) -> Row | None:
    """Return the weighted layer that alone reads this one through linear layers only."""
    readers = seen.readers[row.name]
    while len(readers) == 1:
        if is_weighted(readers[0]):
            return readers[0]
        if not layer_class(readers[0].kind).is_linear:
            return None
        readers = seen.readers[readers[0].name]
    return None


def rescaled_twice(seen: Inspection) -> Iterator[Finding]:
    """Point at pixels that are brought down from 0…255 twice."""
    shrinking = [row for row in seen.rows if _shrinks(seen, row)]
    for row in shrinking:
        earlier = next((other for other in seen.upstream(row) if other in shrinking), None)
        if earlier is not None:
            yield Finding(
                row.name,
                "rescaled twice",
                f"{earlier.name} has already scaled the pixels down",
                "pixels end up within a hundredth of each other, and the first layer sees almost nothing",
                f"remove {row.name} or {earlier.name}",
            )


def _shrinks(seen: Inspection, row: Row) -> bool:
    scale = (seen.settings(row) or {}).get("scale")
    is_number = isinstance(scale, int | float) and not isinstance(scale, bool)
    return row.kind == "Rescaling" and is_number and abs(scale) < SMALL_SCALE  # type: ignore[arg-type]


def dropout_after_output(seen: Inspection) -> Iterator[Finding]:
    """Point at dropout with no weights behind it."""
    for row in seen.rows:
        if layer_class(row.kind).family != "Dropout" or seen.has_weights_behind(row):
            continue
        if any(is_weighted(source) for source in seen.upstream(row)):
            yield Finding(
                row.name,
                "dropout after the output",
                "no layer with weights comes behind it",
                "in training it sets answers to zero, whatever the network has learned",
                "put it in front of the last Dense layer",
            )


RULES = (bias_before_normalisation, two_linear_layers, rescaled_twice, dropout_after_output)
