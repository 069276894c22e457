"""Two spellings of one network give the same map."""

import numpy as np
import pytest
from spellings import SIZE, all_spellings

from app.engine.replay import replay
from app.visualisation.cam import grad_cam
from app.visualisation.gradients import input_gradients

pytestmark = pytest.mark.keras
IMAGES = np.random.default_rng(0).uniform(0, 1, (3, *SIZE))
CLASSES = [0, 1, 2]


@pytest.fixture(scope="module")
def replays():
    return {name: replay(model) for name, model in all_spellings().items()}


def maps(model):
    result = {
        rule: input_gradients(model, IMAGES, CLASSES, rule)
        for rule in ("plain", "guided", "rectified")
    }
    return result | {"gradcam": grad_cam(model, IMAGES, CLASSES).signed}


def test_every_spelling_gives_the_same_maps(replays):
    reference = maps(replays["fused"])
    for values in reference.values():
        assert np.abs(values).max() > 1e-3  # there is something to compare
    for name, model in replays.items():
        for method, values in maps(model).items():
            np.testing.assert_allclose(
                values, reference[method], atol=1e-6, err_msg=f"{name} {method}"
            )


def test_every_spelling_finds_every_rectifier(replays):
    for name, model in replays.items():
        assert model.rectifiers() == (2, []), name


def test_every_spelling_gives_logits_and_probabilities(replays):
    logits = replays["fused"].logits(IMAGES)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    for name, model in replays.items():
        np.testing.assert_allclose(model.logits(IMAGES), logits, atol=1e-5, err_msg=name)
        np.testing.assert_allclose(
            model.probabilities(IMAGES),
            exponentials / exponentials.sum(axis=1, keepdims=True), atol=1e-6, err_msg=name,
        )  # fmt: skip


def test_the_rules_do_change_the_gradient(replays):
    by_rule = maps(replays["nested op"])
    assert np.abs(by_rule["plain"] - by_rule["guided"]).max() > 1e-3
    assert np.abs(by_rule["guided"] - by_rule["rectified"]).max() > 1e-3


def test_one_image_gives_the_same_map_as_in_a_batch(replays):
    model = replays["fused"]
    together = input_gradients(model, IMAGES, CLASSES)
    for i, c in enumerate(CLASSES):
        alone = input_gradients(model, IMAGES[i : i + 1], [c])
        np.testing.assert_allclose(alone[0], together[i], atol=1e-6)
