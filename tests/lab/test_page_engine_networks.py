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
from test_machines import MODELS

from app.engine.machine import machine_for
from app.engine.replay.plain import as_program
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_steps
from app.maps.methods import METHODS
from app.maps.methods.method import Settings
from app.maps.open_model import ModelChoice, OpenModel
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


def randomised(model, seed=1):
    """Give a model weights of every sign, small enough for values to keep their size."""
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        low = 0.3 if "variance" in variable.name else -0.5
        width = max(1, np.sqrt(np.prod(variable.shape[:-1])) / 2)
        variable.assign(draw.uniform(low, 0.8, variable.shape) / width)
    return model


def test_another_weight_of_a_network_is_noticed():
    case, wanted = against_tensorflow(machine_for(randomised(flat("fused", "fused"))))
    assert max(worst_of(case, run_programs([case])[0], wanted).values()) <= CLOSE
    spoilt = worst_of(case, run_programs([with_other_weight(case)])[0], wanted)
    assert min(spoilt[name] for name in ("logits", "plain")) > CLOSE


def with_other_weight(case):
    """Return a case with another number in the last of its kernels."""
    program = copy.deepcopy(case["program"])
    stored = [array for name, array in program["arrays"].items() if name.endswith("kernel")][-1]
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
    spoilt = compare([(with_other_weight(case), wanted) for case, wanted in pairs])
    assert min(worst["logits"] for worst in spoilt) > CLOSE


# What is explained on MNIST, and how it is said

MNIST = """
const machine = new Machine(given.program);
const read = (name) => {
  const bytes = readFileSync(`${given.folder}/${name}`);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
};
const wanted = new Map(given.names.map((name) => [name, read(name)]));
const images = read("images");
const size = images.length / given.classes.length;
const worst = {};
const times = [];
given.classes.forEach((classIndex, n) => {
  const image = images.slice(n * size, (n + 1) * size);
  const start = performance.now();
  const run = machine.forward(image);
  const made = mapsOfClass(machine, run, { classIndex, methods: given.methods });
  times.push(performance.now() - start);
  const found = { ...Object.fromEntries([...run.values].map(([slot, data]) => [`values ${slot}`, data])),
    logits: run.values.get(machine.logitsSlot),
    ...Object.fromEntries(Object.entries(made.maps).map(([name, map]) => [name, map.data])) };
  for (const [name, numbers] of wanted) {
    const length = numbers.length / given.classes.length;
    let [off, largest] = [0, 1e-6];
    for (let i = 0; i < length; i++) {
      off = Math.max(off, Math.abs(found[name][i] - numbers[n * length + i]));
      largest = Math.max(largest, Math.abs(numbers[n * length + i]));
    }
    worst[name] = Math.max(worst[name] ?? 0, found[name].length === length ? off / largest : Infinity);
  }
});
const result = { worst, times };
"""


def explained(explainer, methods, images, classes):
    """Return the raw maps of some methods, by name."""
    targets = explainer.targets(classes)
    return {name: METHODS[name].compute(explainer, images, targets, Settings()).raw for name in methods}


@pytest.fixture
def on_mnist(mnist, tmp_path):
    """Compare the page with TensorFlow on the first test images: what differs by name, and the ms of each image."""

    def run(count, change=None):
        explainer = OpenModel(ModelChoice("mnist", machine="tensorflow")).explainer
        machine = explainer.machine
        images = mnist.test_images[:count].astype("float32") / 255
        classes = mnist.test_labels[:count].tolist()
        slots = [step.outputs[0] for step in machine.program.steps]
        values = machine.values(images, slots)
        arrays = {f"values {slot.index}": value for slot, value in zip(slots, values, strict=True)}
        arrays["logits"] = machine.outputs(images, head=False)
        methods = ["vanilla", "gradient-input", "guided", "relu", "gradcam", "layercam", "hirescam"]
        arrays |= explained(explainer, methods, images, classes)
        for name, array in {**arrays, "images": images}.items():
            np.ascontiguousarray(array, "<f4").tofile(tmp_path / name)
        program = json.loads(json.dumps(as_json(as_program(machine.program))))
        if change:
            change(program)
        given_ = {"program": program, "folder": str(tmp_path), "classes": classes}
        return run_javascript(SHARED + MNIST, {**given_, "names": list(arrays), "methods": methods})

    return run


@pytest.mark.slow
def test_300_images_of_mnist_equal_tensorflow(on_mnist):
    found = on_mnist(300)
    assert len(found["worst"]) == 13 + 1 + 7
    assert {name: off for name, off in found["worst"].items() if off > CLOSE} == {}
    assert np.median(found["times"]) < 40, found["times"]


def test_another_weight_of_mnist_is_noticed(on_mnist):
    def change(program):
        stored = program["arrays"]["conv2:linear/kernel"]
        numbers = unpacked(stored["data"]).copy()
        numbers[7] += 0.01
        stored["data"] = packed(numbers)

    assert max(on_mnist(3)["worst"].values()) <= CLOSE
    worst = on_mnist(3, change)["worst"]
    assert min(worst[name] for name in ("logits", "vanilla", "gradcam")) > CLOSE


EXPLAIN = """
const result = given.map(({ program, image, methods, asked, layer }) => {
  const machine = new Machine(program);
  const run = machine.forward(unpack(image));
  const { maps, score } = mapsOfClass(machine, run, { ...asked, methods, layer });
  return { score, layers: stepsWithMaps(machine).map((step) => step.name),
    chosen: stepsOfClassMap(machine).map((step) => step.name), classes: classCount(machine.program),
    probabilities: [...probabilitiesOf(program.head, machine.outputs(unpack(image)))],
    maps: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, [map.shape, pack(map.data)]])),
    pictures: Object.fromEntries(Object.entries(maps).map(([name, map]) =>
      [name, [pack(pictureOfMap(map)), pack(pictureOfMap(map, true))]])) };
});
"""


def ensemble():
    image = keras.Input((10, 10, 1))
    members = []
    for n in range(3):
        maps = keras.layers.Conv2D(2, 3, activation="relu", name=f"c{n}")(image)
        members.append(keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(maps)))
    return keras.Model(image, keras.layers.Average()(members))


CHOICES = {
    "one sigmoid unit": (MODELS["one sigmoid unit"], {"classIndex": 0}, None),
    "one raw unit": (MODELS["one raw unit"], {"classIndex": 1, "against": 0}, None),
    "residual": (MODELS["residual"], {"classIndex": 2, "against": 1}, None),
    "a named layer": (MODELS["residual"], {"classIndex": 2}, "average_pooling2d"),
    "an ensemble": (ensemble, {"classIndex": 1}, None),
    "lenet5": (MODELS["lenet5"], {"classIndex": 7}, None),
}


@pytest.mark.usefixtures("eagerly")
def test_classes_layers_and_pictures_are_the_explainers():
    methods = ["vanilla", "gradient-input", "guided", "gradcam", "hirescam"]
    cases, wanted = [], []
    for make, asked, layer in CHOICES.values():
        keras.backend.clear_session()
        explainer = Explainer(machine_for(randomised(make())))
        image = np.random.default_rng(0).uniform(0, 1, (1, *explainer.model.image_shape)).astype("float32")
        program = json.loads(json.dumps(as_json(as_program(explainer.model))))
        cases.append(
            {"program": program, "image": packed(image), "methods": methods, "asked": asked, "layer": layer}
        )
        against = [asked["against"]] if "against" in asked else None
        targets = explainer.targets([asked["classIndex"]], against)
        chosen = [step.name for step in find_feature_steps(explainer.model, None)]
        made = {
            name: METHODS[name].compute(explainer, image, targets, Settings(layer=layer)).raw
            for name in methods
        }
        score = (explainer.logits(image) * targets).sum()
        wanted.append((made, score, chosen, explainer.probabilities(image)[0]))
    others = [
        {**case, "asked": {**case["asked"], "classIndex": 1 - case["asked"]["classIndex"] % 2}}
        for case in cases
    ]
    found = run_javascript(SHARED + EXPLAIN, cases + others)
    for other, (made, *_) in zip(found[len(cases) :], wanted, strict=True):  # another class is told from it
        assert share_off(unpacked(other["maps"]["vanilla"][1]), made["vanilla"][0].ravel()) > CLOSE
    found = found[: len(cases)]
    for ours, (made, score, chosen, probabilities) in zip(found, wanted, strict=True):
        assert ours["chosen"] == chosen
        assert ours["classes"] == len(probabilities)
        assert share_off(ours["probabilities"], probabilities) <= CLOSE
        assert share_off([ours["score"]], [score]) <= CLOSE
        for name, raw in made.items():
            shape, data = ours["maps"][name]
            assert share_off(unpacked(data, shape), raw[0]) <= CLOSE, name
            for is_signed in (False, True):
                picture = METHODS[name].picture(raw, is_signed=is_signed)[0].ravel()
                assert share_off(unpacked(ours["pictures"][name][is_signed]), picture) <= CLOSE, name
