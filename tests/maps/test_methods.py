"""What each method says of itself is true of its maps, and every method is listed."""

import app.engine  # noqa: F401, I001

from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
from map_models import FEW, explainer, pictures, raw_map, two_convolutions

from app.maps import methods
from app.maps.methods import ARTICLE, METHODS
from app.maps.methods.method import Settings

pytestmark = pytest.mark.keras
CHANGED = {
    "layer": "c1",
    "samples": 4,
    "noise": 0.5,
    "steps": 2,
    "baseline": 0.5,
    "patch": 4,
    "stride": 3,
    "seed": 1,
}


@pytest.fixture(scope="module")
def network():
    return explainer(two_convolutions()), pictures(2)


def test_every_method_of_every_module_is_listed_under_its_name():
    modules = [import_module(f"app.maps.methods.{each.name}") for each in iter_modules(methods.__path__)]
    defined = [method for module in modules for method in getattr(module, "METHODS", ())]
    assert len(defined) == len(METHODS) == 16
    assert {each.name: each for each in defined} == METHODS


def test_titles_article_and_kinds():
    assert ARTICLE == ("vanilla", "guided", "relu", "gradcam")
    assert tuple(name for name, method in METHODS.items() if method.uses_maps) == (
        "gradcam",
        "gradcam++",
        "layercam",
        "hirescam",
        "eigencam",
        "scorecam",
        "guided-gradcam",
    )
    assert METHODS["vanilla"].title == "vanilla gradient, |∂S/∂x|"
    assert METHODS["relu"].title == "rectified gradient, |∂S/∂x|"
    assert METHODS["gradcam++"].title == METHODS["gradcam++"].label == "Grad-CAM++"
    assert {name for name, method in METHODS.items() if method.hides_pixels} == {"occlusion", "scorecam"}
    assert all(method.source[-4:].isdigit() for method in METHODS.values())


@pytest.mark.parametrize("name", METHODS)
def test_cells_and_pixels_are_told_apart(network, name):
    explained, images = network
    raw = raw_map(name, explained, images, [0, 1], **FEW)
    assert METHODS[name].is_of_cells == (raw.ndim == 3)
    assert METHODS[name].is_of_cells or raw.shape[:3] == images.shape[:3]


@pytest.mark.parametrize("name", METHODS)
def test_a_map_follows_the_settings_that_it_names_and_no_others(network, name, eagerly):
    explained, images = network
    assert set(CHANGED) == set(vars(Settings()))
    before = raw_map(name, explained, images, [0, 1], **FEW)
    for setting, value in CHANGED.items():
        after = raw_map(name, explained, images, [0, 1], **{**FEW, setting: value})
        is_same = before.shape == after.shape and np.array_equal(before, after)
        assert is_same == (setting not in METHODS[name].settings), setting


@pytest.mark.parametrize("name", METHODS)
def test_another_class_gives_another_map_where_one_is_asked_for(network, name, eagerly):
    explained, images = network
    one, other = (raw_map(name, explained, images, classes, **FEW) for classes in ([0, 1], [2, 2]))
    assert np.array_equal(one, other) != METHODS[name].asks_for_class


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.witness])
def test_the_second_witness_exists(name):
    module, _, kind = METHODS[name].witness.partition(".")
    assert hasattr(import_module(f"tf_keras_vis.{module}"), kind)


def test_a_picture_is_the_magnitude_the_positive_part_or_the_signed_sum():
    pixels = np.array([[[[1.0, -3.0]]]])
    vanilla, occlusion, cam = (METHODS[name] for name in ("vanilla", "occlusion", "gradcam"))
    assert vanilla.picture(pixels).tolist() == [[[3.0]]]
    assert vanilla.picture(pixels, "mean").tolist() == [[[2.0]]]
    assert vanilla.picture(pixels, "channels").tolist() == [[[[1.0, 3.0]]]]
    assert vanilla.picture(pixels, is_signed=True).tolist() == [[[-2.0]]]
    assert occlusion.picture(pixels).tolist() == [[[0.0]]]
    cells = np.array([[[1.0, -3.0]]])
    assert cam.picture(cells, "channels").tolist() == [[[1.0, 0.0]]]
    assert cam.picture(cells, is_signed=True).tolist() == cells.tolist()
