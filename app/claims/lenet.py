"""LeNet-5 of 1998 layer by layer, with its partial connections and trained sub-sampling."""

from app.counting import formulas
from app.counting.count import Count
from app.datasets.little_arrays import LENET_C3_READS


def subsampling_parameters(maps: int) -> Count:
    """Return the numbers of a trained sub-sampling: a coefficient and a bias for each map."""
    return Count(2 * maps, f"2·{maps}")


def partial_parameters() -> Count:
    """Return the parameters of C3: 25 weights for each map of S2 that a map reads, and a bias."""
    parts = [formulas.conv_parameters((5, 5), reads, 1) for reads in LENET_C3_READS]
    reads, filters = sum(LENET_C3_READS), len(LENET_C3_READS)
    return Count(sum(parts), f"{reads}·5·5 + {filters}")


def layer_parameters() -> dict[str, Count]:
    """Return what training changes in each layer; the output layer's codes are fixed.

    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
    """
    return {
        "C1": formulas.conv_parameters((5, 5), in_channels=1, filters=6),
        "S2": subsampling_parameters(6),
        "C3": partial_parameters(),
        "S4": subsampling_parameters(16),
        "C5": formulas.conv_parameters((5, 5), in_channels=16, filters=120),
        "F6": formulas.dense_parameters(120, 84),
    }


def parameters() -> Count:
    """Return all trainable parameters of LeNet-5."""
    parts = layer_parameters().values()
    return Count(sum(parts), " + ".join(f"{part:,}" for part in parts))
