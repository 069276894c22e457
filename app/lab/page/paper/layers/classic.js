// The layers that classic networks need and Keras lacks.

import { makeCount, makeSize, multiplyExactly, productCount, productText, valuesOf } from "../counts.js";
import { NO_COUNT } from "../counts.js";
import { collapseField } from "../fields.js";
import { ensurePaper } from "../problems.js";
import { axesSetting, flagSetting, usualSetting, wholeSetting, wordSetting } from "../settings.js";
import { keptWeight, plainLayer, splitMap, trainedWeight, withBiases } from "./plain.js";
import { convolutionParameters, readWindows, slidingLayer } from "./sliding.js";

function squareWindows(kernel, strides, padding) {
  return readWindows(kernel, strides, padding, [1, 1]);
}

/** A convolution whose filters read the listed maps only, with k·k weights for each pair. */
export function partialConvolutionLayer(settings, kind) {
  const kernel = axesSetting(settings.kernel_size, 2, "kernel_size");
  const strides = axesSetting(usualSetting(settings.strides, 1), 2, "strides");
  const padding = wordSetting(usualSetting(settings.padding, "valid"), ["valid", "same"], "padding");
  const connected = settings.connections;
  const filters = connected.length;
  const isList = (maps) => maps.length && new Set(maps).size === maps.length && maps.every(Number.isInteger);
  ensurePaper(filters && connected.every(isList), "paperConnections");
  const pairs = connected.flat().length;
  const sharedBias = flagSetting(settings.shared_bias);
  const sliding = slidingLayer(kind, squareWindows(kernel, strides, padding), () => makeSize(filters));
  const layer = plainLayer({
    field: sliding.field,
    outputShape(shapes) {
      const made = sliding.outputShape(shapes);
      const channels = shapes[0].at(-1).value;
      const missing = connected.flat().find((map) => map < 0 || map >= channels);
      ensurePaper(missing === undefined, "paperMapMissing", { map: missing, channels });
      return made;
    },
    weights: (shapes) => [
      trainedWeight("kernel", [...kernel, pairs]),
      trainedWeight("bias", sharedBias ? [filters] : valuesOf(layer.outputShape(shapes))),
    ],
    macs: (shapes) => productCount([...kernel, pairs, ...valuesOf(layer.outputShape(shapes)).slice(0, -1)]),
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), true),
  });
  return layer;
}

/** The sum of each window, times a learned coefficient, plus a learned bias. */
export function subsamplingLayer(settings, kind) {
  const pool = axesSetting(usualSetting(settings.pool_size, 2), 2, "pool_size");
  const layer = slidingLayer(kind, squareWindows(pool, pool, "valid"), (channels) => channels, {
    weights: ([shape]) =>
      ["coefficient", "bias"].map((name) => trainedWeight(name, [shape.at(-1).value])),
    macs: (shapes) => productCount(valuesOf(layer.outputShape(shapes))),
    connections(shapes) {
      const output = valuesOf(layer.outputShape(shapes));
      const value = (multiplyExactly(pool) + 1n) * multiplyExactly(output);
      return makeCount(value, `(${productText(pool)} + 1)·${productText(output)}`);
    },
  });
  return layer;
}

/** The squared distance to each of some fixed codes. */
export function radialBasisLayer(settings) {
  const units = settings.codes.length;
  const length = settings.codes[0]?.length;
  ensurePaper(length && settings.codes.every((code) => code.length === length), "paperCodesDiffer");
  const macs = () => makeCount(multiplyExactly([units, length]), productText([length, units]));
  return plainLayer({
    outputShape([shape]) {
      const isFit = shape.length === 1 && shape[0].value === length;
      ensurePaper(isFit, "paperCodes", { length, shape: `(${valuesOf(shape).join(", ")})` });
      return [makeSize(units)];
    },
    weights: () => [keptWeight("codes", [units, length])],
    macs,
    connections: macs,
    field: (shapes, [field]) => field && collapseField(field),
  });
}

/** Each value divided by the activity of the channels beside it. */
export function responseNormalizationLayer(settings, kind) {
  wholeSetting(usualSetting(settings.depth_radius, 5), "depth_radius");
  return plainLayer({ outputShape: ([shape]) => splitMap(shape, 2, kind).flat() });
}

/** Cells that answer to a learned feature: excitation against inhibition. */
export function sCellsLayer(settings, kind) {
  const kernel = axesSetting(settings.kernel_size, 2, "kernel_size");
  const planes = wholeSetting(settings.planes, "planes");
  const count = (shapes) => {
    const sizes = valuesOf(layer.outputShape(shapes)).slice(0, -1);
    const area = [...kernel, shapes[0].at(-1).value];
    const taps = multiplyExactly(area);
    const working = `((${productText(area)} + 1)·${planes} + ${productText(area)})·${productText(sizes)}`;
    return makeCount(((taps + 1n) * BigInt(planes) + taps) * multiplyExactly(sizes), working);
  };
  const layer = slidingLayer(kind, squareWindows(kernel, [1, 1], "valid"), () => makeSize(planes), {
    weights: ([shape]) => [
      trainedWeight("excitation", [...kernel, shape.at(-1).value, planes]),
      trainedWeight("inhibition", [planes]),
    ],
    trainable: ([shape]) => convolutionParameters(kernel, shape.at(-1).value, planes, true),
    nonTrainable: () => NO_COUNT,
    macs: count,
    connections: count,
  });
  return layer;
}

/** Cells that answer wherever in their area a feature is, each to its own plane. */
export function cCellsLayer(settings, kind) {
  const kernel = axesSetting(settings.kernel_size, 2, "kernel_size");
  const layer = slidingLayer(kind, squareWindows(kernel, [1, 1], "valid"), (channels) => channels, {
    macs: (shapes) => productCount([...kernel, ...valuesOf(layer.outputShape(shapes))]),
    connections(shapes) {
      const output = valuesOf(layer.outputShape(shapes));
      const [area, window] = [multiplyExactly(kernel), productText(kernel)];
      const value = (2n * area + 1n) * multiplyExactly(output);
      return makeCount(value, `(${window} + 1 + ${window})·${productText(output)}`);
    },
  });
  return layer;
}
