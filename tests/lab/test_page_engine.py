"""The engine of the lab page, layer by layer: output and gradients are Keras', for every setting that NumPy has."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import sys

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.append(str(ROOT / "tests" / "scratch"))  # the grid by which NumPy's layers are held against Keras

from comparing import REFUSALS, precision, pull_keras, seeds_for
from engine_runs import CLOSE, SHARED, layer_case, packed, run_layers, share_off, unpacked
from javascript import run_javascript
from layer_examples import EXAMPLES, GRID
from test_scratch_layers import WITHOUT_TIES, images_for, pair, twins

from app.scratch.layers import LAYERS

pytestmark = [
    pytest.mark.keras,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:You are using a softmax"),
]
LEFT_OUT = ()
"""Kinds that NumPy has and the page does not."""
KINDS = sorted(LAYERS)


@pytest.fixture(autouse=True)
def in_double():
    """Keras is the witness in float64, so that what differs is the page's rounding alone."""
    with precision("float64"):
        yield


def test_the_page_has_every_layer_that_numpy_has():
    text = """
    const result = {
      has: Object.keys(LAYERS),
      known: given.map(([kind, settings]) => supports(kind, settings)),
      lacks: [supports("GroupNormalization", {}), supports("Conv2D", { filters: 2, kernel_size: 3, turned: true }),
        supports("Activation", { activation: "sine" }), supports("toString"), supports("Conv2D", { padding: "odd" })],
    };"""
    told = [[kind, LAYERS[kind](**EXAMPLES[kind][1]).settings | {"activation": None}] for kind in KINDS]
    told = [[kind, s | ({"activation": "tanh"} if kind == "Activation" else {})] for kind, s in told]
    found = run_javascript(SHARED + text, told)
    assert sorted(found["has"]) == sorted(set(KINDS) - set(LEFT_OUT))
    assert found["known"] == [kind not in LEFT_OUT for kind in KINDS]
    assert found["lacks"] == [False] * 5


def case_of(kind, shapes, arguments, ties=False):
    """Return (what, case, Keras' output and gradients); None if Keras has no code for it, or none to trust.

    Groups with a dilation: TensorFlow 2.21's gradient of them reads beyond its memory.
    """
    if arguments.get("groups", 1) > 1 and max(pair(arguments.get("dilation_rate", 1))) > 1:
        return None
    both = twins(kind, shapes, arguments)
    if both is None:
        return None
    ours, theirs = both
    images = images_for(shapes, kind, ties and kind not in WITHOUT_TIES)
    try:
        output, gradients, _ = pull_keras(theirs, images)
    except REFUSALS:
        return None
    case = layer_case(ours, images, output, seeds_for(output))
    return f"{kind} {arguments} of {shapes}{' with ties' * ties}", case, output, gradients


def off_by(runs, output, gradients):
    """Return the largest share by which a layer's numbers differ from Keras'."""
    shares = []
    for n, (shape, ours, backs) in enumerate(runs):
        assert shape == output.shape[1:]
        shares.append((ours, output[n]))
        shares += [(back, gradient[n]) for back, gradient in zip(backs, gradients, strict=True)]
    return max(share_off(one, other.ravel()) for one, other in shares)


def drawn(kind, count):
    """Return cases of a kind, drawn from the grid of its settings, half of them with equal values."""
    found = []

    @settings(
        deadline=None,
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data):
        shapes, arguments = data.draw(GRID[kind])
        found.append(case_of(kind, shapes, arguments, len(found) % 2 == 1))

    draw()
    return [case for case in found if case is not None]


def compare(cases):
    runs = run_layers([case for _, case, _, _ in cases])
    found = zip(cases, runs, strict=True)
    return {what: off_by(run, output, gradients) for (what, _, output, gradients), run in found}


def test_an_example_of_every_layer_equals_keras():
    cases = [case_of(kind, *EXAMPLES[kind], ties) for kind in KINDS for ties in (False, True)]
    assert None not in cases
    worst = compare(cases)
    assert {what: off for what, off in worst.items() if off > CLOSE} == {}


@pytest.mark.slow
def test_every_setting_of_every_layer_equals_keras():
    cases = [case for kind in KINDS for case in drawn(kind, 7)]
    assert len(cases) > 4 * len(KINDS)
    worst = compare(cases)
    assert {what: off for what, off in worst.items() if off > CLOSE} == {}


WINDOWS = [
    (kind, size, {"strides": stride, "padding": padding, "dilation_rate": dilation, "kernel_size": (3, 2)})
    for kind in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")
    for size in ((7, 8), (6, 9))
    for stride, dilation in ((1, 1), (1, 2), (2, 1), (3, 1))
    for padding in ("valid", "same")
]
POOLS = [
    (kind, size, {"strides": stride, "padding": padding, "pool_size": pool})
    for kind in ("MaxPooling2D", "AveragePooling2D", "SumPooling2D")
    for size in ((7, 8), (6, 9))
    for stride in (1, 2, 3)
    for padding in ("valid", "same")
    for pool in (2, 3)
]


@pytest.mark.slow
def test_odd_and_even_sizes_strides_and_paddings_equal_keras():
    cases = []
    for kind, size, told in WINDOWS:
        filters = {} if kind == "DepthwiseConv2D" else {"filters": 4}
        groups = {"groups": 2} if kind == "Conv2D" and told["dilation_rate"] == 1 else {}
        cases.append(case_of(kind, [(*size, 4)], {**told, **filters, **groups}))
    cases += [case_of(kind, [(*size, 2)], told, kind == "MaxPooling2D") for kind, size, told in POOLS]
    cases = [case for case in cases if case is not None]
    assert len(cases) > 120
    worst = compare(cases)
    assert {what: off for what, off in worst.items() if off > CLOSE} == {}


@pytest.mark.parametrize("kind", ["Conv2D", "Dense", "BatchNormalization", "Conv2DTranspose", "RadialBasis"])
def test_one_other_weight_is_noticed(kind):
    case = case_of(kind, *EXAMPLES[kind])
    array = next(iter(case[1]["steps"][0]["arrays"].values()))
    numbers = unpacked(array["data"]).copy()
    numbers[0] += 0.01
    array["data"] = packed(numbers)
    assert max(compare([case]).values()) > CLOSE


def test_the_last_of_equal_values_is_noticed():
    """A gradient that goes to another of the largest cells is told from Keras'."""
    case = case_of("MaxPooling2D", [(6, 6, 4)], {"pool_size": 2}, True)
    (run,) = run_layers([case[1]])
    turned = [
        (shape, ours, [back.reshape(6, 6, 4)[::-1, ::-1].ravel() for back in backs])
        for shape, ours, backs in run
    ]
    assert off_by(run, *case[2:]) <= CLOSE < off_by(turned, *case[2:])
