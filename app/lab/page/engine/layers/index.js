// The layers of the engine by Keras' class names, and how a step of a program becomes one of them.

import { activationLayers } from "./activations.js";
import { convolutionLayers } from "./convolution.js";
import { denseLayers } from "./dense.js";
import { firstLayers } from "./lenet.js";
import { mergingLayers } from "./merging.js";
import { normalizationLayers } from "./normalization.js";
import { poolingLayers } from "./pooling.js";
import { reshapingLayers } from "./reshaping.js";
import { settingFault, settleSettings } from "./settings.js";

/** By kind: `takes`, `rank`, `arity`, `weights(settings, shapes)` and `make(settings, shapes, arrays)`. */
export const LAYERS = {
  ...denseLayers,
  ...activationLayers,
  ...convolutionLayers,
  ...poolingLayers,
  ...reshapingLayers,
  ...mergingLayers,
  ...normalizationLayers,
  ...firstLayers,
};

/**
 * Return whether the engine has a layer with these settings.
 *
 * @example supports("Conv2D", { filters: 8, kernel_size: [3, 3] })  // true
 */
export function supports(kind, settings = {}) {
  if (!Object.hasOwn(LAYERS, kind)) return false;
  try {
    const told = settingsOfLayer(kind, settings);
    if (kind === "Activation") LAYERS.Activation.make(told, [[1]], {});
  } catch {
    return false;
  }
  return true;
}

/** Return the settings of a layer, whose own activation has to be a step behind it. */
function settingsOfLayer(kind, settings) {
  const told = settleSettings(LAYERS[kind].takes, settings);
  const hasActivation = kind !== "Activation" && ![undefined, null, "linear"].includes(told.activation);
  if (hasActivation) throw settingFault("activation");
  return told;
}

/**
 * Return a step's layer, ready to run: the shape that it puts out, and `forward`.
 *
 * `forward(...inputs)` returns [output, back]; `back(g, rule)` makes of the gradient by the output those by
 * all inputs.
 *
 * @param {{kind: string, settings: object, shapes: number[][], arrays: object}} step `shapes` of its inputs,
 *   `arrays` {name: {shape, data}}
 * @returns {{shape: number[], forward: Function}}
 * @throws {Error} where settings, shapes and weights do not fit; with .setting where the layer lacks a
 *   setting
 */
export function prepareLayer({ kind, settings, shapes, arrays }) {
  const layer = LAYERS[kind];
  const told = settingsOfLayer(kind, settings);
  const [fewest, most] = layer.arity ?? [1, 1];
  if (shapes.length < fewest || shapes.length > most) throw new Error(`${shapes.length} inputs`);
  if (layer.rank && shapes.some((shape) => shape.length !== layer.rank)) {
    throw new Error(`an input of ${shapes[0].join("×")}, not ${layer.rank} axes`);
  }
  const wanted = layer.weights ? layer.weights(told, shapes) : {};
  const asText = (by) => Object.keys(by).sort().map((name) => `${name} ${sizesOfArray(by[name])}`).join(", ");
  const found = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.shape]));
  if (asText(found) !== asText(wanted)) {
    throw new Error(`weights ${asText(found) || "none"}, not ${asText(wanted) || "none"}`);
  }
  const data = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.data]));
  return layer.make(told, shapes, data);
}

/** Return the sizes of an array as text; one number is one number, with an axis or without. */
function sizesOfArray(shape) {
  return shape.join("×") || "1";
}
