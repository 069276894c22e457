"""How the page works out a cell: products, sums and formulas against NumPy, Keras and the walk; where a cell goes."""

import copy
import random

import numpy as np
import pytest
from sighted import (
    GOES,
    SUMS,
    WORK,
    Seen,
    ask,
    branched,
    cell_in,
    cells_of,
    check_all,
    check_work,
    inverse_holds,
    of_many_kinds,
    packed,
    place_in,
    randomised,
)

from app.maps.open_model import ModelChoice, OpenModel
from app.scratch.build import build_network
from app.scratch.vocabulary import nn
from app.workings.cells import open_layers, work_out
from models import find_network

pytestmark = pytest.mark.browser
NETWORKS = ("lenet5", "numpy_cnn", "lecun1989", "neocognitron", "resnet20")


@pytest.fixture(scope="module")
def programs():
    """Each program run for one image: in float64, but for the network that is shipped."""
    found = {name: Seen(randomised(build_network(find_network(name)))) for name in NETWORKS}
    found |= {build.__name__: Seen(randomised(build(nn))) for build in (branched, of_many_kinds)}
    found["mnist"] = Seen(OpenModel(ModelChoice("mnist")).explainer.machine.program)
    return found


def test_the_products_of_a_cell_come_to_its_value(programs):
    draw = random.Random(0)
    cases = [(p, *each) for p, seen in enumerate(programs.values()) for each in cells_of(seen, draw, 60)]
    works = ask(WORK, [seen.for_node() for seen in programs.values()], cases=cases)
    worst, rules = {}, {}
    for (p, name, cell), work in zip(cases, works, strict=True):
        seen = list(programs.values())[p]
        key = list(programs)[p]
        worst[key] = max(worst.get(key, 0.0), check_work(work, seen, name, cell))
        rules[work["rule"]] = rules.get(work["rule"], 0) + 1
    assert len(cases) >= 480
    assert max(value for name, value in worst.items() if name != "mnist") < 1e-12  # these are in float64
    expected = {*SUMS, "product", "softmax", "log_softmax", "function", "normalise", "near", "inOut"} - {
        "log_softmax"
    }
    assert expected <= set(rules), expected - set(rules)


def test_the_products_are_those_of_the_walk(programs):
    """The second witness works cells out in Python, and asks layers without a formula for their gradient."""
    draw = random.Random(1)
    names = ("branched", "of_many_kinds", "lenet5", "resnet20", "lecun1989")
    cases, compared = [], 0
    for p, name in enumerate(names):
        for step, cell in cells_of(programs[name], draw, 40):
            cases.append((p, step.removesuffix(":linear"), cell))
    works = ask(WORK, [programs[name].for_node() for name in names], cases=cases)
    for (p, name, cell), work in zip(cases, works, strict=True):
        seen = programs[names[p]]
        layer = open_layers(seen.machine, seen.image, [name])[0]
        theirs = work_out(layer, place_in(layer.output.shape, cell))
        if seen.program.head.slot is None or seen.by_name[name]["fills"] != seen.program.head.slot.index:
            assert work["value"] == pytest.approx(theirs.value, rel=1e-9, abs=1e-9), (name, cell)
        if theirs.chosen is not None:
            place = work["places"][work["winner"]]
            shape = layer.inputs[0].shape if layer.inputs[0].ndim == 3 else (1, *layer.inputs[0].shape)
            assert np.unravel_index(place, shape)[:2] == theirs.chosen
        if theirs.one is None or work["rule"] not in (*SUMS, "function"):
            continue
        reads = [layer.inputs[term.source].shape for term in theirs.one.terms]
        wanted = {
            (term.source, np.ravel_multi_index(term.at, shape) if len(term.at) == len(shape) else None): term
            for term, shape in zip(theirs.one.terms, reads, strict=True)
            if not term.is_border and term.weight
        }
        if any(place is None for _, place in wanted):
            continue
        mine = {}
        weights = [1.0] if work["weights"] is None else work["weights"]
        for n, place, weight in zip(work["inputs"], work["places"], weights, strict=True):
            if place >= 0:
                mine[n, place] = mine.get((n, place), 0.0) + weight
        mine = {key: weight for key, weight in mine.items() if weight}
        wanted = {key: term.weight for key, term in wanted.items()}
        assert mine.keys() == wanted.keys(), (name, cell)
        for key, weight in wanted.items():
            assert mine[key] == pytest.approx(weight, rel=1e-9, abs=1e-12), (name, cell)
        compared += len(mine)
    assert compared > 5000


def test_a_wrong_weight_or_value_is_seen(programs):
    """The check can fail: node is given another weight, another place of padding, another value."""
    seen = programs["branched"]
    draw = random.Random(2)
    cells = [("narrow", cell_in(seen.by_name["narrow"]["shape"], draw)) for _ in range(6)]
    cells += [("left", {"row": 0, "column": 0, "channel": n}) for n in range(6)]
    good = seen.for_node()
    cases = [(0, *cell) for cell in cells]
    check_all(seen, cells, ask(WORK, [good], cases=cases))
    for change in ("weight", "dilation", "value"):
        bad = copy.deepcopy(good)
        for step in bad["steps"]:
            if step["name"] == "narrow" and change == "weight":
                kernel = next(s.arrays["kernel"] for s in seen.program.steps if s.name == "narrow")
                step["arrays"]["kernel"] = packed(kernel * (1 + 1e-4))
            if step["name"] == "left:linear" and change == "dilation":
                step["settings"]["dilation_rate"] = 1
        if change == "value":
            bad["values"]["3"] = packed(seen.values[3] + 1e-5)
        with pytest.raises(AssertionError):
            check_all(seen, cells, ask(WORK, [bad], cases=cases))


def test_a_layer_and_its_activation_are_two_stages(programs):
    seen, cell = programs["branched"], {"row": 2, "column": 3, "channel": 1}
    names = ("separable", "separable:linear", "classes")
    cases = [(0, "separable", cell), (0, "separable:linear", cell), (0, "classes", {"channel": 2})]
    whole, linear, classes = ask(WORK, [seen.for_node()], cases=cases)
    assert (whole["activation"], whole["layer"], linear["activation"]) == ("gelu", "separable", None)
    assert [stage[0] for stage in whole["more"]] == ["sum", "function"]
    assert whole["before"] == linear["value"] == pytest.approx(seen.values[9][2, 3, 1])
    assert classes["activation"] == "softmax"
    assert classes["value"] == pytest.approx(seen.values[seen.by_name["classes"]["fills"]][2])
    assert len(names) == len(cases)


PARTS = """
const { steps, values } = programs[0];
const work = workCell(steps, values, "separable:linear", { row: 2, column: 3, channel: 1 });
const { depthwise, between, weights, products } = work.parts;
const most = largestTerms(work, 5);
const norm = workCell(steps, values, "norm", { row: 1, column: 1, channel: 3 });
const layer = workCell(steps, values, "layer_norm", { row: 1, column: 1, channel: 3 });
const unknown = workCell([{ ...steps[0], kind: "Mystery" }], values, steps[0].name, { row: 0, column: 0, channel: 0 });
let refused = "";
try { workCell(steps, values, "norm", { row: 99, column: 0, channel: 0 }); } catch (error) { refused = error.message; }
const result = { between, weights, products, first: depthwise(3), sum: work.sum, values: work.terms.values, most,
  norm: norm.parts, normBias: norm.bias, layer: layer.parts, refused,
  unknown: [unknown.rule, unknown.note, unknown.value] };
"""


def test_parts_of_separable_convolutions_and_normalisations(programs):
    seen = programs["branched"]
    found = ask(PARTS, [seen.for_node()])
    arrays = {step.name: step.arrays for step in seen.program.steps}
    assert sum(found["products"]) == pytest.approx(found["sum"], abs=1e-12)
    own = arrays["separable:linear"]
    np.testing.assert_allclose(found["weights"], own["pointwise_kernel"][0, 0, :, 1])
    first = found["first"]
    assert np.dot(first["values"], first["weights"]) == pytest.approx(found["between"][3])
    np.testing.assert_allclose(first["weights"], own["depthwise_kernel"][:, :, 1, 1].ravel())
    assert [found["values"][i] for i in first["indices"]] == first["values"]
    terms, rest = found["most"]["terms"], found["most"]["rest"]
    assert len(terms) == 5
    assert sum(t["product"] for t in terms) + rest["sum"] == pytest.approx(found["sum"], abs=1e-12)
    assert rest["count"] == len(found["values"]) - 5
    norm = {name: array[3] for name, array in arrays["norm"].items()}
    for name, key in (
        ("mean", "moving_mean"),
        ("variance", "moving_variance"),
        ("gamma", "gamma"),
        ("beta", "beta"),
    ):
        assert found["norm"][name] == pytest.approx(norm[key])
    place = seen.values[seen.by_name["layer_norm"]["reads"][0]][1, 1]
    assert found["layer"]["mean"] == pytest.approx(place.mean())
    assert found["layer"]["variance"] == pytest.approx(place.var())
    assert found["unknown"][0] == "inOut"
    assert found["unknown"][1]["say"] == "sightInOut"
    assert found["unknown"][2] == seen.values[2][0, 0, 0]
    assert "no cell 99, 0, 0" in found["refused"]


def test_where_a_cell_goes_is_the_inverse_of_where_terms_come_from(programs):
    draw, total = random.Random(3), 0
    for name in ("branched", "of_many_kinds"):
        seen = programs[name]
        read = [slot for step in seen.steps for slot in step["reads"]]
        cells = [(slot, cell_in(seen.values[slot].shape, draw)) for slot in [*read, *read]]
        shapes = [seen.values[slot].shape for slot, _ in cells]
        places = [
            (slot, int(np.ravel_multi_index(place_in(shape, cell), shape)))
            for (slot, cell), shape in zip(cells, shapes, strict=True)
        ]
        found = ask(GOES, [seen.for_node()], cells=cells, places=places)
        holds, compared = inverse_holds(found, seen, cells, places)
        assert holds
        total += compared
        for tamper in (
            lambda wrong: wrong["goes"][0].pop(),
            lambda wrong: next(to for to in wrong["goes"][0] if to["weights"])["weights"].__setitem__(0, 9.0),
            lambda wrong: wrong["readings"].pop(),
        ):
            wrong = copy.deepcopy(found)
            tamper(wrong)
            assert not inverse_holds(wrong, seen, cells, places)[0]
    assert total > 500
