"""Programs, images and values for tests of what the page says of a cell, and the way to node and back."""

import base64

import numpy as np
from javascript import run_javascript

from app.program.written import as_json
from app.scratch.calls import as_step
from app.scratch.machine import NumpyMachine
from app.scratch.vocabulary import nn
from app.scratch.writing import as_program

IMPORTS = """
import { fieldOf, fieldSize, seenIn } from "./sight/fields.js";
import { largestTerms, workCell } from "./sight/cells.js";
import { goesTo, pathToPixels } from "./sight/paths.js";
"""
DECODE = """
const numbers = (stored) => {
  const bytes = Uint8Array.from(Buffer.from(stored.data, "base64")).buffer;
  return stored.type === "float64" ? new Float64Array(bytes) : new Float32Array(bytes);
};
const programs = given.programs.map(({ steps, values }) => ({
  steps: steps.map((step) => ({
    ...step,
    arrays: Object.fromEntries(
      Object.entries(step.arrays).map(([name, array]) => [name, { shape: array.shape, data: numbers(array) }])),
  })),
  values: new Map(Object.entries(values).map(([slot, array]) => [Number(slot), numbers(array)])),
}));
"""


def ask(text, programs, **given):
    """Return `result` of a JavaScript text that finds `programs` ({steps, values}) and `given`."""
    return run_javascript(IMPORTS + DECODE + text, {"programs": programs, **given})


def packed(array, dtype="float64"):
    """Return an array as JSON keeps it."""
    array = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<"))
    return {"shape": list(array.shape), "type": dtype, "data": base64.b64encode(array.tobytes()).decode()}


def shapes_only(network, classes=None, size=None):
    """Return the steps of a network of the catalogue without arrays: enough for fields."""
    return steps_of(network.builder(nn, **network.arguments(classes, size)))


def steps_of(model):
    """Return the steps of a network of `app.scratch`, without their arrays."""
    steps = [as_step(node, model.shapes) for node in model.nodes]
    return [
        {
            "name": step.name,
            "kind": step.kind,
            "settings": dict(step.settings),
            "reads": [slot.index for slot in step.reads],
            "fills": step.outputs[0].index,
            "shape": list(step.shape[1:]),
            "inputShape": list(step.input_shape[1:]),
            "arrays": {},
        }
        for step in steps
    ]


class Seen:
    """A program run by NumPy for one image: its steps for node, and all its values."""

    def __init__(self, program, seed=0, dtype=None):
        self.program, self.machine = program, NumpyMachine(program)
        draw = np.random.default_rng(seed)
        self.image = draw.uniform(0, 1, program.image_shape).astype(program.dtype)
        self.values = {k: v[0] for k, v in self.run(self.image[np.newaxis]).items()}
        self.steps = as_json(program)["steps"]
        shapes = {slot: list(value.shape) for slot, value in self.values.items()}
        for step, own in zip(self.steps, program.steps, strict=True):
            step["inputShape"] = shapes[step["reads"][0]]
            step["arrays"] = {name: packed(a, dtype or program.dtype) for name, a in own.arrays.items()}
        self.by_name = {step["name"]: step for step in self.steps}

    def run(self, images):
        """Return all values of a batch of images, by slot."""
        return self.machine.network.forward(images).values

    def for_node(self):
        """Return what node is given of it."""
        values = {str(slot): packed(value, self.program.dtype) for slot, value in self.values.items()}
        return {"steps": self.steps, "values": values}


def randomised(model, seed=0):
    """Return the program of a network of `app.scratch` in float64 with weights of which none is the usual one."""
    draw = np.random.default_rng(seed)
    program = as_program(model.astype("float64"))
    for step in program.steps:
        for name, array in step.arrays.items():
            if step.kind in ("RadialBasis",):
                continue
            positive = "variance" in name or name in ("gamma", "excitation")
            size = 1 / np.sqrt(max(1, np.prod(array.shape[:-1]))) if "kernel" in name else 0.3
            array[...] = (
                draw.uniform(0.4, 1.2, array.shape) if positive else draw.normal(0, size, array.shape)
            )
    return program


def branched(nn):
    """A residual branch, groups, dilation, a depthwise, a separable and a transposed convolution, normalisations."""
    image = nn.Input((11, 12, 4))
    left = nn.Conv2D(6, 3, dilation_rate=2, padding="same", groups=2, activation="relu", name="left")(image)
    right = nn.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="right")(image)
    right = nn.Conv2D(6, 1, name="narrow")(nn.BatchNormalization(name="norm")(right))
    x = nn.LeakyReLU(0.2, name="leaky")(nn.Add(name="add")([left, right]))
    x = nn.SeparableConv2D(
        5, 3, strides=2, padding="same", depth_multiplier=2, activation="gelu", name="separable"
    )(x)
    x = nn.Conv2DTranspose(4, 3, strides=2, padding="same", activation="tanh", name="larger")(x)
    x = nn.Concatenate(name="beside")([x, nn.UpSampling2D(1, name="up")(x)])
    x = nn.AveragePooling2D(3, strides=2, padding="same", name="mean")(x)
    x = nn.MaxPooling2D(2, padding="same", name="most")(x)
    x = nn.LayerNormalization(name="layer_norm")(x)
    x = nn.GlobalAveragePooling2D(name="global")(x)
    return nn.Model(image, nn.Dense(3, activation="softmax", name="classes")(x), name="branched")


def of_many_kinds(nn):
    """What the others lack: joins, resizing, borders, gates, turned maps, activations."""
    image = nn.Input((9, 8, 3))
    x = nn.Rescaling(2.0, offset=-1.0, name="rescaled")(image)
    x = nn.ConstantPadding2D(((1, 0), (0, 2)), value=-1.0, name="border")(x)
    x = nn.Conv2DTranspose(4, (2, 3), strides=(3, 2), name="stamped")(x)
    x = nn.Resizing(13, 11, name="resized")(x)
    x = nn.Cropping2D(((1, 2), (0, 1)), name="cropped")(x)
    x = nn.LocalResponseNormalization(2, bias=1.5, alpha=0.3, beta=0.7, name="near")(x)
    gate = nn.Dense(4, activation="sigmoid", name="gate")(nn.GlobalMaxPooling2D(keepdims=True, name="top")(x))
    x = nn.Multiply(name="gated")([x, gate])
    y = nn.PReLU(shared_axes=[1], name="prelu")(nn.Conv2D(4, (1, 3), padding="same", name="wide")(x))
    x = nn.Maximum(name="larger_of")([x, nn.Subtract(name="less")([x, y])])
    x = nn.Minimum(name="smaller_of")([x, nn.Average(name="middle")([x, y, y])])
    x = nn.UpSampling2D((1, 2), interpolation="bilinear", name="smooth")(x)
    x = nn.Concatenate(axis=1, name="below")([x, x])
    x = nn.Permute((2, 1, 3), name="turned")(x)
    x = nn.LayerNormalization(axis=[1, 3], name="over_rows")(x)
    x = nn.ELU(0.7, name="elu")(nn.SumPooling2D(3, strides=2, name="sums")(x))
    x = nn.Softmax(axis=-1, name="shares")(nn.Reshape((-1, 9), name="series")(x))
    x = nn.Conv1D(3, 3, padding="causal", activation="swish", name="causal")(x)
    x = nn.MaxPooling1D(3, strides=2, name="most_of_series")(x)
    x = nn.Dense(5, activation="log_softmax", name="hidden")(nn.Flatten(name="flat")(x))
    return nn.Model(image, nn.Dense(2, name="classes")(x), name="kinds")


NEAR = 1e-6
"""Of a layer's largest value."""
SUMS = ("sum", "mean", "copy", "blend", "scale", "max", "min", "distance")
WORK = """
const shown = (work) => ({
  ...work, rule: work.rule, stages: null, parts: null, terms: null, more: work.stages.map(({ rule, value, kept }) =>
    [rule, value, kept]),
  values: work.terms.values, weights: work.terms.weights, products: work.terms.products,
  places: work.terms.places, inputs: work.terms.inputs, last: work.terms.length ? work.terms.at(0) : null,
});
const result = given.cases.map(([p, name, cell]) => shown(workCell(programs[p].steps, programs[p].values, name, cell)));
"""


def cells_of(seen, draw, count):
    """Draw names of steps and layers, and cells: every kind once, then at random."""
    steps = [*{step["kind"]: step for step in draw.sample(seen.steps, len(seen.steps))}.values()]
    steps = (steps + draw.choices(seen.steps, k=count))[: max(count, len(steps))]
    return [(step["name"], cell_in(step["shape"], draw)) for step in steps]


def cell_in(shape, draw):
    shape = [1] * (3 - len(shape)) + list(shape)
    return dict(zip(("row", "column", "channel"), map(draw.randrange, shape), strict=True))


def place_in(shape, cell):
    return tuple(cell.values())[3 - len(shape) :]


def first_step(seen, name):
    """Return the step whose terms a working shows: the layer before its activation, where there is one."""
    return seen.by_name.get(f"{name}:linear", seen.by_name[name])


def check_work(work, seen, name, cell):
    """Hold one working against the values of the program; return how far it is from them."""
    step, first = seen.by_name[name], first_step(seen, name)
    truth = seen.values[step["fills"]]
    largest = float(np.abs(truth).max()) or 1.0
    at = place_in(truth.shape, cell)
    miss = abs(work["value"] - truth[at]) / largest
    assert miss <= NEAR, (name, step["kind"], cell, work["value"], truth[at])
    assert work["kept"] == truth[at]
    values = np.asarray(work["values"], float)
    places, inputs = (np.asarray(work[key], int) for key in ("places", "inputs"))
    for n, slot in enumerate(first["reads"]):
        mine = (inputs == n) & (places >= 0)
        np.testing.assert_array_equal(
            values[mine], seen.values[slot].ravel()[places[mine]], str((name, cell))
        )
    if work["rule"] in SUMS:
        products = work["products"]
        if work["rule"] == "distance":
            np.testing.assert_allclose(products, (values - np.asarray(work["weights"])) ** 2)
        else:
            np.testing.assert_allclose(products, values * np.asarray(work["weights"]))
        before = seen.values[first["fills"]]
        added = float(np.sum(products)) + (work["bias"] or 0)
        assert abs(added - before[at]) <= NEAR * (float(np.abs(before).max()) or 1.0), (name, cell)
        assert abs(work["sum"] + (work["bias"] or 0) - work["before"]) <= 1e-12 * max(abs(work["before"]), 1)
    return miss


def check_all(seen, cases, works):
    return max(check_work(work, seen, *case) for case, work in zip(cases, works, strict=True))


GOES = """
const { steps, values } = programs[0];
const wanted = new Set(given.places.map(([slot, place]) => `${slot}/${place}`));
const readings = [];
for (const step of steps) {
  const alone = steps.filter((each) => each.name !== `${step.name}:linear`);
  const shape = [...new Array(3 - step.shape.length).fill(1), ...step.shape];
  for (let at = 0; at < shape[0] * shape[1] * shape[2]; at += 1) {
    const [channel, place] = [at % shape[2], Math.floor(at / shape[2])];
    const cell = { row: Math.floor(place / shape[1]), column: place % shape[1], channel };
    const { terms } = workCell(alone, values, step.name, cell);
    terms.places.forEach((where, i) => {
      const slot = step.reads[terms.inputs[i]];
      if (!wanted.has(`${slot}/${where}`)) return;
      readings.push([slot, where, step.name, terms.inputs[i], at, terms.weights?.[i] ?? null]);
    });
  }
}
const weighed = (to) => ({ ...to, weights: to.weights() });
const goes = given.cells.map(([slot, cell]) => goesTo(steps, slot, cell).map(weighed));
const result = { goes, readings };
"""


def inverse_holds(found, seen, cells, places):
    """Return whether goesTo names exactly the cells whose terms come from a cell, with their weights; how many."""
    shapes = {slot: (1,) * (3 - value.ndim) + value.shape for slot, value in seen.values.items()}
    compared, truths = 0, {}
    for slot, place, name, n, at, weight in found["readings"]:
        truth = truths.setdefault((slot, place), {})
        truth[name, n, at] = truth.get((name, n, at), 0.0) + (weight or 0.0)
    for (slot, _), (_, place), goes in zip(cells, places, found["goes"], strict=True):
        told = {}
        for to in goes:
            at = np.ravel_multi_index(
                np.ix_(to["rows"], to["columns"], to["channels"]), shapes[to["slot"]]
            ).ravel()
            weights = to["weights"] or [None] * len(at)
            told |= {(to["stepName"], to["input"], int(a)): w for a, w in zip(at, weights, strict=True)}
            if to["cells"] != len(at):
                return False, compared
        truth = truths.get((slot, place), {})
        if told.keys() != truth.keys():
            return False, compared
        if any(w is not None and abs(w - truth[key]) > 1e-12 for key, w in told.items()):
            return False, compared
        compared += len(told)
    return True, compared
