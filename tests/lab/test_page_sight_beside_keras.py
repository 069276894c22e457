"""How the page works out a cell, on the page's own machine, against what Keras computes."""

import app.engine  # noqa: F401, I001

import random

import keras
import numpy as np
import pytest
from sighted import ask, packed

from app.counting.stored.model_files import read_config
from app.engine.build import build_model
from app.files.saved import SHIPPED_MODELS
from app.program.written import as_json
from app.scratch.reading import read_program
from models import find_network

pytestmark = [pytest.mark.keras, pytest.mark.browser]
layers = keras.layers
NEAR = 1e-6
"""Of a layer's largest value, for what the page works out; Keras computes in float32."""
CELLS = """
import { Machine } from "./engine/machine.js";
const result = given.written.map(({ program, image, cases }) => {
  const machine = new Machine(program);
  const { values } = machine.forward(Float32Array.from(image));
  return cases.map(([name, cell]) => {
    const { value, kept, difference, sum, bias, before, terms } = workCell(machine.steps, values, name, cell);
    const added = terms.products ? terms.products.reduce((a, b) => a + b, bias ?? 0) : before;
    return { value, kept, difference, before, added, rule: workCell(machine.steps, values, name, cell).rule };
  });
});
"""


def randomised(model, seed=0):
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        positive = "variance" in variable.name or "gamma" in variable.name
        size = 1 / np.sqrt(max(1, np.prod(variable.shape[:-1]))) if "kernel" in variable.name else 0.3
        values = draw.uniform(0.4, 1.2, variable.shape) if positive else draw.normal(0, size, variable.shape)
        variable.assign(values)
    return model


def own():
    """A user's own model: a residual branch, groups, dilation, and each kind of convolution."""
    image = keras.Input((12, 13, 4))
    left = layers.Conv2D(6, 3, dilation_rate=2, padding="same", groups=2, activation="relu", name="left")(
        image
    )
    right = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="right")(image)
    right = layers.Conv2D(6, 1, name="narrow")(layers.BatchNormalization(name="norm")(right))
    x = layers.LeakyReLU(name="leaky")(layers.Add(name="add")([left, right]))
    x = layers.SeparableConv2D(5, 3, strides=2, padding="same", activation="gelu", name="separable")(x)
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="tanh", name="larger")(x)
    x = layers.Concatenate(name="beside")([x, layers.UpSampling2D(1, name="up")(x)])
    x = layers.AveragePooling2D(3, strides=2, padding="same", name="mean")(x)
    x = layers.MaxPooling2D(2, padding="same", name="most")(x)
    x = layers.LayerNormalization(name="layer_norm")(x)
    x = layers.GlobalAveragePooling2D(name="global")(x)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x))


def truth(model, image, names):
    found = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])(image[None])
    return {name: np.asarray(value[0], np.float64) for name, value in zip(names, found, strict=True)}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Written programs with images and cells, what node works out, and Keras' tensors."""
    folder = tmp_path_factory.mktemp("models")
    models = {
        "own": randomised(own()),
        "lenet5": randomised(build_model(find_network("lenet5"))),
        "numpy_cnn": randomised(build_model(find_network("numpy_cnn"))),
        "mnist": keras.saving.load_model(SHIPPED_MODELS / "mnist.keras", compile=False),
    }
    draw, written, tensors = random.Random(0), [], []
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
        program = read_program(folder / f"{name}.keras", read_config(folder / f"{name}.keras"))
        image = np.random.default_rng(1).uniform(0, 1, program.image_shape).astype("float32")
        names = [each.name for each in model.layers if not isinstance(each, layers.InputLayer)]
        found = truth(model, image, names)
        cases = []
        for each in [*names, *draw.choices(names, k=80 - len(names))]:
            shape = (1,) * (3 - found[each].ndim) + found[each].shape
            at = map(draw.randrange, shape)
            cases.append((each, dict(zip(("row", "column", "channel"), at, strict=True))))
        written.append({"program": as_json(program), "image": image.ravel().tolist(), "cases": cases})
        tensors.append(found)
    return list(models), written, tensors, ask(CELLS, [], written=written)


def check(cases, works, tensors, near=NEAR):
    """Hold workings against Keras' tensors; return the worst difference, of the layer's largest value."""
    worst = 0.0
    for (name, cell), work in zip(cases, works, strict=True):
        tensor = tensors[name]
        value = tensor[tuple(cell.values())[3 - tensor.ndim :]]
        largest = float(np.abs(tensor).max()) or 1.0
        for found in (work["value"], work["kept"]):
            assert abs(found - value) <= near * largest, (name, cell, abs(found - value) / largest)
            worst = max(worst, abs(found - value) / largest)
        if work["before"] is not None:
            assert work["added"] == pytest.approx(work["before"], rel=1e-9, abs=1e-9)
    return worst


def test_the_pages_working_is_what_keras_computes(asked):
    _, written, tensors, works = asked
    for one, tensor, work in zip(written, tensors, works, strict=True):
        assert len(work) == 80
        assert check(one["cases"], work, tensor) <= NEAR


def test_another_models_tensors_are_told_apart(asked):
    _, written, tensors, works = asked
    wrong = {name: tensor * (1 + 1e-5) for name, tensor in tensors[0].items()}
    with pytest.raises(AssertionError):
        check(written[0]["cases"], works[0], wrong)


GROUPS = """
const { steps, values } = programs[0];
const result = given.cells.map((cell) => {
  const work = workCell(steps, values, "groups", cell);
  return [work.rule, work.value, work.terms.length, fieldOf(steps, 2, cell).count];
});
"""


def test_a_group_normalisation_is_worked_out_too():
    """NumPy has none: the step is written by hand."""
    draw = np.random.default_rng(0)
    image = draw.normal(size=(5, 4, 6)).astype("float32")
    layer = layers.GroupNormalization(groups=3)
    layer.build((None, 5, 4, 6))
    layer.gamma.assign(draw.uniform(0.5, 1.5, 6))
    layer.beta.assign(draw.normal(size=6))
    output = np.asarray(layer(image[None]))[0]
    step = {
        "name": "groups",
        "kind": "GroupNormalization",
        "settings": {"groups": 3, "axis": -1, "epsilon": 1e-3},
    }
    step |= {"reads": [1], "fills": 2, "shape": [5, 4, 6], "inputShape": [5, 4, 6]}
    step["arrays"] = {"gamma": packed(np.asarray(layer.gamma)), "beta": packed(np.asarray(layer.beta))}
    program = {"steps": [step], "values": {"1": packed(image), "2": packed(output)}}
    cells = [{"row": r, "column": c, "channel": f} for r, c, f in np.ndindex(5, 4, 6)]
    for cell, (rule, value, terms, pixels) in zip(cells, ask(GROUPS, [program], cells=cells), strict=True):
        assert (rule, terms, pixels) == ("normalise", 40, 20)
        assert value == pytest.approx(float(output[tuple(cell.values())]), abs=1e-6)
