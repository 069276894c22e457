"""What a training run says: read from the network that was built, not told by the door."""

import io
import itertools

import pytest
from rich.console import Console

from app.show.progress import Progress
from app.train.lines import StepsShown, epoch_line, input_line, own_recipes, published_line
from models import CATALOGUE, ErrorRate


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("lenet5", (28, 28, 1), "28×28×1 images, given a border of background up to 32×32"),
        ("lenet5", (32, 32, 1), "32×32×1 images, as published; pixels as -0.1…1.175"),
        ("lenet5", (40, 40, 1), "40×40×1 images, as they are; the published network takes 32×32×1"),
        ("lenet5_modern", (28, 28, 1), "given a border of zeros up to 32×32"),
        ("lecun1989", (28, 28, 1), "resized to 16×16, as the paper did with its zip codes; pixels as -1…1"),
        ("lecun1989", (16, 16, 1), "as published"),
        ("nin_cifar10", (28, 28, 1), "as they are; the published network takes 32×32×3"),
    ],
)
def test_what_is_done_to_the_images_is_said(name, shape, words):
    network = CATALOGUE[name]
    given = {} if shape == network.input_shape else {"input_shape": shape}
    assert words in input_line(network, given, shape)


def test_every_network_that_brings_images_to_its_size_says_how():
    for network in CATALOGUE.values():
        if not network.outputs or network.task or len(network.input_shape) != 3:
            continue
        try:
            line = input_line(network, {"input_shape": (28, 28, 1)}, (28, 28, 1))
        except ValueError:
            continue  # too small for it
        assert ", ;" not in line, network.name


def test_the_networks_with_a_recipe_of_their_own_are_named():
    own = "adam for x_or_not_x; gentle for lecun1989; map for lenet5; sgd for lenet5_modern"
    assert own_recipes() == own


def test_what_was_published_on_other_data_is_marked():
    error = ErrorRate(5.0, "mnist", "somebody")
    assert published_line(error, "mnist") == "Published     0.9500 (5 % mistakes) on mnist (somebody)"
    assert "on mnist: other data, not to be compared" in published_line(error, "kmnist")


def watch(is_terminal, width=100):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=width)
    with Progress(console, "epoch 1/2", doing="steps,") as progress:
        shown = StepsShown(progress, 2, batch_size=10, width=width, clock=itertools.count().__next__)
        for epoch in range(2):
            for step in (1, 2, 3):
                shown(epoch, step, 3, {"accuracy": 0.5 + 0.1 * step})
                progress._bar.refresh()
    return stream.getvalue()


def test_a_terminal_sees_epoch_steps_and_accuracy():
    text = watch(is_terminal=True)
    for words in ("epoch 1/2", "epoch 2/2", "6/6", "0.8000", "left", "10 images/s"):
        assert words in text


def test_a_narrow_terminal_sees_no_speed():
    text = watch(is_terminal=True, width=60)
    assert "images/s" not in text
    assert "6/6" in text


def test_a_file_gets_one_line_an_epoch():
    assert watch(is_terminal=False).splitlines() == ["epoch 1 of 2: 3 steps …", "epoch 2 of 2: 3 steps …"]


def test_a_finished_epoch_in_words():
    line = epoch_line(2, 5, {"accuracy": 0.91, "val_accuracy": 0.9, "seconds": 3.21})
    assert line == "epoch 2/5: training accuracy 0.9100, test accuracy 0.9000, 3.2 s"
