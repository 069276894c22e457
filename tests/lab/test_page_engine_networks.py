"""The engine of the lab page, network by network: outputs, maps, gradients and explanations are TensorFlow's."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import copy
import json
import random
import sys

import keras
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.append(str(ROOT / "tests" / "program"))

from engine_runs import CLOSE, SHARED, packed, program_case, run_programs, share_off, unpacked
from golden import FOLDER
from javascript import run_javascript
from random_models import MERGES, kinds_for
from spellings import flat, nested, sequential
from test_machines import MODELS, randomised

from app.engine.machine import machine_for
from app.engine.replay.plain import as_program
from app.program.program import NotWrittenError
from app.program.written import as_json
from app.scratch.layers import LAYERS

pytestmark = [
    pytest.mark.keras,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:You are using a softmax"),
]
RULES = ("plain", "guided", "rectified")
REFUSALS = (ValueError, ZeroDivisionError, RuntimeError)

# The golden numbers

GOLDEN = """
const result = given.map(([stored, off]) => {
  const [, images] = stored.images;
  const [, seeds] = stored.seeds;
  const program = stored.program;
  const part = (name, n) => {
    const [[count], numbers] = stored[name];
    return numbers.slice(n * numbers.length / count, (n + 1) * numbers.length / count);
  };
  const machine = new Machine(program, Float64Array);
  if (off) machine.steps.find((step) => step.arrays.kernel).arrays.kernel.data[0] += off;
  const worst = {};
  for (let n = 0; n < 2; n++) {
    const image = Float64Array.from(part("images", n));
    const seed = part("seeds", n);
    const note = (name, found) => found.forEach((value, i) => {
      const wanted = part(name, n)[i];
      worst[name] = Math.max(worst[name] ?? 0, Math.abs(value - wanted) - 1e-7 * Math.abs(wanted));
    });
    note("outputs", machine.outputs(image));
    note("logits", machine.logits(image));
    for (const rule of ["plain", "guided", "rectified"]) {
      const run = machine.forward(image, { head: false, rule });
      const back = machine.pullBack(run, machine.outputSlot, seed);
      note(rule, back.get(machine.imageSlot));
      if (rule !== "plain") continue;
      const { fills } = machine.steps.find((step) => step.name === stored.layer);
      note("maps", run.values.get(fills));
      note("gradients", back.get(fills));
      const logits = run.values.get(machine.outputSlot);
      note("scores", [seed.reduce((sum, share, u) => sum + share * logits[u], 0)]);
    }
  }
  return worst;
});
"""


def test_the_page_gets_the_golden_numbers():
    stored = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    assert [each["program"]["name"] for each in stored] == ["chain", "lenet", "residual"]
    found = run_javascript(SHARED + GOLDEN, [[each, 0] for each in stored])
    for worst in found:
        assert set(worst) == {"outputs", "logits", *RULES, "maps", "gradients", "scores"}
        assert max(worst.values()) <= 2e-9, worst
    spoilt = run_javascript(SHARED + GOLDEN, [[each, 1e-6] for each in stored])
    assert all(max(worst.values()) > 2e-9 for worst in spoilt)


# Models against TensorFlow


def against_tensorflow(machine, count=2):
    """Return a case of a TensorFlow machine, and what it must give: by image, by name."""
    draw = np.random.default_rng(3)
    program = as_program(machine.program)
    images = draw.uniform(0, 1, (count, *program.image_shape)).astype("float32")
    seeds = draw.normal(size=(count, program.head.units)).astype("float32")
    turned = {step.outputs[0] for step in machine.program.steps if step.channels_first}
    slots = [step.outputs[0] for step in program.steps if step.outputs[0] not in turned]
    maps = [step for step in program.steps if len(step.shape) == 4 and step.outputs[0] in slots]
    wanted = {
        "outputs": machine.outputs(images),
        "logits": machine.outputs(images, head=False),
        **{rule: machine.pull_back(images, seeds, rule=rule) for rule in RULES},
        **{f"values {s.index}": v for s, v in zip(slots, machine.values(images, slots), strict=True)},
    }
    if maps:
        last = maps[-1]
        theirs = next(s for s in machine.program.steps if s.outputs == last.outputs)
        wanted[f"by {last.outputs[0].index}"] = machine.maps_and_gradients(images, seeds, [theirs])[1]
    written = json.loads(json.dumps(as_json(program)))
    return program_case(written, images, seeds, [slot.index for slot in slots]), wanted


def worst_of(case, runs, wanted):
    """Return the largest share by which any of the numbers differ, by name.

    Of a difference of large values little but their rounding may be left: it is a share of the largest of them.
    """
    least = {}
    for step in case["program"]["steps"]:
        read = [wanted[f"values {slot}"] for slot in step["reads"] if f"values {slot}" in wanted]
        if step["kind"] == "Subtract" and read:
            least[f"values {step['fills']}"] = max(float(np.abs(values).max()) for values in read)
    return {
        name: max(
            share_off(run[name], values[n].ravel(), least.get(name, 1e-6)) for n, run in enumerate(runs)
        )
        for name, values in wanted.items()
    }


def compare(pairs):
    found = run_programs([case for case, _ in pairs])
    return [worst_of(case, runs, wanted) for runs, (case, wanted) in zip(found, pairs, strict=True)]


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_models_of_every_make_equal_tensorflow():
    makers = {**MODELS, "spelt": lambda: flat("fused", "fused"), "in it": nested, "in a row": sequential}
    pairs = []
    for make in makers.values():
        keras.utils.set_random_seed(0)
        pairs.append(against_tensorflow(machine_for(randomised(make()))))
    for name, worst in zip(makers, compare(pairs), strict=True):
        assert max(worst.values()) <= CLOSE, (name, worst)


def test_another_weight_of_a_network_is_noticed():
    case, wanted = against_tensorflow(machine_for(randomised(flat("fused", "fused"))))
    assert max(worst_of(case, run_programs([case])[0], wanted).values()) <= CLOSE
    spoilt = worst_of(case, run_programs([with_other_weight(case)])[0], wanted)
    assert min(spoilt[name] for name in ("logits", "plain")) > CLOSE


def with_other_weight(case, part="kernel"):
    """Return a case with other numbers in the last of its kernels, or of its biases."""
    program = copy.deepcopy(case["program"])
    stored = [array for name, array in program["arrays"].items() if name.endswith(part)][-1]
    numbers = unpacked(stored["data"]).copy()
    numbers[: len(numbers) // 2] += 0.01
    stored["data"] = packed(numbers)
    return {**case, "program": program}


# Random models


def random_model(seed, depth, data):
    """Return a random network between a small image and three classes; None where Keras refuses a layer."""
    draw = random.Random(seed)
    image = keras.Input((draw.randint(3, 7), draw.randint(3, 7), draw.choice([2, 4])))
    x, earlier = image, [image]
    for _ in range(depth):
        partner = next((p for p in earlier[:-1] if p.shape == x.shape), None)
        try:
            if partner is not None and draw.random() < 0.3:
                x = getattr(keras.layers, draw.choice(MERGES))()([x, partner])
            else:
                kinds = kinds_for(tuple(map(int, x.shape[1:])))
                kind = draw.choice(sorted(set(kinds) & set(LAYERS)))
                arguments = {k: v for k, v in data.draw(kinds[kind]).items() if k != "data_format"}
                x = getattr(keras.layers, kind)(**arguments)(x)
        except REFUSALS:
            continue
        earlier.append(x)
    flat_ = keras.layers.Flatten()(x)
    return randomised(keras.Model(image, keras.layers.Dense(3, activation="softmax")(flat_)), seed % 1000)


def random_pairs(count):
    """Return cases of random models that NumPy can write down too, and how many were drawn."""
    pairs, drawn = [], []

    @settings(
        deadline=None,
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**63), st.integers(1, 6), st.data())
    def make(seed, depth, data):
        drawn.append(seed)
        try:
            machine = machine_for(random_model(seed, depth, data))
            pair = against_tensorflow(machine)
        except (*REFUSALS, NotWrittenError):
            return
        if all(np.isfinite(values).all() for values in pair[1].values()):
            pairs.append(pair)

    make()
    return pairs, len(drawn)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_random_models_equal_tensorflow():
    pairs, drawn = random_pairs(70)
    assert len(pairs) > drawn / 2
    kinds = {step["kind"] for case, _ in pairs for step in case["program"]["steps"]}
    assert len(kinds) > 20
    for (case, _), worst in zip(pairs, compare(pairs), strict=True):
        kinds = [step["kind"] for step in case["program"]["steps"]]
        assert max(worst.values()) <= CLOSE, (kinds, worst)
    spoilt = compare([(with_other_weight(case, "bias"), wanted) for case, wanted in pairs])
    assert min(worst["logits"] for worst in spoilt) > CLOSE
