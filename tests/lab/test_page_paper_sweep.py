"""Random changes of networks on paper: the page's calculator against the chalkboard."""

import copy
import random
from collections import Counter

import pytest
from counted_on_paper import COUNT, RefusedError, facts, on_the_chalkboard, own_networks
from javascript import run_javascript

from app.lab.layers_data import open_network_data

pytestmark = pytest.mark.browser

FORMS = """
import { whatCanChange } from "./paper/changing.js";
const result = Object.fromEntries(Object.entries(given).map(([kind, layer]) => [kind, whatCanChange(layer)]));
"""
SWEPT = (
    "mnist x_or_not_x neocognitron tdnn lecun1989 lenet5 lenet5_modern alexnet zfnet nin_cifar10 inception_block "
    "vae_mnist dilated_context resnet18_option_a resnet20 dense_block googlenet_with_heads efficientnet_lite0 vgg16"
).split()
CASES = 500
WHOLE = {
    "filters": (1, 48),
    "units": (1, 300),
    "groups": (1, 6),
    "depth_multiplier": (1, 4),
    "planes": (1, 30),
    "height": (1, 40),
    "width": (1, 40),
    "depth_radius": (1, 6),
}
AXES = {
    "kernel_size": (1, 9),
    "pool_size": (1, 6),
    "strides": (1, 4),
    "dilation_rate": (1, 4),
    "size": (1, 3),
    "output_size": (1, 9),
    "output_padding": (0, 3),
}
WRONG = [0, -1, -7, 1.5, "3", "same", None, [], [1], [2, 0], [3, 3, 3, 3, 3], 2**40, 2**53, 10**30, 500, True]


def draw_value(draw, setting, form):
    """A value for one setting of a layer: mostly sensible, now and then impossible."""
    if draw.random() < 0.12 and form["kind"] in ("whole", "axes"):
        return draw.choice([value for value in WRONG if not is_default(setting, value)])
    if form["kind"] == "choice":
        return draw.choice([*form["choices"], *form["choices"], "full"])
    if form["kind"] == "flag":
        return draw.random() < 0.5
    axes = form.get("axes", 1)
    if form["kind"] == "border":
        pairs = [[draw.randint(0, 3), draw.randint(0, 3)] for _ in range(axes)]
        return draw.choice([draw.randint(0, 4), pairs[0] if axes == 1 else pairs])
    least, most = (WHOLE | AXES).get(setting, (1, 8))
    if form["kind"] == "whole" or draw.random() < 0.6:
        return draw.randint(least, most)
    return [draw.randint(least, most) for _ in range(axes)]


def is_default(setting, value):
    """Whether Keras takes a value for nothing said, or Python's True for a number that JSON does not know."""
    return value is None and setting in ("strides", "output_padding")


def draw_case(draw, networks, forms):
    """A network and up to three changes of layers or of its input."""
    network = draw.choice(networks)
    changes = []
    for _ in range(draw.choice([1, 1, 2, 3])):
        if draw.random() < 0.2:
            shape = [max(1, n + draw.randint(-14, 20)) for n in network["input"][:-1]]
            channels = draw.choice([network["input"][-1], draw.randint(1, 6)])
            wrong = draw.choice([[0, *shape], [*shape, 1.5, 2], []])
            changes.append([None, wrong if draw.random() < 0.1 else [*shape, channels]])
            continue
        layer = draw.choice([layer for layer in network["layers"] if forms(layer)])
        form = draw.choice(forms(layer))
        changes.append([layer["name"], {form["name"]: draw_value(draw, form["name"], form)}])
    return {"network": network, "changes": changes}


def changed(network, changes):
    """The same changes in Python."""
    network = copy.deepcopy(network)
    for name, told in changes:
        if name is None:
            network["input"] = network["inputs"][0]["shape"] = told
        for layer in network["layers"]:
            if layer["name"] == name:
                layer["settings"].update(told)
    return network


def is_refused_by_keras_only(network, row):
    """Whether a problem is one that Keras has and a count by hand has not.

    These are dilation and strides together, and of transposed convolutions filters that are no whole number and a
    negative output padding.
    """
    entries = {entry["name"]: entry for entry in network["layers"]}
    if row is None or row["name"] not in entries:
        return False
    entry = entries[row["name"]]
    told, values = entry["settings"], row["problem"]["values"]
    if row["problem"]["say"] == "paperDilationWithStride":
        pair = [told.get(key, 1) for key in ("strides", "dilation_rate")]
        assert min(max(each) if isinstance(each, list) else each for each in pair) > 1
        return True
    if not entry["kind"].endswith("Transpose"):
        return False
    is_no_number = values.get("setting") == "filters" and type(told["filters"]) is not int
    is_negative = values.get("setting") == "output_padding" and row["problem"]["say"] == "paperTooSmall"
    return is_no_number or is_negative


def chalkboard_says(network):
    """The rows that the chalkboard counts and the layer that it refuses, one of them None."""
    try:
        return [facts(row) for row in on_the_chalkboard(network).rows], None
    except RefusedError as refusal:
        return None, str(refusal)


def test_a_sweep_of_changes_is_counted_and_refused_as_on_the_chalkboard():
    networks = [*map(open_network_data, SWEPT), *own_networks()]
    every = {layer["kind"]: layer for network in networks for layer in network["layers"]}
    forms = run_javascript(FORMS, every)
    draw = random.Random(18)
    cases = [draw_case(draw, networks, lambda layer: forms[layer["kind"]]) for _ in range(CASES)]
    seen = Counter()
    for case, rows in zip(cases, run_javascript(COUNT, cases), strict=True):
        network = changed(case["network"], case["changes"])
        about = (network["name"], case["changes"])
        problem = next((row for row in rows if row.get("problem")), None)
        expected, refused = chalkboard_says(network)
        if is_refused_by_keras_only(network, problem):
            seen["refused by Keras"] += 1
        elif refused is not None:
            assert problem is not None, (about, refused)
            assert problem["name"] == refused, about
            seen["refused"] += 1
        else:
            assert rows == expected, about
            seen["counted"] += 1
    assert seen["counted"] > 250, seen
    assert seen["refused"] > 60, seen
    assert seen["refused by Keras"] > 0
