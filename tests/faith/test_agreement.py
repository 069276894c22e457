"""The same maps by tf-keras-vis: equal where they should be, caught where they are not."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from spellings import SIZE, flat

from app.faith import agreement as module
from app.faith.agreement import agreement, compare
from app.faith.results import AGREED_ON, Agreement
from app.faith.run import FaithRun
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.methods.method import Settings
from app.maps.reference import NotOfferedError, reference_maps

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture(scope="module")
def case():
    keras.utils.set_random_seed(7)
    explainer = Explainer(machine_for(flat(relu="layer", softmax="layer")))
    images = np.random.default_rng(0).uniform(0, 1, (6, *SIZE)).astype("float32")
    return explainer, images, [0, 1, 2, 0, 1, 2]


def test_maps_agree_or_the_difference_is_proved_to_be_by_design(case):
    found = {each.method: each for each in agreement(FaithRun(*case, [*METHODS.values()], Settings()))}
    assert {n for n, f in found.items() if f.agrees} == {"vanilla", "gradcam", "gradcam++", "layercam"}
    assert {n for n, f in found.items() if f.verdict == "differs by design"} == {"smoothgrad", "scorecam"}
    others = {name for name, method in METHODS.items() if not method.witness}
    assert all(found[n].verdict == "no second witness" for n in others)
    assert "computes the same map" in found["vanilla"].sentence()
    assert "tf-keras-vis has no such map" in found["occlusion"].sentence()


def test_maps_of_a_named_layer_and_of_a_shared_one_agree(case):
    explainer, images, classes = case
    cams = [METHODS["gradcam"], METHODS["layercam"]]
    found = agreement(FaithRun(explainer, images, classes, cams, Settings(layer="c1")))
    assert all(each.agrees for each in found)
    image = keras.Input((8, 8, 3))
    shared = layers.Conv2D(3, 3, padding="same", activation="relu")
    x = shared(shared(image))
    model = keras.Model(image, layers.Dense(2, activation="softmax")(layers.Flatten()(x)))
    pictures = np.random.default_rng(1).uniform(0, 1, (2, 8, 8, 3)).astype("float32")
    run = FaithRun(Explainer(machine_for(model)), pictures, [0, 1], [METHODS["gradcam"]], Settings())
    (found,) = agreement(run)
    assert found.agrees


@pytest.mark.parametrize("name", ["vanilla", "gradcam", "gradcam++", "layercam"])
def test_a_wrong_map_is_noticed(case, name):
    explainer, images, classes = case
    theirs = reference_maps(explainer, images, explainer.targets(classes), METHODS[name], Settings()).raw
    assert compare(name, theirs, theirs).agrees
    wrong = compare(name, theirs * 1.01, theirs)
    assert not wrong.agrees
    assert wrong.verdict == "differs"
    assert "one of the two is wrong" in wrong.sentence()


def test_wrong_noise_and_a_wrong_score_cam_are_noticed(case, monkeypatch):
    explainer, images, classes = case
    targets, settings = explainer.targets(classes), Settings(samples=40)
    run = FaithRun(explainer, images, classes, [], settings)
    ours = METHODS["smoothgrad"].compute(explainer, images, targets, settings).raw
    theirs = reference_maps(explainer, images, targets, METHODS["smoothgrad"], settings).raw
    _, holds = module._explain_noise(run, ours, theirs)
    _, wrong = module._explain_noise(run, np.abs(ours), theirs)
    assert (holds, wrong) == (True, False)
    cells = reference_maps(explainer, images, targets, METHODS["scorecam"], settings).raw
    _, wrong = module._explain_stretching(run, cells, cells * 1.01)
    assert not wrong


def test_a_map_that_is_not_finite_is_no_witness():
    result = compare("gradcam++", np.zeros((1, 2, 2)), np.full((1, 2, 2), np.nan))
    assert (result.absolute, result.verdict) == (None, "no second witness")
    assert "not finite" in result.sentence()


def test_blank_maps_agree_with_blank_maps_alone():
    assert compare("gradcam", np.zeros((1, 2, 2)), np.zeros((1, 2, 2))).agrees
    assert not compare("gradcam", np.zeros((1, 2, 2)), np.ones((1, 2, 2))).agrees


def test_why_there_is_none(case):
    explainer, images, classes = case
    with pytest.raises(NotOfferedError, match="no such map"):
        reference_maps(explainer, images, explainer.targets(classes), METHODS["eigencam"], Settings())
    image = keras.Input((6, 6, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3)(image))
    binary = Explainer(machine_for(keras.Model(image, layers.Dense(1, activation="sigmoid")(x))))
    pictures = np.random.default_rng(0).uniform(0, 1, (2, 6, 6, 1)).astype("float32")
    cams = [METHODS["scorecam"], METHODS["gradcam"]]
    score, cam = agreement(FaithRun(binary, pictures, [1, 0], cams, Settings()))
    assert "does not end in one" in score.reason
    assert cam.agrees


def test_numpys_own_noise_is_left_as_it_was(case):
    explainer, images, classes = case
    np.random.seed(11)
    expected = np.random.normal(size=3)
    np.random.seed(11)
    first = reference_maps(
        explainer, images, explainer.targets(classes), METHODS["smoothgrad"], Settings()
    ).raw
    np.testing.assert_array_equal(np.random.normal(size=3), expected)
    again = reference_maps(
        explainer, images, explainer.targets(classes), METHODS["smoothgrad"], Settings()
    ).raw
    np.testing.assert_array_equal(first, again)


def test_words():
    assert Agreement("x", 0.5, 0.1, "because", True).verdict == "differs by design"
    assert Agreement("x", 0.5, 0.1, "because", False).verdict == "differs"


def test_no_more_images_are_compared_than_fit_at_once(case, monkeypatch):
    explainer, images, classes = case
    seen = []
    monkeypatch.setattr(
        module, "reference_maps", lambda e, x, t, m, s: seen.append(len(x)) or m.compute(e, x, t, s)
    )
    many = FaithRun(explainer, np.repeat(images, 4, axis=0), classes * 4, [METHODS["vanilla"]], Settings())
    (found,) = agreement(many)
    assert found.agrees
    assert seen == [AGREED_ON]
