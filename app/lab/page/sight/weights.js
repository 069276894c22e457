import { sightAxesTold } from "./readings.js";
import { sightCellsAt } from "./axes.js";

/*
 * Layers whose number is a sum: the weight with which a cell enters it, and what is added to the sum. A
 * weight is asked for by (i, j, c, f, row, column): row and column of the kernel, channel of the input, and
 * the channel, row and column of the output.
 */

/**
 * Return how a step makes a sum of what it reads, or null where it makes none.
 *
 * @param {object} step of a program.
 * @param {object} reading of its n-th input, from `sightReading`.
 * @param {number} n which input.
 * @returns {{rule: string, weight: function, bias: function(number, number, number): number|null}|null} rule:
 *   sum, mean, copy, blend (an interpolation) or scale (one value times a number, plus another).
 */
export function sightWeights(step, reading, n) {
  const make = SIGHT_WEIGHTS[step.kind];
  if (!make) return null;
  const found = make(step, reading, n);
  return { rule: "sum", bias: () => null, ...found };
}

function sightArray(step, name) {
  return step.arrays?.[name] ?? null;
}

/** Return the function that reads a kernel whose last four axes are rows, columns, and two more. */
function sightKernel(array) {
  const [columns, third, fourth] = [array.shape.length - 3, array.shape.length - 2, array.shape.length - 1]
    .map((axis) => array.shape[axis]);
  return (i, j, a, b) => array.data[((i * columns + j) * third + a) * fourth + b];
}

function sightBias(step) {
  const bias = sightArray(step, "bias");
  return bias ? (row, column, f) => bias.data[f] : () => null;
}

function sightConvolutionWeights(step, { from, to }) {
  const kernel = sightKernel(sightArray(step, "kernel"));
  const depth = sightArray(step, "kernel").shape.at(-2);
  const filters = to[2] / (from[2] / depth);
  const first = (f) => Math.floor(f / filters) * depth;
  return { weight: (i, j, c, f) => kernel(i, j, c - first(f), f), bias: sightBias(step) };
}

function sightDepthwiseWeights(step) {
  const array = sightArray(step, "kernel") ?? sightArray(step, "depthwise_kernel");
  const [kernel, several] = [sightKernel(array), array.shape.at(-1)];
  return { weight: (i, j, c, f) => kernel(i, j, c, f % several), bias: sightBias(step) };
}

/** A depthwise convolution and then one of 1×1: a value enters by all of its channel's kernels. */
function sightSeparableWeights(step) {
  const depthwise = sightArray(step, "depthwise_kernel");
  const [each, several] = [sightKernel(depthwise), depthwise.shape.at(-1)];
  const mixing = sightArray(step, "pointwise_kernel");
  const filters = mixing.shape.at(-1);
  const weight = (i, j, c, f) => {
    let sum = 0;
    for (let m = 0; m < several; m += 1) {
      sum += each(i, j, c, m) * mixing.data[(c * several + m) * filters + f];
    }
    return sum;
  };
  return { weight, bias: sightBias(step) };
}

function sightTransposedWeights(step) {
  const kernel = sightKernel(sightArray(step, "kernel"));
  return { weight: (i, j, c, f) => kernel(i, j, f, c), bias: sightBias(step) };
}

/** Kernels of the pairs of a table, in its order; the bias is one for each filter, or one for each cell. */
function sightPartialWeights(step, { to }) {
  const { data, shape } = sightArray(step, "kernel");
  const [columns, pairs] = [shape[1], shape[2]];
  const table = step.settings.connections;
  const before = table.map((_, f) => table.slice(0, f).reduce((sum, maps) => sum + maps.length, 0));
  const bias = sightArray(step, "bias");
  const isShared = bias.shape.length === 1;
  return {
    weight: (i, j, c, f) => data[(i * columns + j) * pairs + before[f] + table[f].indexOf(c)],
    bias: (row, column, f) => bias.data[isShared ? f : (row * to[1] + column) * to[2] + f],
  };
}

function sightDenseWeights(step, { to }) {
  const kernel = sightArray(step, "kernel");
  return { weight: (i, j, c, f) => kernel.data[c * to[2] + f], bias: sightBias(step) };
}

function sightMeanWeights(step, { rows, columns }) {
  const cells = (row, column) => sightCellsAt(rows, row).length * sightCellsAt(columns, column).length;
  return { rule: "mean", weight: (i, j, c, f, row, column) => 1 / Math.max(cells(row, column), 1) };
}

function sightSubsamplingWeights(step) {
  const coefficient = sightArray(step, "coefficient");
  return { weight: (i, j, c, f) => coefficient.data[f], bias: sightBias(step) };
}

function sightSameWeight(rule, weight = 1) {
  return () => ({ rule, weight: () => weight });
}

/**
 * Return the numbers with which a normalisation by kept statistics works at one cell.
 *
 * @returns {{mean, variance, epsilon, gamma, beta, deviation, isInverted}} γ and β are null where there are
 *   none.
 */
export function sightStatistics(step, reading, at) {
  const { settings } = step;
  const place = [at.row, at.column, at.channel];
  if (step.kind === "BatchNormalization") {
    const [axis] = sightAxesTold(settings.axis, step.shape.length);
    const here = (name) => sightArray(step, name)?.data[place[axis]] ?? null;
    const [mean, variance] = [here("moving_mean"), here("moving_variance")];
    const epsilon = settings.epsilon ?? 1e-3;
    const deviation = Math.sqrt(variance + epsilon);
    const [gamma, beta] = [here("gamma"), here("beta")];
    return { mean, variance, epsilon, gamma, beta, deviation, isInverted: false };
  }
  const isTold = settings.mean !== null && settings.mean !== undefined;
  const axes = settings.axis === null ? [] : sightAxesTold(settings.axis, step.shape.length).sort();
  const along = axes.reduce((sum, axis) => sum * reading.from[axis] + place[axis], 0);
  const [mean, variance] = ["mean", "variance"].map((name) => {
    const numbers = isTold ? [settings[name]].flat(Infinity).map(Math.fround) : sightArray(step, name).data;
    return numbers.length > 1 ? numbers[along] : numbers[0];
  });
  const deviation = Math.max(Math.sqrt(variance), 1e-7);
  const isInverted = Boolean(settings.invert);
  return { mean, variance, epsilon: null, gamma: null, beta: null, deviation, isInverted };
}

function sightNormalWeights(step, reading) {
  const at = (row, column, channel) => sightStatistics(step, reading, { row, column, channel });
  const slope = (s) => (s.isInverted ? s.deviation : (s.gamma ?? 1) / s.deviation);
  return {
    rule: "scale",
    weight: (i, j, c, f, row, column) => slope(at(row, column, f)),
    bias: (row, column, f) => {
      const s = at(row, column, f);
      return s.isInverted ? s.mean : (s.beta ?? 0) - s.mean * slope(s);
    },
  };
}

function sightRescalingWeights({ settings }) {
  const one = (told, f) => Math.fround(Array.isArray(told) ? told[told.length > 1 ? f : 0] : told);
  return {
    rule: "scale",
    weight: (i, j, c, f) => one(settings.scale, f),
    bias: (row, column, f) => one(settings.offset ?? 0, f),
  };
}

const SIGHT_WEIGHTS = {
  Conv2D: sightConvolutionWeights, Conv1D: sightConvolutionWeights, GroupedConv2D: sightConvolutionWeights,
  DepthwiseConv2D: sightDepthwiseWeights, DepthwiseConv1D: sightDepthwiseWeights,
  SeparableConv2D: sightSeparableWeights, SeparableConv1D: sightSeparableWeights,
  Conv2DTranspose: sightTransposedWeights, Conv1DTranspose: sightTransposedWeights,
  PartialConv2D: sightPartialWeights, Dense: sightDenseWeights, Subsampling2D: sightSubsamplingWeights,
  AveragePooling2D: sightMeanWeights, AveragePooling1D: sightMeanWeights,
  GlobalAveragePooling2D: sightMeanWeights, GlobalAveragePooling1D: sightMeanWeights,
  SumPooling2D: sightSameWeight("sum"),
  UpSampling2D: sightSameWeight("blend"), UpSampling1D: sightSameWeight("blend"),
  Resizing: sightSameWeight("blend"),
  Add: sightSameWeight("sum"),
  Subtract: (step, reading, n) => ({ weight: () => (n === 0 ? 1 : -1) }),
  Average: (step) => ({ rule: "mean", weight: () => 1 / step.reads.length }),
  BatchNormalization: sightNormalWeights, Normalization: sightNormalWeights, Rescaling: sightRescalingWeights,
  ...Object.fromEntries(
    ["Concatenate", "ZeroPadding2D", "ZeroPadding1D", "ConstantPadding2D", "Cropping2D", "Cropping1D",
      "Flatten", "Reshape", "Permute", "RepeatVector", "Identity", "Dropout", "SpatialDropout2D",
      "GaussianNoise"]
      .map((kind) => [kind, sightSameWeight("copy")]),
  ),
};
