import {
  sightBorders, sightMovedAxis, sightRange, sightRepeatedAxis, sightResampledAxis, sightSpread,
  sightTransposedAxis, sightWholeAxis, sightWindowAxis,
} from "./axes.js";
import { sightIndex } from "./slots.js";

/*
 * Which cells of an input each cell of a layer's output reads, by the layer's kind. A reading is {rows,
 * columns, channels}: cell (r, c, f) reads every cell of rows.at(r) × columns.at(c) × channels.of(f). Layers
 * that only put the values into another order have {turn: {back, on}} instead: from a position of the output
 * to one of the input, and on.
 */

const sightReadingsKnown = new WeakMap();

/**
 * Return what each cell of a step reads of its n-th input.
 *
 * @param {Array} steps the program's.
 * @param {object} step one of them.
 * @param {number} n which of the slots in `step.reads`.
 * @returns {object} {rows, columns, channels, turn, from, to}: from and to are [rows, columns, channels] of the
 *   input and the output. A kind that stands in no list is taken to read everything.
 */
export function sightReading(steps, step, n) {
  let known = sightReadingsKnown.get(step);
  if (!known) sightReadingsKnown.set(step, (known = new Map()));
  if (!known.has(n)) known.set(n, sightMakeReading(sightIndex(steps), step, n));
  return known.get(n);
}

function sightMakeReading(index, step, n) {
  const inputs = step.reads.map((slot) => index.shapes.get(slot));
  const told = index.told.get(step.reads[n]);
  const context = {
    settings: step.settings ?? {}, from: inputs[n], to: index.shapes.get(step.fills), n, inputs,
    rank: told.length, told, output: index.told.get(step.fills),
  };
  const make = SIGHT_READINGS[step.kind];
  const found = make ? make(context) : sightEverything(context);
  const { from, to } = context;
  return { turn: null, from, to, ...found };
}

/** Return the axes that a setting names, as 0 for rows, 1 for columns and 2 for channels. */
export function sightAxesTold(axis, rank) {
  const several = Array.isArray(axis) ? axis : [axis ?? -1];
  return several.map((a) => (a > 0 ? a - 1 : a + rank) + Math.max(3 - rank, 0));
}

function sightSameChannels() {
  return { of: (f) => [f], to: (c) => [c] };
}

function sightAllChannels(from, to) {
  const [all, readers] = [sightRange(from), sightRange(to)];
  return { of: () => all, to: () => readers };
}

function sightGroupedChannels(from, to, groups) {
  const [depth, filters] = [from / groups, to / groups];
  const part = (size) => (group) => sightRange(size).map((i) => group * size + i);
  const [of, on] = [part(depth), part(filters)];
  return { of: (f) => of(Math.floor(f / filters)), to: (c) => on(Math.floor(c / depth)) };
}

function sightEverything({ from, to }) {
  return {
    rows: sightWholeAxis(from[0], to[0]),
    columns: sightWholeAxis(from[1], to[1]),
    channels: sightAllChannels(from[2], to[2]),
  };
}

function sightEach({ from }) {
  return {
    rows: sightMovedAxis(from[0]), columns: sightMovedAxis(from[1]), channels: sightSameChannels(),
  };
}

/** Return rows and columns of a window; of a series the columns alone. */
function sightWindows({ settings, from, rank }, sizes, strides, make = sightWindowAxis) {
  const axes = rank === 2 ? 1 : 2;
  const told = [sizes, strides, settings.dilation_rate ?? 1];
  const [size, step, dilation] = told.map((n) => sightSpread(n, axes));
  const padding = settings.padding ?? "valid";
  const borders = typeof padding === "string" ? [padding, padding] : sightBorders(padding, axes);
  const extra = sightSpread(settings.output_padding ?? null, axes);
  const along = (n, i) => make(n, size[i], step[i], borders[i], dilation[i], extra[i]);
  if (axes === 1) return { rows: sightMovedAxis(1), columns: along(from[1], 0) };
  return { rows: along(from[0], 0), columns: along(from[1], 1) };
}

function sightConvolution(context, channels) {
  return { ...sightWindows(context, context.settings.kernel_size, context.settings.strides ?? 1), channels };
}

function sightGrouped(context) {
  const { from, to, settings } = context;
  return sightConvolution(context, sightGroupedChannels(from[2], to[2], settings.groups ?? 1));
}

function sightDepthwise(context) {
  const [depth, filters] = [context.from[2], context.to[2]];
  return sightConvolution(context, sightGroupedChannels(depth, filters, depth));
}

function sightMixed(context) {
  return sightConvolution(context, sightAllChannels(context.from[2], context.to[2]));
}

function sightTransposed(context) {
  const { settings, from, to } = context;
  const axes = sightWindows(context, settings.kernel_size, settings.strides ?? 1, sightTransposedAxis);
  return { ...axes, channels: sightAllChannels(from[2], to[2]) };
}

function sightByTable(context) {
  const table = context.settings.connections;
  const to = (map) => sightRange(table.length).filter((f) => table[f].includes(map));
  return sightConvolution(context, { of: (f) => table[f], to });
}

function sightPooling(context) {
  const size = context.settings.pool_size ?? 2;
  const axes = sightWindows(context, size, context.settings.strides ?? size);
  axes.rows.drops = axes.columns.drops = true;
  return { ...axes, channels: sightSameChannels() };
}

function sightGlobal({ from }) {
  return {
    rows: sightWholeAxis(from[0]), columns: sightWholeAxis(from[1]), channels: sightSameChannels(),
  };
}

function sightDense({ from, to }) {
  return {
    rows: sightMovedAxis(from[0]), columns: sightMovedAxis(from[1]),
    channels: sightAllChannels(from[2], to[2]),
  };
}

/** A layer that mixes the values along some axes: softmax, layer normalisation. */
function sightAlong(context) {
  const { from, settings, rank } = context;
  const axes = sightAxesTold(settings.axis, rank);
  const mixed = (i) => axes.includes(i);
  return {
    rows: mixed(0) ? sightWholeAxis(from[0], from[0]) : sightMovedAxis(from[0]),
    columns: mixed(1) ? sightWholeAxis(from[1], from[1]) : sightMovedAxis(from[1]),
    channels: mixed(2) ? sightAllChannels(from[2], from[2]) : sightSameChannels(),
  };
}

function sightOverGroups({ from, settings }) {
  const told = settings.groups ?? 32;
  const groups = told === -1 ? from[2] : told;
  return {
    rows: sightWholeAxis(from[0], from[0]),
    columns: sightWholeAxis(from[1], from[1]),
    channels: sightGroupedChannels(from[2], from[2], groups),
  };
}

function sightNearChannels(context) {
  const [channels, radius] = [context.from[2], context.settings.depth_radius ?? 5];
  const near = (f) => sightRange(channels).filter((c) => Math.abs(c - f) <= radius);
  return { ...sightEach(context), channels: { of: near, to: near } };
}

function sightJoin({ from, to }) {
  const along = (i) => (from[i] === to[i] ? sightMovedAxis(from[i]) : sightRepeatedAxis(to[i]));
  const all = sightAllChannels(1, to[2]);
  return { rows: along(0), columns: along(1), channels: from[2] === to[2] ? sightSameChannels() : all };
}

function sightBeside(context) {
  const { from, to, settings, rank, inputs, n } = context;
  const [axis] = sightAxesTold(settings.axis, rank);
  const before = inputs.slice(0, n).reduce((sum, shape) => sum + shape[axis], 0);
  const along = (i) => sightMovedAxis(from[i], i === axis ? before : 0, to[i], true);
  const isMine = (f) => f >= before && f < before + from[2];
  const part = { of: (f) => (isMine(f) ? [f - before] : []), to: (c) => [c + before] };
  return { rows: along(0), columns: along(1), channels: axis === 2 ? part : sightSameChannels() };
}

function sightBorder(context, sign) {
  const { settings, from, to, rank } = context;
  const told = settings.padding ?? settings.cropping ?? 1;
  const pairs = sightBorders(told, rank === 2 ? 1 : 2);
  const [rows, columns] = rank === 2 ? [[0, 0], pairs[0]] : pairs;
  return {
    rows: sightMovedAxis(from[0], sign * rows[0], to[0]),
    columns: sightMovedAxis(from[1], sign * columns[0], to[1]),
    channels: sightSameChannels(),
  };
}

function sightResampled({ settings, from, to }) {
  const how = settings.interpolation ?? "nearest";
  const along = (i) => {
    return from[i] === to[i] ? sightMovedAxis(from[i]) : sightResampledAxis(from[i], to[i], how);
  };
  return { rows: along(0), columns: along(1), channels: sightSameChannels() };
}

function sightRepeated({ from, to }) {
  return { rows: sightMovedAxis(1), columns: sightRepeatedAxis(to[1]), channels: sightSameChannels() };
}

function sightTurned() {
  return { turn: { back: (position) => position, on: (position) => position } };
}

function sightPermuted({ settings, told, output }) {
  const order = settings.dims.map((axis) => axis - 1);
  const strides = (shape) => shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const [before, after] = [strides(told), strides(output)];
  const along = (position, i) => Math.floor(position / after[i]) % output[i];
  const back = (position) => order.reduce((sum, axis, i) => sum + along(position, i) * before[axis], 0);
  const on = (position) =>
    order.reduce((sum, axis, i) => sum + (Math.floor(position / before[axis]) % told[axis]) * after[i], 0);
  return { turn: { back, on } };
}

const SIGHT_READINGS = {
  Conv2D: sightGrouped, Conv1D: sightGrouped, GroupedConv2D: sightGrouped, PartialConv2D: sightByTable,
  DepthwiseConv2D: sightDepthwise, DepthwiseConv1D: sightDepthwise,
  SeparableConv2D: sightMixed, SeparableConv1D: sightMixed, SCells: sightMixed, CCells: sightMixed,
  Conv2DTranspose: sightTransposed, Conv1DTranspose: sightTransposed,
  MaxPooling2D: sightPooling, MaxPooling1D: sightPooling, AveragePooling2D: sightPooling,
  AveragePooling1D: sightPooling, SumPooling2D: sightPooling, Subsampling2D: sightPooling,
  GlobalAveragePooling2D: sightGlobal, GlobalAveragePooling1D: sightGlobal,
  GlobalMaxPooling2D: sightGlobal, GlobalMaxPooling1D: sightGlobal,
  Dense: sightDense, RadialBasis: sightDense,
  Softmax: sightAlong, LayerNormalization: sightAlong, UnitNormalization: sightAlong,
  RMSNormalization: sightAlong,
  GroupNormalization: sightOverGroups, LocalResponseNormalization: sightNearChannels,
  Activation: (context) => {
    return /softmax/.test(context.settings.activation) ? sightAlong(context) : sightEach(context);
  },
  ReLU: sightEach, LeakyReLU: sightEach, PReLU: sightEach, ELU: sightEach, ScaledTanh: sightEach,
  BatchNormalization: sightEach, Rescaling: sightEach, Normalization: sightEach, Identity: sightEach,
  Dropout: sightEach, SpatialDropout2D: sightEach, GaussianNoise: sightEach,
  Add: sightJoin, Average: sightJoin, Subtract: sightJoin, Multiply: sightJoin, Maximum: sightJoin,
  Minimum: sightJoin, Concatenate: sightBeside,
  ZeroPadding2D: (context) => sightBorder(context, 1), ZeroPadding1D: (context) => sightBorder(context, 1),
  ConstantPadding2D: (context) => sightBorder(context, 1),
  Cropping2D: (context) => sightBorder(context, -1), Cropping1D: (context) => sightBorder(context, -1),
  UpSampling2D: sightResampled, UpSampling1D: sightResampled, Resizing: sightResampled,
  RepeatVector: sightRepeated, Flatten: sightTurned, Reshape: sightTurned, Permute: sightPermuted,
};
