import { sightFormula, sightScaleParts } from "./formulas.js";
import { sightReading } from "./readings.js";
import { sightChecked, sightIndex, sightLayerName, sightPosition } from "./slots.js";
import { sightSum, sightTerms, sightValuesOf } from "./terms.js";
import { sightWeights } from "./weights.js";

/*
 * How the number in any cell of any map comes about: the values that are read, their weights, the sum of the
 * products, the bias, and what the activation makes of it.
 */

/**
 * Work out one cell of a step.
 *
 * @param {Array} steps of the program: {name, kind, settings, reads, fills, shape, inputShape, arrays}.
 * @param {Map|object} values what each slot holds, by slot: (rows, columns, channels), flat.
 * @param {string} stepName a step's name. "conv1" also tells what "conv1:linear" did before, where there is
 *   such a step; "conv1:linear" tells that alone.
 * @param {{row, column, channel}} cell of the output; of a row of units the channel alone counts.
 * @returns {object} the working:
 *   stepName, layer, kind, slot, shape [rows, columns, channels], cell;
 *   rule: sum, mean, copy, blend (an interpolation), scale (times a number, plus another), max, min, product,
 *     softmax, log_softmax, function, normalise, near, distance, or inOut for a layer without a formula here;
 *   terms: from `sightTerms`, with `at(i)` → {value, weight, product, from, row, column, channel};
 *   sum of the products, bias (null: none), before: sum + bias, activation: name (null: none), value;
 *   kept: what the network itself holds there; difference: |value − kept|;
 *   winner: index of the term with the largest value, of max-pooling;
 *   parts: the numbers of a normalisation, a softmax, a separable convolution;
 *   stages: the workings of the layer and of its activation, or this one alone;
 *   note: {say, values}, the rule in a sentence; hints: more of them.
 * @throws {RangeError} there is no such step or cell.
 * @example workCell(machine.steps, run.values, "conv1", { row: 3, column: 4, channel: 0 }).value
 */
export function workCell(steps, values, stepName, cell) {
  const { byName, filledBy } = sightIndex(steps);
  const step = byName.get(stepName) ?? byName.get(`${stepName}:linear`);
  if (!step) throw new RangeError(`there is no step ${stepName}`);
  const before = filledBy.get(step.reads[0]);
  if (!before || before.name !== `${step.name}:linear`) return sightWork(steps, values, step, cell);
  const first = sightWork(steps, values, before, cell);
  const second = sightWork(steps, values, step, cell, first.before ?? first.value);
  const { stepName: name, slot, kept, value } = second;
  const activation = second.parts?.function ?? second.rule;
  const whole = { ...first, stepName: name, slot, kept, value, activation, stages: [first, second] };
  return { ...whole, difference: Math.abs(value - kept), hints: [...first.hints, second.note] };
}

/** Work out a cell of one step; `own` is what its own input is to be, where that was worked out before. */
function sightWork(steps, values, step, told, own = null) {
  const index = sightIndex(steps);
  const cell = sightChecked(index, step.fills, told);
  const shape = index.shapes.get(step.fills);
  const kept = sightValuesOf(values, step.fills)[sightPosition(shape, cell.row, cell.column, cell.channel)];
  const readings = step.reads.map((_, n) => sightReading(steps, step, n));
  const made = readings.map((reading, n) => sightWeights(step, reading, n));
  const isSum = made[0] !== null;
  const edge = step.kind === "ConstantPadding2D" ? step.settings.value ?? 0 : 0;
  const terms = sightTerms(steps, values, step, cell, isSum ? made : null, edge);
  const at = sightOwnTerm(terms, cell);
  if (own !== null && at >= 0) terms.values[at] = own;
  const found = isSum
    ? sightAsSum(step, readings[0], made[0], terms, cell)
    : sightFormula({ step, reading: readings[0], cell, terms, own: at, kept });
  terms.weights = found.weights ?? terms.weights;
  terms.products = found.products ?? terms.products;
  const work = {
    stepName: step.name, layer: sightLayerName(step), kind: step.kind, slot: step.fills, shape, cell,
    rule: found.rule, terms, sum: found.sum, bias: found.bias, before: found.before ?? found.value,
    activation: null, value: found.value, kept, difference: Math.abs(found.value - kept),
    winner: found.winner ?? null, parts: found.parts ?? null,
    note: found.note, hints: sightHints(step, terms),
  };
  if (found.rule === "inOut") work.before = null;
  work.stages = [work];
  return work;
}

/** Return which term stands at the cell's own place, or −1. */
function sightOwnTerm(terms, { row, column, channel }) {
  for (let i = 0; i < terms.length; i += 1) {
    if (terms.rows[i] === row && terms.columns[i] === column && terms.channels[i] === channel) return i;
  }
  return -1;
}

function sightAsSum(step, reading, made, terms, cell) {
  const sum = sightSum(terms.products);
  const bias = made.bias(cell.row, cell.column, cell.channel);
  const before = sum + (bias ?? 0);
  const parts = step.kind.startsWith("Separable")
    ? sightSeparableParts(step, terms, cell)
    : sightScaleParts(step, reading, cell, terms, made);
  const note = { say: sightNoteOfSum(step, made.rule, bias), values: { count: terms.length } };
  return { rule: made.rule, sum, bias, before, value: before, parts, note };
}

const SIGHT_NOTES = {
  Add: "sightAdded", Subtract: "sightSubtracted", SumPooling2D: "sightSummed", Average: "sightAveraged",
  Subsampling2D: "sightSubsampled", BatchNormalization: "sightBatchScaled", Normalization: "sightBatchScaled",
};
const SIGHT_RULE_NOTES = { mean: "sightMean", copy: "sightCopy", blend: "sightBlend", scale: "sightScale" };

function sightNoteOfSum(step, rule, bias) {
  return SIGHT_NOTES[step.kind] ?? SIGHT_RULE_NOTES[rule] ?? (bias === null ? "sightSum" : "sightSumAndBias");
}

/**
 * Return the two parts of a separable convolution: what its depthwise part makes of each channel, and the
 * weights of the 1×1 convolution that mixes these. `depthwise(q)` is the sum behind the q-th number between
 * them.
 */
function sightSeparableParts(step, terms, { channel }) {
  const { data, shape } = step.arrays.depthwise_kernel;
  const several = shape.at(-1);
  const depth = shape.at(-2);
  const mixing = step.arrays.pointwise_kernel;
  const filters = mixing.shape.at(-1);
  const depthwise = (q) => {
    const [c, m] = [Math.floor(q / several), q % several];
    const cells = Array.from({ length: terms.length / depth }, (_, tap) => tap * depth + c);
    const read = Float64Array.from(cells, (i) => terms.values[i]);
    const weights = Float64Array.from(cells, (i) => data[i * several + m]);
    const products = read.map((value, i) => value * weights[i]);
    return { indices: Int32Array.from(cells), values: read, weights, products, sum: sightSum(products) };
  };
  const between = Float64Array.from({ length: depth * several }, (_, q) => depthwise(q).sum);
  const weights = between.map((_, q) => mixing.data[q * filters + channel]);
  return { depthwise, between, weights, products: between.map((value, q) => value * weights[q]) };
}

function sightHints(step, terms) {
  const hints = [];
  const padding = terms.places.reduce((sum, place) => sum + (place < 0 ? 1 : 0), 0);
  if (/Padding/.test(step.kind)) {
    if (padding) hints.push({ say: "sightBorder", values: {} });
  } else if (padding) hints.push({ say: "sightPadding", values: { count: padding } });
  if (!terms.length) hints.push({ say: "sightNothingRead", values: {} });
  if (step.kind.startsWith("Separable")) hints.push({ say: "sightSeparable", values: {} });
  return hints;
}

/**
 * Return the terms of a working that matter most, and what all the others come to.
 *
 * @param {object} work from `workCell`.
 * @param {number} n how many at most.
 * @returns {{terms: Array, rest: {count: number, zeros: number, sum: number|null}}} terms by the size of
 *   their product (of their value, where nothing is multiplied), each with its `index`; rest: how many
 *   others, how many of their products are 0, and their sum.
 */
export function largestTerms(work, n) {
  const { terms } = work;
  const sizes = terms.products ?? terms.values;
  const order = Array.from(sizes.keys()).sort((a, b) => Math.abs(sizes[b]) - Math.abs(sizes[a]) || a - b);
  const others = order.slice(n).map((i) => sizes[i]);
  const zeros = others.filter((x) => x === 0).length;
  const sum = terms.products ? sightSum(others) : null;
  return {
    terms: order.slice(0, n).map((index) => ({ index, ...terms.at(index) })),
    rest: { count: others.length, zeros, sum },
  };
}
