import { sightActivation } from "./functions.js";
import { sightSum } from "./terms.js";
import { sightStatistics } from "./weights.js";

/*
 * Layers whose number is no sum of products, each with its formula. A formula is given {step, reading, cell,
 * terms, own}: the terms that were read, and which of them stands at the cell's own place (−1: none); it
 * returns what is told of it: {rule, sum, bias, value, parts, winner, weights, products, note}.
 */

/** Return what a formula says of a cell; a layer without one says what goes in and what comes out. */
export function sightFormula(given) {
  const formula = SIGHT_FORMULAS[given.step.kind] ?? sightInOut;
  return formula(given);
}

function sightSay(say, values = {}) {
  return { say, values };
}

/** The largest of all values, or the smallest; of several that are equal the first. */
function sightExtreme({ terms }, sign) {
  let winner = 0;
  for (let i = 1; i < terms.length; i += 1) {
    if (sign * terms.values[i] > sign * terms.values[winner]) winner = i;
  }
  const value = terms.values[winner];
  const weights = Float64Array.from(terms.values, (_, i) => (i === winner ? 1 : 0));
  const products = terms.values.map((v, i) => (i === winner ? v : 0));
  const alike = terms.values.reduce((sum, v) => sum + (v === value ? 1 : 0), 0);
  const [rule, say] = sign > 0 ? ["max", "sightLargest"] : ["min", "sightSmallest"];
  const note = sightSay(alike > 1 ? `${say}OfAlike` : say, { count: terms.length, alike });
  return { rule, sum: value, bias: null, value, winner, weights, products, parts: { alike }, note };
}

function sightProduct({ terms }) {
  const value = terms.values.reduce((product, v) => product * v, 1);
  const note = sightSay("sightProduct", { count: terms.length });
  return { rule: "product", sum: null, bias: null, value, note };
}

/** Powers of e, and their sum: of each value the share of its power. */
function sightSoftmaxShare({ terms, own, step }) {
  const largest = terms.values.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = terms.values.map((z) => Math.exp(z - largest));
  const total = sightSum(powers);
  const isLog = step.settings.activation === "log_softmax";
  const value = isLog ? terms.values[own] - largest - Math.log(total) : powers[own] / total;
  const parts = { powers, total, largest, own, share: powers[own] / total };
  const note = sightSay(isLog ? "sightLogSoftmax" : "sightSoftmax", { count: terms.length });
  return { rule: isLog ? "log_softmax" : "softmax", sum: null, bias: null, value, parts, note };
}

function sightOfOne(given) {
  const { step, cell, terms } = given;
  if (/softmax/.test(step.settings.activation)) return sightSoftmaxShare(given);
  const alpha = step.arrays?.alpha;
  const slope = alpha ? alpha.data[sightShared(alpha.shape, cell)] : 0;
  const found = sightActivation(step.kind, step.settings, slope);
  if (!found) return sightInOut(given);
  const x = terms.values[0];
  const note = sightSay("sightFunction", { function: found.name });
  const parts = { function: found.name, x, slope: step.kind === "PReLU" ? slope : null };
  return { rule: "function", sum: x, bias: null, before: x, value: found.of(x), parts, note };
}

/** Return where α of a cell stands in an array that has 1 along the axes that share it. */
function sightShared(shape, { row, column, channel }) {
  const cell = [row, column, channel].slice(3 - shape.length);
  return shape.reduce((at, size, i) => at * size + (size === 1 ? 0 : cell[i]), 0);
}

/** x̂ = (x − mean)/√(variance + ε), mean and variance of all values that are read. */
function sightOwnScale({ step, cell, terms, own }) {
  const n = terms.length;
  const mean = sightSum(terms.values) / n;
  const variance = sightSum(terms.values.map((v) => (v - mean) ** 2)) / n;
  const epsilon = step.settings.epsilon ?? 1e-3;
  const at = sightScaleAt(step, cell);
  const [gamma, beta] = ["gamma", "beta"].map((name) => step.arrays?.[name]?.data[at] ?? null);
  const deviation = Math.sqrt(variance + epsilon);
  const scaled = (terms.values[own] - mean) / deviation;
  const value = scaled * (gamma ?? 1) + (beta ?? 0);
  const parts = { x: terms.values[own], own, mean, variance, epsilon, deviation, scaled, gamma, beta };
  const note = sightSay("sightNormalise", { count: n });
  return { rule: "normalise", sum: null, bias: null, value, parts, note };
}

/** Return where γ and β of a cell stand: they lie along the normalised axes, of groups along the channels. */
function sightScaleAt(step, { row, column, channel }) {
  if (step.kind === "GroupNormalization") return channel;
  const rank = step.shape.length;
  const told = [step.settings.axis ?? -1].flat().map((a) => (a > 0 ? a - 1 : a + rank));
  const cell = [row, column, channel].slice(3 - rank);
  return [...new Set(told)].sort((a, b) => a - b).reduce((at, axis) => at * step.shape[axis] + cell[axis], 0);
}

function sightNearScale({ step, terms, own }) {
  const { bias = 1, alpha = 1, beta = 0.5 } = step.settings;
  const squares = sightSum(terms.values.map((v) => v * v));
  const x = terms.values[own];
  const scale = bias + alpha * squares;
  const parts = { x, own, squares, scale, bias, alpha, beta };
  const note = sightSay("sightNearChannels", { count: terms.length });
  return { rule: "near", sum: null, bias: null, value: x * scale ** -beta, parts, note };
}

/** The squared distance to a code: Σ (x − w)². */
function sightDistance({ step, cell, terms }) {
  const { data } = step.arrays.codes;
  const weights = terms.values.map((_, i) => data[cell.channel * terms.length + i]);
  const products = terms.values.map((v, i) => (v - weights[i]) ** 2);
  const value = sightSum(products);
  const note = sightSay("sightDistance", { count: terms.length });
  return { rule: "distance", sum: value, bias: null, before: value, value, weights, products, note };
}

/** A layer that has no formula here: what goes in, and what the network has there. */
function sightInOut({ step, terms, kept }) {
  const note = sightSay("sightInOut", { kind: step.kind, count: terms.length });
  return { rule: "inOut", sum: null, bias: null, before: null, value: kept, note };
}

const SIGHT_FORMULAS = {
  MaxPooling2D: (given) => sightExtreme(given, 1), MaxPooling1D: (given) => sightExtreme(given, 1),
  GlobalMaxPooling2D: (given) => sightExtreme(given, 1),
  GlobalMaxPooling1D: (given) => sightExtreme(given, 1),
  Maximum: (given) => sightExtreme(given, 1), Minimum: (given) => sightExtreme(given, -1),
  Multiply: sightProduct, Softmax: sightSoftmaxShare, Activation: sightOfOne, ReLU: sightOfOne,
  LeakyReLU: sightOfOne, PReLU: sightOfOne, ELU: sightOfOne, ScaledTanh: sightOfOne,
  LayerNormalization: sightOwnScale, GroupNormalization: sightOwnScale,
  LocalResponseNormalization: sightNearScale, RadialBasis: sightDistance,
};

/**
 * Return the numbers of a normalisation by kept statistics, and of a rescaling, for its working; else null.
 */
export function sightScaleParts(step, reading, cell, terms, made) {
  if (step.kind === "BatchNormalization" || step.kind === "Normalization") {
    const found = sightStatistics(step, reading, cell);
    const x = terms.values[0];
    const scaled = found.isInverted ? x * found.deviation : (x - found.mean) / found.deviation;
    return { x, scaled, ...found };
  }
  if (made.rule !== "scale") return null;
  const { row, column, channel } = cell;
  return { x: terms.values[0], scale: terms.weights[0], offset: made.bias(row, column, channel) };
}
