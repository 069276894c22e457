// What every layer of the calculator answers, and what they share.

import { NO_COUNT, addCounts, productCount, sizeOfWeights, valuesOf } from "../counts.js";
import { ensurePaper } from "../problems.js";
import { valueText } from "../settings.js";

/**
 * A layer that changes neither shape nor field and stores nothing; `own` says what differs.
 * Shapes are lists of sizes {value, working} without the batch axis, channels last; every answer takes the
 * list of the inputs' shapes. `weights` returns [{name, shape: [numbers], trained}].
 */
export function plainLayer(own = {}) {
  const layer = {
    outputShape: ([shape]) => shape,
    weights: () => [],
    trainable: (shapes) => sizeOfWeights(layer.weights(shapes).filter((weight) => weight.trained)),
    nonTrainable: (shapes) => sizeOfWeights(layer.weights(shapes).filter((weight) => !weight.trained)),
    macs: () => NO_COUNT,
    connections: () => NO_COUNT,
    field: (shapes, fields) => fields.find((field) => field),
    ...own,
  };
  return layer;
}

/** An array of trained numbers. */
export function trainedWeight(name, shape) {
  return { name, shape, trained: true };
}

/** An array of numbers that training leaves alone. */
export function keptWeight(name, shape) {
  return { name, shape, trained: false };
}

/** The spatial sizes and the channels of a map with `rank` spatial axes. */
export function splitMap(shape, rank, kind) {
  const values = { kind, axes: rank + 1, shape: `(${valuesOf(shape).join(", ")})` };
  ensurePaper(shape.length === rank + 1, "paperNotAMap", values);
  return [shape.slice(0, -1), shape.at(-1)];
}

/** The index into a shape without batch axis for Keras' `axis`, which counts the batch. */
export function findPaperAxis(axis, shape, kind) {
  const index = axis > 0 ? axis - 1 : axis + shape.length;
  const isThere = Number.isInteger(axis) && axis !== 0 && index >= 0 && index < shape.length;
  const values = { kind, axis: valueText(axis), shape: `(${valuesOf(shape).join(", ")})` };
  ensurePaper(isThere, "paperAxis", values);
  return index;
}

/** The links of units: the multiply-accumulates, and one bias for each value that comes out. */
export function withBiases(macs, output, useBias) {
  return useBias ? addCounts(macs, productCount(valuesOf(output))) : macs;
}

/** Several axes or one, as a list. */
export function axesList(axis) {
  return Array.isArray(axis) ? axis : [axis];
}

/** How many axes a kind's window slides along: 2 for `Conv2D`. */
export function rankOf(kind) {
  return Number(/([123])D/.exec(kind)?.[1] ?? 2);
}
