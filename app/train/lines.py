"""What a training run says in words: by which recipe, on which inputs, and what was published."""

from collections.abc import Mapping
from typing import Any

from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.show.progress import Progress
from models import CATALOGUE, ErrorRate, Network


def own_recipes() -> str:
    """Return the networks that are trained by another recipe than the article's: `map for lenet5`."""
    networks: dict[str, list[str]] = {}
    for network in CATALOGUE.values():
        networks.setdefault(network.recipe, []).append(network.name)
    return "; ".join(
        f"{recipe} for {', '.join(names)}" for recipe, names in networks.items() if recipe != "article"
    )


def input_line(network: Network, arguments: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """Return what is done to images of `shape` before the first weight.

    `arguments` build the network for them; if it then has a layer more than the published one, that
    layer brings the images to the published size.
    """
    published, here = (network.builder(nn, **given).sheet().rows for given in ({}, arguments))
    if len(here) > len(published):
        how = network.resized
    elif shape == network.input_shape:
        how = "as published"
    else:
        how = f"as they are; the published network takes {shape_text(network.input_shape)}"
    return f"Inputs: {shape_text(shape)} images, {how}; pixels as {network.pixels.words()}"


def published_line(error: ErrorRate, data: str) -> str:
    """Return what was published, to stand beside the test accuracy on `data`."""
    other = "" if error.data == data else ": other data, not to be compared"
    return (
        f"Published     {1 - error.percent / 100:.4f} ({error.percent:g} % mistakes) on "
        f"{error.data}{other} ({error.source})"
    )


def show_step(
    progress: Progress, epochs: int, epoch: int, step: int, steps: int, measures: Mapping[str, float]
) -> None:
    """Show a step of training: epoch from 0, steps done in it and in all of it, measures so far."""
    accuracy = measures.get("accuracy")
    progress.update(
        epoch * steps + step,
        what=f"epoch {epoch + 1}/{epochs}",
        total=steps * epochs,
        words="left, accuracy " + ("…" if accuracy is None else f"{accuracy:.4f}"),
        line=f"epoch {epoch + 1} of {epochs}: {steps:,} steps …",
    )


def epoch_line(number: int, epochs: int, measures: Mapping[str, float]) -> str:
    """Return one finished epoch in words."""
    return (
        f"epoch {number}/{epochs}: training accuracy {measures['accuracy']:.4f}, "
        f"test accuracy {measures['val_accuracy']:.4f}, {measures['seconds']:.1f} s"
    )
