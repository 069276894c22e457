"""Two spellings of one network give the same map, whatever the map."""

import numpy as np
import pytest
from map_models import FEW, explainer, raw_map
from spellings import SIZE, all_spellings, flat

from app.maps.feature_layers import last_spatial_step
from app.maps.methods import METHODS
from app.maps.placement import placement_of

pytestmark = pytest.mark.keras
IMAGES = np.random.default_rng(0).uniform(0, 1, (2, *SIZE))
CLASSES = [0, 2]


@pytest.fixture(scope="module")
def explainers():
    return {name: explainer(model) for name, model in all_spellings().items()}


@pytest.mark.parametrize("method", METHODS)
def test_every_spelling_gives_the_same_map(explainers, method, eagerly):
    """To 1e-6 of the largest value, which is the rounding of float32."""
    reference = raw_map(method, explainers["fused"], IMAGES, CLASSES, **FEW)
    largest = np.abs(reference).max()
    assert largest > 1e-3  # there is something to compare
    for name, explained in explainers.items():
        values = raw_map(method, explained, IMAGES, CLASSES, **FEW)
        np.testing.assert_allclose(values, reference, atol=3e-6 * max(largest, 1), err_msg=f"{name} {method}")


def test_every_spelling_uses_the_same_maps_at_the_same_places(explainers):
    reference = placement_of(explainers["fused"], None, IMAGES)
    for name, explained in explainers.items():
        assert last_spatial_step(explained.model).map_shape == (3, 3, 5), name
        placement = placement_of(explained, None, IMAGES)
        np.testing.assert_array_equal(placement.centres, reference.centres, err_msg=name)
        assert placement.window == reference.window, name


def test_every_spelling_finds_every_rectifier(explainers):
    for name, explained in explainers.items():
        assert explained.model.rectifiers() == (2, []), name


def test_every_spelling_gives_logits_and_probabilities(explainers, eagerly):
    logits = explainers["fused"].logits(IMAGES)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    for name, explained in explainers.items():
        np.testing.assert_allclose(explained.logits(IMAGES), logits, atol=1e-5, err_msg=name)
        np.testing.assert_allclose(
            explained.model.probabilities(IMAGES),
            exponentials / exponentials.sum(axis=1, keepdims=True),
            atol=1e-6,
            err_msg=name,
        )


def test_the_rules_do_change_the_gradient(explainers, eagerly):
    methods = ("vanilla", "guided", "relu")
    maps = {m: raw_map(m, explainers["nested op"], IMAGES, CLASSES) for m in methods}
    assert np.abs(maps["vanilla"] - maps["guided"]).max() > 1e-3
    assert np.abs(maps["guided"] - maps["relu"]).max() > 1e-3


def test_another_network_is_not_another_spelling(explainers, eagerly):
    """The comparison notices weights that differ by a hundredth."""
    model = flat()
    weights = explainers["softmax none"].model.to_model().get_weights()
    model.set_weights([w * 1.01 for w in weights])
    other = explainer(model)
    for method in METHODS:
        reference = raw_map(method, explainers["fused"], IMAGES, CLASSES, **FEW)
        values = raw_map(method, other, IMAGES, CLASSES, **FEW)
        assert np.abs(values - reference).max() > 3e-5 * max(np.abs(reference).max(), 1), method
