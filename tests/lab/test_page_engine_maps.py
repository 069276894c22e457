"""The maps of the lab page's engine: what explains a class is what the explainer makes with TensorFlow."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import json
import sys

import keras
import numpy as np
import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "program"))

from engine_runs import CLOSE, SHARED, packed, share_off, unpacked
from javascript import run_javascript
from test_machines import MODELS, randomised

from app.engine.machine import machine_for
from app.engine.replay.plain import as_program
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_steps
from app.maps.methods import METHODS
from app.maps.methods.method import Settings
from app.maps.open_model import ModelChoice, OpenModel
from app.program.written import as_json

pytestmark = [
    pytest.mark.keras,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:You are using a softmax"),
]

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
