"""The page's engine run in node: layers and programs, many at a time, and how far its numbers are from others'."""

import base64

import numpy as np
from javascript import run_javascript

from app.scratch.calls import plain, told

CLOSE = 1e-5
"""Of a tensor's largest value: the page computes in float32."""
SHARED = """
import { Machine } from "./engine/machine.js";
import { prepareLayer, supports, LAYERS } from "./engine/layers/index.js";
import { mapsOfClass, pictureOfMap, METHODS } from "./engine/maps.js";
import { classCount, probabilitiesOf, targetRow } from "./engine/head.js";
import { stepsOfClassMap, stepsWithMaps } from "./engine/features.js";
const unpack = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const pack = (x) => Buffer.from(Float32Array.from(x).buffer).toString("base64");
"""
RUN_LAYERS = """
const result = given.map(({ steps, images, seeds }) => images.map((inputs, n) => {
  const backs = [];
  let values = inputs.map(unpack);
  let shape = null;
  for (const { kind, settings, shapes, arrays } of steps) {
    for (const array of Object.values(arrays)) array.data = array.data.length ? unpack(array.data) : array.data;
    const layer = prepareLayer({ kind, settings, shapes, arrays });
    const [output, back] = layer.forward(...values);
    backs.unshift(back);
    values = [output];
    shape = layer.shape;
  }
  for (const step of steps) for (const a of Object.values(step.arrays)) a.data = pack(a.data);
  let gradients = [unpack(seeds[n])];
  for (const back of backs) gradients = back(gradients[0], "plain");
  return { shape, output: pack(values[0]), gradients: gradients.map(pack) };
}));
"""
RUN_PROGRAMS = """
const result = given.map(({ program, images, seeds, slots }) => {
  const machine = new Machine(program);
  return images.map((packed, n) => {
    const [image, seed] = [unpack(packed), unpack(seeds[n])];
    const run = machine.forward(image);
    const by = (rule) => machine.pullBack(run, machine.logitsSlot, seed, { rule });
    const plain = by("plain");
    const found = {
      outputs: pack(machine.outputs(image)),
      logits: pack(machine.logits(image)),
      plain: pack(plain.get(machine.imageSlot) ?? new Float32Array(image.length)),
      guided: pack(by("guided").get(machine.imageSlot) ?? new Float32Array(image.length)),
      rectified: pack(by("rectified").get(machine.imageSlot) ?? new Float32Array(image.length)),
    };
    for (const slot of slots) {
      found[`values ${slot}`] = pack(run.values.get(slot));
      found[`by ${slot}`] = pack(plain.get(slot) ?? new Float32Array(run.values.get(slot).length));
    }
    return found;
  });
});
"""


def packed(array):
    """Return numbers as base64 of float32."""
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def unpacked(text, shape=-1):
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


def share_off(ours, theirs, least=1e-6):
    """Return the largest difference as a share of the largest value; infinite for other shapes and no numbers.

    Args:
        ours: numbers of the page.
        theirs: numbers of another machine.
        least: what the largest value counts as at least.
    """
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    if ours.shape != theirs.shape or not np.isfinite(ours).all():
        return np.inf
    off, largest = np.abs(ours - theirs).max(initial=0), np.abs(theirs).max(initial=0)
    return 0.0 if off == 0 else off / max(largest, least)


def layer_steps(layer, shapes, between):
    """Return a layer of `app.scratch` as steps: itself, and its own activation behind it.

    Args:
        layer: with its weights.
        shapes: of its inputs.
        between: shape of what it puts out.
    """
    found = [written(layer, shapes)]
    if layer.activation is not None:
        found.append(written(plain(layer.activation), [between]))
    return found


def written(layer, shapes):
    layer = plain(layer)
    arrays = {name: {"shape": list(a.shape), "data": packed(a)} for name, a in layer.weights.items()}
    settings = dict(told(layer))
    return {
        "kind": layer.kind,
        "settings": settings,
        "shapes": [list(shape) for shape in shapes],
        "arrays": arrays,
    }


def layer_case(layer, images, output, seeds):
    """Return a case of `run_layers`: a layer of `app.scratch`, images for each input, and seeds of the output."""
    shapes = [array.shape[1:] for array in images]
    return {
        "steps": layer_steps(layer, shapes, output.shape[1:]),
        "images": [[packed(array[n]) for array in images] for n in range(len(output))],
        "seeds": [packed(seed) for seed in seeds],
    }


def run_layers(cases):
    """Return for each case, for each image, the output and the gradients by the inputs, as flat arrays."""
    found = run_javascript(SHARED + RUN_LAYERS, cases)
    return [
        [
            (tuple(each["shape"]), unpacked(each["output"]), list(map(unpacked, each["gradients"])))
            for each in case
        ]
        for case in found
    ]


def program_case(program, images, seeds, slots=()):
    """Return a case of `run_programs`: a program's JSON, images, seeds of the logits, and slots to look into."""
    return {
        "program": program,
        "images": [packed(image) for image in images],
        "seeds": [packed(seed) for seed in seeds],
        "slots": list(slots),
    }


def run_programs(cases):
    """Return for each case, for each image, flat arrays by name: outputs, logits, gradients by rule and by slot."""
    found = run_javascript(SHARED + RUN_PROGRAMS, cases)
    return [[{name: unpacked(text) for name, text in each.items()} for each in case] for case in found]
