"""Figures that well-known code prints, as entries of the catalogue."""

from models.network import Published

MILLION = 10**6


def torchvision(
    name: str, parameters: int, million_macs: int = 0, why: str = "", why_macs: str = ""
) -> tuple[Published, ...]:
    """Return `num_params` and `_ops` of torchvision's pretrained weights.

    Args:
        name: the function, `resnet50`.
        parameters: `num_params`; moving statistics are not in it.
        million_macs: `_ops`, which is printed in thousand millions with three decimals; 0 for none.
        why: why ours has other parameters, where it has.
        why_macs: why ours has other multiply-accumulates.
    """
    source = f"torchvision.models.{name}"
    figures = (Published("trainable parameters", parameters, source, why),)
    if not million_macs:
        return figures
    value = million_macs * MILLION
    macs = Published("multiply-accumulates", value, source, why_macs, unit=MILLION)
    return (*figures, macs)


def keras_applications(name: str, trainable: int, why: str = "") -> tuple[Published, ...]:
    """Return what `keras.applications.NAME(weights=None)` trains; a test builds it and counts."""
    return (Published("trainable parameters", trainable, f"keras.applications.{name}", why),)


def imgclsmob(name: str, parameters: int, why: str = "") -> tuple[Published, ...]:
    """Return what the tests of osmr/imgclsmob assert of one of its models."""
    return (Published("trainable parameters", parameters, f"imgclsmob {name}", why),)
