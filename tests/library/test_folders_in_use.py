"""A folder of pictures wherever data are taken: maps, features, tests of faith, walks; in the shape of the network."""

import numpy as np
import pytest
from PIL import Image

import app as lab
from app.commands.data import open_data
from app.datasets.samples import fit_data


@pytest.fixture(scope="module")
def digits(mnist, tmp_path_factory):
    """Digits as pictures of 56×56 in colour, a folder for each of three classes."""
    folder = tmp_path_factory.mktemp("digits")
    for digit in range(3):
        (folder / str(digit)).mkdir()
        for i in np.flatnonzero(mnist.test_labels == digit)[:10]:
            large = Image.fromarray(mnist.test_images[i, ..., 0]).resize((56, 56)).convert("RGB")
            large.save(folder / str(digit) / f"{i}.png")
    return folder


def test_a_map_of_a_picture_by_its_number(door, digits, tmp_path):
    from app.saliency.__main__ import main

    data = open_data(digits)
    code, output, error = door(
        main,
        "--model",
        "mnist",
        "--data",
        digits,
        "--index",
        "4",
        "--method",
        "gradcam",
        "--output",
        tmp_path,
    )
    assert code == 0, error
    assert output.startswith(f"test image 4 ({data.test_images.files[4].name}) (labelled 1; ")
    assert "predicts 1" in output
    assert "held out as test images" in error


def test_a_picture_of_a_folder_enters_as_the_same_picture_alone(digits):
    """One reader: the pixels of a test image are those of its file as an own picture."""
    from app.datasets.samples import own_picture
    from app.maps.open_model import ModelChoice, OpenModel

    opened = OpenModel(ModelChoice("mnist"))
    ink = opened.ink("auto")
    data = fit_data(open_data(digits), opened.shape, ink)
    for i in range(3):
        alone = own_picture(data.test_images.files[i], opened.shape, ink)
        np.testing.assert_array_equal(data.test_images[i], alone.pixels)


@pytest.mark.parametrize(
    "asked", [("--each-class",), pytest.param(("--index", "0", "--faithfulness"), marks=pytest.mark.slow)]
)
def test_each_class_and_tests_on_a_map(door, digits, tmp_path, asked):
    from app.saliency.__main__ import main

    given = ("--model", "mnist", "--data", digits, "--method", "gradcam", "--output", tmp_path)
    code, output, error = door(main, *given, *asked)
    assert code == 0, error
    assert "gradcam" in output


def test_images_that_are_near_to_a_unit(door, digits, tmp_path):
    from app.features.__main__ import main

    code, output, error = door(main, "nearest", "--model", "mnist", "--data", digits, "--output", tmp_path)
    assert code == 0, error
    assert "of 24 images" in output


def test_a_report_of_faith(door, digits, tmp_path):
    from app.faith.__main__ import main

    asked = ("--model", "mnist", "--data", digits, "--count", "4", "--method", "gradcam", "--faithfulness")
    code, _, error = door(main, *asked, "--output", tmp_path / "faith.md")
    assert code == 0, error
    assert "4 test images" in (tmp_path / "faith.md").read_text("utf-8")


def test_the_library_takes_a_folder_too(digits):
    net = lab.load("mnist")
    found = net.nearest(digits, count=2)
    assert len(found.rows) == 4


def test_a_network_that_takes_no_pictures_is_one_line(digits):
    data = open_data(digits)
    with pytest.raises(ValueError, match="takes series"):
        fit_data(data, (1, 20, 3))
