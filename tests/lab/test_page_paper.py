"""The page's calculator against the chalkboard: every number, every working, every refusal."""

import json
import shutil

import javascript
import pytest
from counted_networks import SHEETS
from counted_on_paper import COUNT, RefusedError, disagreements, facts, on_the_chalkboard, own_networks
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from javascript import PAGE, run_javascript
from random_models import choose, shapes

from app.counting.chalkboard import Board, nn
from app.counting.layers import APPLICATION_LAYERS, LAYERS
from app.counting.layers.base import apply_layer
from app.counting.layers.unknown import make_operation
from app.counting.layers.wrappers import SpectralNormalization, TimeDistributed
from app.counting.stored.reader import WRAPPERS
from app.lab.layers_data import network_data, open_network_data
from models import CATALOGUE

pytestmark = pytest.mark.browser


def test_every_network_of_the_catalogue_row_by_row():
    cases = [{"network": open_network_data(name)} for name in CATALOGUE]
    assert disagreements(cases, SHEETS.values()) == []


def two_images():
    """A graph of two images with a shared layer, a frozen one and wrappers."""
    one, other = nn.Input((16, 16, 2), name="one"), nn.Input((16, 16, 2), name="other")
    shared = nn.Conv2D(4, 3, padding="same", name="shared")
    left, right = shared(one), shared(other)
    frozen = nn.BatchNormalization(name="frozen", scale=False)
    frozen.is_trained = False
    joined = nn.Concatenate(axis=1, name="above")([frozen(left), right])
    wrapped = apply_layer(SpectralNormalization(nn.Conv2D(3, 3), "spectral"), [joined])
    steps = apply_layer(TimeDistributed(nn.Dense(5), "steps"), [wrapped])
    relu = apply_layer(make_operation("Relu", {}, None, "relu"), [wrapped])
    mean = apply_layer(make_operation("Mean", {"axis": [1, 2], "keepdims": False}, None, "mean"), [relu])
    return Board((one, other), (steps, mean), "two images")


def further_kinds():
    """Networks with the kinds that the random ones lack."""
    map_, vector, words = nn.Input((6, 5, 4)), nn.Input((12,)), nn.Input((7,))
    sequence = nn.Input((9, 6))
    table = nn.PartialConv2D([[0, 1], [2, 3, 0]], 3, shared_bias=False)(map_)
    attended = nn.MultiHeadAttention(2, 3, value_dim=4)([sequence, sequence])
    made = {
        "partial": (map_, nn.Subsampling2D(2)(table)),
        "codes": (vector, nn.RadialBasis([[1.0] * 12, [0.5] * 12])(vector)),
        "words": (words, nn.GlobalMaxPooling1D()(nn.Embedding(50, 8)(words))),
        "attention": (sequence, nn.Dot(1, name="dot")([attended, sequence])),
        "figures": (map_, nn.Normalization(axis=[1, -1])(map_)),
        "given": (map_, nn.Normalization(mean=[0.5], variance=[2.0])(map_)),
        "cells": (map_, nn.CCells(2)(nn.SCells(3, 2)(nn.ConstantPadding2D(1, value=-1.0)(map_)))),
        "first": (map_, nn.MaxPooling2D(2, data_format="channels_first", name="pool")(map_)),
        "scaled": (map_, APPLICATION_LAYERS["LayerScale"](1e-6, 4)(map_)),
        "sum": (map_, APPLICATION_LAYERS["CustomScaleLayer"](0.1)([map_, map_])),
        "alone": (map_, nn.Concatenate()([nn.Maximum()([map_, map_]), nn.Minimum()([map_, map_])])),
    }
    return [Board(start, end, name) for name, (start, end) in made.items()]


def test_further_kinds_and_graphs():
    boards = [two_images(), *further_kinds()]
    cases = [{"network": json.loads(json.dumps(network_data(board)))} for board in boards]
    assert disagreements(cases, [board.sheet() for board in boards]) == []


def random_networks(count):
    """Chains of random layers as data, impossible ones among them."""
    found = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.randoms(use_true_random=False))
    def collect(data, draw):
        shape = shapes(draw)
        network = {"name": "random", "input": list(shape), "layers": [], "output": "x", "outputs": []}
        network["inputs"] = [{"name": "x", "shape": list(shape)}]
        for number in range(draw.randint(1, 5)):
            kind, told = choose(draw, data, shape)
            reads = network["layers"][-1]["name"] if network["layers"] else "x"
            told = json.loads(json.dumps(told))
            network["layers"].append({"name": f"l{number}", "kind": kind, "settings": told, "reads": [reads]})
            network["output"] = f"l{number}"
            network["outputs"] = [network["output"]]
            try:
                shape = tuple(int(n) for n in on_the_chalkboard(network).output_shapes[0])
            except RefusedError:
                break
        found.append(network)

    collect()
    return found


def test_random_chains_of_all_kinds():
    networks = random_networks(300)
    refused = 0
    for network, rows in zip(
        networks, run_javascript(COUNT, [{"network": n} for n in networks]), strict=True
    ):
        problem = next((row for row in rows if row.get("problem")), None)
        try:
            expected = [facts(row) for row in on_the_chalkboard(network).rows]
        except RefusedError as refusal:
            refused += 1
            expected = str(refusal)
        assert (rows if problem is None else problem["name"]) == expected, network
    kinds = {layer["kind"] for network in networks for layer in network["layers"]}
    assert len(kinds) > 60
    assert refused > 10


def test_the_calculator_has_all_kinds_that_the_chalkboard_has():
    kinds = run_javascript("""
    import { paperKinds } from "./paper/layers/index.js";
    const result = paperKinds();
    """)
    assert set(kinds) == {*LAYERS, *APPLICATION_LAYERS, *WRAPPERS}


MUTATIONS = [
    ("windows.js", "size + before + after - span) / stride", "size + before + after - kernel) / stride"),
    ("windows.js", "[Math.floor(total / 2), total", "[Math.ceil(total / 2), total"),
    ("windows.js", "`⌊(${room})/${s}⌋ + 1`", "`⌊${room}/${s}⌋ + 1`"),
    ("layers/sliding.js", "(useBias ? 1n : 0n);\n  const taps", "0n;\n  const taps"),
    ("layers/sliding.js", "Math.floor(shape.at(-1).value / groups)", "shape.at(-1).value"),
    ("layers/sliding.js", "BigInt(inputs) + 1n", "BigInt(inputs)"),
    ("layers/pooling.js", "settings.strides ?? pool", "settings.strides ?? 1"),
    ("axes.js", "(axis.advance * taps.cells * repeat)", "(axis.advance * repeat)"),
    ("axes.js", "return extent ? (extent[0] + extent[1]) / 2 : 0", "return extent ? extent[0] : 0"),
    ("counts.js", 'join("·")', 'join("*")'),
]


@pytest.mark.parametrize(("file", "right", "wrong"), MUTATIONS)
def test_a_wrong_formula_is_found(file, right, wrong, tmp_path, monkeypatch):
    page = shutil.copytree(PAGE, tmp_path / "page")
    text = (page / "paper" / file).read_text("utf-8")
    assert text.count(right) == 1
    (page / "paper" / file).write_text(text.replace(right, wrong), "utf-8")
    monkeypatch.setattr(javascript, "PAGE", page)
    names = ["lenet5_modern", "alexnet", "resnet20", "dilated_context"]
    networks = [*map(open_network_data, names), *own_networks()]
    sheets = [on_the_chalkboard(network) for network in networks]
    assert disagreements([{"network": network} for network in networks], sheets)
