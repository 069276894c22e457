"""Between the saliency door and the rooms: a model loaded for maps, and images explained as asked."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.datasets.dataset import scale_pixels, swap_colours
from app.files.saved import SavedModel
from app.saliency.request import MapRequest
from models import Pixels

if TYPE_CHECKING:
    from app.engine.replay.steps import Replay
    from app.maps.explain import Explanation
    from app.maps.explainer import Explainer


def load_replay(request: MapRequest, saved: SavedModel, file: Path | None = None) -> "Replay":
    """Load a model file and replay it: the saved model's, or another file of the same network."""
    from app.engine.replay.replay import Choice, replay
    from app.engine.store import load_model

    is_regression = True if request.regression else None
    choice = Choice(request.image_input, request.head, is_regression=is_regression, loss=saved.loss)
    return replay(load_model(file or saved.path), choice)


def explain_pixels(
    request: MapRequest,
    saved: SavedModel,
    explainer: "Explainer",
    pixels: np.ndarray,
    asked: tuple[Sequence[int | None], int | None],
) -> "list[Explanation]":
    """Return the explanations of images given as bytes, (images, height, width, channels).

    Args:
        request: what was asked for.
        saved: the model's file.
        explainer: the model.
        pixels: the images.
        asked: the class to explain in each, None for the predicted one; and the class that all are held
            against, if any.
    """
    from app.maps.explain import Question, explain_images

    wanted, against = asked
    inputs = scale_pixels(pixels, request.pixels(saved))
    head = explainer.model.head
    if None in wanted:
        predicted = head.as_probabilities(explainer.outputs(inputs)).argmax(axis=1)
        wanted = [int(p) if c is None else c for c, p in zip(wanted, predicted, strict=True)]
    question = Question(
        saved.class_names(explainer.model.classes),
        request.chosen_methods,
        against,
        request.colour,
        request.is_signed,
        request.settings(saved, pixels.shape[-1]),
        request.cell,
        request.engine,
    )
    results = explain_images(explainer, inputs, [c for c in wanted if c is not None], question)
    return [_in_rgb(result, request.pixels(saved)) for result in results]


def _in_rgb(result: "Explanation", pixels: Pixels) -> "Explanation":
    """Return an explanation whose maps of separate colours have them in the picture's own order."""
    maps = tuple(
        replace(each, values=swap_colours(each.values, pixels)) if each.values.ndim == 3 else each
        for each in result.maps
    )
    return replace(result, maps=maps)
