"""The page's workings of every activation, of layers over time and of large windows; and its sentences about them."""

import random
import re

import numpy as np
import pytest
from javascript import PAGE
from sighted import GOES, WORK, Seen, ask, cell_in, check_all, inverse_holds, place_in, randomised

from app.scratch.functions import FUNCTIONS
from app.scratch.layers import LAYERS
from app.scratch.vocabulary import nn

pytestmark = pytest.mark.browser
FUNCTION = """
import { sightActivation } from "./sight/functions.js";
const result = given.told.map(([kind, settings]) => given.at.map(sightActivation(kind, settings).of));
"""
TOLD = [
    *(("Activation", {"activation": name}) for name in FUNCTIONS),
    *(("Activation", {"activation": name}) for name in ("relu", "relu6", "leaky_relu")),
    *(
        ("ReLU", dict(zip(("max_value", "negative_slope", "threshold"), told, strict=True)))
        for told in ((None, 0, 0), (6.0, 0, 0), (None, 0.1, 0), (2.0, 0.1, 0.5), (None, 0, 0.7))
    ),
    *(("LeakyReLU", {"negative_slope": 0.3}), ("ELU", {"alpha": 0.7}), ("ScaledTanh", {})),
]


def test_every_activation_is_numpys():
    at = [*np.linspace(-8, 8, 161), -40.0, 40.0, 0.0, 3.0, -3.0]
    found = ask(FUNCTION, [], told=TOLD, at=at)
    for (kind, settings), values in zip(TOLD, found, strict=True):
        truth = LAYERS[kind](**settings).forward(np.array(at)[:, None])[0][:, 0]
        np.testing.assert_allclose(values, truth, rtol=1e-9, atol=1e-12, err_msg=f"{kind} {settings}")
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found[0], np.array(found[1]), rtol=1e-9, atol=1e-12)


def of_series(nn):
    """Layers over time, and what no other model here has."""
    image = nn.Input((10, 3, 2))
    x = nn.Normalization(mean=[0.2, 0.5], variance=[1.0, 2.0], name="told")(image)
    x = nn.Reshape((10, 6), name="series")(x)
    x = nn.ZeroPadding1D(2, name="zeros")(x)
    x = nn.SeparableConv1D(4, 3, depth_multiplier=2, activation="selu", name="separable")(x)
    x = nn.DepthwiseConv1D(3, padding="same", depth_multiplier=2, name="each")(x)
    x = nn.UpSampling1D(2, name="longer")(x)
    x = nn.Conv1DTranspose(3, 4, strides=2, padding="same", activation="mish", name="stamped")(x)
    x = nn.Cropping1D((1, 3), name="cropped")(x)
    x = nn.AveragePooling1D(3, strides=2, padding="same", name="means")(x)
    x = nn.Conv1D(4, 2, dilation_rate=3, groups=1, name="dilated")(
        nn.BatchNormalization(axis=1, name="steps")(x)
    )
    x = nn.Add(name="both")([nn.GlobalAveragePooling1D(name="mean")(x), nn.GlobalMaxPooling1D(name="top")(x)])
    x = nn.RepeatVector(3, name="again")(x)
    x = nn.Flatten(name="flat")(nn.Dropout(0.5, name="dropped")(x))
    return nn.Model(image, nn.Dense(2, activation="log_softmax", name="classes")(x), name="series")


def test_layers_over_time_and_where_their_cells_go():
    seen, draw = Seen(randomised(of_series(nn))), random.Random(5)
    cases = [(step["name"], cell_in(step["shape"], draw)) for step in seen.steps for _ in range(4)]
    works = ask(WORK, [seen.for_node()], cases=[(0, *case) for case in cases])
    assert check_all(seen, cases, works) < 1e-12
    assert "inOut" not in {work["rule"] for work in works}
    cells = [(slot, cell_in(seen.values[slot].shape, draw)) for step in seen.steps for slot in step["reads"]]
    places = [
        (slot, int(np.ravel_multi_index(place_in(seen.values[slot].shape, cell), seen.values[slot].shape)))
        for slot, cell in cells
    ]
    found = ask(GOES, [seen.for_node()], cells=cells, places=places)
    assert inverse_holds(found, seen, cells, places)[0]
    found["readings"].pop()
    assert not inverse_holds(found, seen, cells, places)[0]


WORDS = """
import { sightWords } from "./words/sight.js";
const result = sightWords;
"""


def test_every_sentence_is_there_in_both_languages():
    words = ask(WORDS, [])
    folder = PAGE / "sight"
    text = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.js")))
    texts = set(re.findall(r'"(sight[A-Z]\w*)"', text)) | {
        f"{one}{two}" for one in ("sightLargest", "sightSmallest") for two in ("", "OfAlike")
    }
    assert texts == words["en"].keys() == words["zh"].keys()
    for key, english in words["en"].items():
        held = [set(re.findall(r"{(\w+)}", one)) for one in (english, words["zh"][key])]
        assert held[0] == held[1], key


BIG = """
const [map, length] = [{ rows: 7, columns: 7, channels: 512 }, 9216];
const filled = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));
const conv = { name: "conv", kind: "Conv2D", settings: { kernel_size: 3, padding: "same" }, reads: [1], fills: 2,
  shape: [7, 7, 4], inputShape: [7, 7, 512], arrays: { kernel: { shape: [3, 3, 512, 4], data: filled(18432) } } };
const dense = { name: "dense", kind: "Dense", settings: {}, reads: [1], fills: 2, shape: [8], inputShape: [length],
  arrays: { kernel: { shape: [length, 8], data: filled(8 * length) } } };
const run = (step, n) => {
  const values = new Map([[1, filled(n)], [2, new Float32Array(196)]]);
  const begun = performance.now();
  const work = workCell([step], values, step.name, { row: 0, column: 0, channel: 3 });
  const most = largestTerms(work, 12);
  const took = performance.now() - begun;
  return { kind: work.terms.values.constructor.name, length: work.terms.length, took, sum: work.sum,
    most: most.terms.reduce((sum, term) => sum + term.product, most.rest.sum), rest: most.rest,
    sorted: most.terms.map(({ product }) => Math.abs(product)) };
};
const result = [run(conv, map.rows * map.columns * map.channels), run(dense, length)];
"""


def test_thousands_of_terms_lie_in_typed_arrays():
    for found, length, zeros in zip(ask(BIG, []), (4608, 9216), (5 * 512, 1), strict=True):
        assert (found["kind"], found["length"]) == ("Float64Array", length)
        assert found["took"] < 500
        assert found["most"] == pytest.approx(found["sum"], abs=1e-9)
        assert found["rest"]["count"] == length - 12
        assert found["rest"]["zeros"] >= zeros - 1
        assert found["sorted"] == sorted(found["sorted"], reverse=True)
