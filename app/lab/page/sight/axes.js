/*
 * One axis of what a layer reads. A reading along an axis says for each position of the output which
 * positions of the input it reads: {count, size, period, isWhole, drops, at(o) → {cells, taps, shares}}.
 *
 *   count    positions of the output
 *   size     positions of the input
 *   period   [outputs, cells]: at(o + outputs) is at(o), all cells larger by `cells`
 *   isWhole  whether every output reads the whole axis
 *   drops    whether cells outside the input are nothing at all; otherwise they are cells of padding
 *   clamps   whether cells outside the input stand for the cell at the edge
 *   at(o)    cells: where it reads, perhaps outside the input; taps: by which row or column of the kernel;
 *            shares: the share of each cell in an interpolation, or null
 */

/** Return a setting for each of `rank` axes: 3 stands for [3, 3]. */
export function sightSpread(setting, rank) {
  return Array.isArray(setting) ? setting : new Array(rank).fill(setting);
}

/**
 * Return the cells of a border as Keras' settings of padding and cropping say them, a pair for each axis.
 *
 * @param {number|Array} padding 1: everywhere. [1, 2]: rows and columns; of a series, before and after.
 *   [[0, 1], [2, 2]]: all told.
 * @param {number} rank number of axes.
 * @example sightBorders([1, 2], 2) // [[1, 1], [2, 2]]
 */
export function sightBorders(padding, rank) {
  let pairs = sightSpread(padding, rank);
  if (rank === 1 && pairs.length === 2) pairs = [pairs];
  return pairs.map((pair) => sightSpread(pair, 2));
}

/**
 * Return the cells of padding before and after an axis of `size` cells, for a window that spans `reach`
 * cells.
 */
export function sightSides(size, reach, stride, padding) {
  if (Array.isArray(padding)) return padding;
  if (padding === "same") {
    const lack = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
    return [Math.floor(lack / 2), lack - Math.floor(lack / 2)];
  }
  if (padding === "full") return [reach - 1, reach - 1];
  return padding === "causal" ? [reach - 1, 0] : [0, 0];
}

/**
 * Return the reading of a window: output o reads the cells o·stride + t·dilation − border.
 *
 * @example sightWindowAxis(5, 3, 2, "same", 1).at(0).cells // [−1, 0, 1]
 */
export function sightWindowAxis(size, kernel, stride, padding, dilation) {
  const reach = dilation * (kernel - 1) + 1;
  const [before, after] = sightSides(size, reach, stride, padding);
  const count = Math.floor((size + before + after - reach) / stride) + 1;
  const taps = sightRange(kernel);
  const at = (o) => ({ cells: taps.map((t) => o * stride + t * dilation - before), taps, shares: null });
  return { count, size, period: [1, stride], isWhole: false, drops: false, at };
}

/**
 * Return the reading of a transposed convolution: output o gathers the cells i with i·stride + t·dilation = o
 * + border.
 */
export function sightTransposedAxis(size, kernel, stride, padding, dilation, extra) {
  const reach = dilation * (kernel - 1) + 1;
  let count = padding === "same" ? size * stride : (size - 1) * stride + Math.max(reach, stride);
  if (extra !== null) count = (size - 1) * stride + (padding === "same" ? reach % 2 : reach) + extra;
  const [before] = sightSides(count, reach, stride, padding);
  const all = sightRange(kernel).reverse();
  const at = (o) => {
    const taps = all.filter((t) => (o + before - t * dilation) % stride === 0);
    return { cells: taps.map((t) => (o + before - t * dilation) / stride), taps, shares: null };
  };
  return { count, size, period: [stride, 1], isWhole: false, drops: true, at };
}

/**
 * Return the reading of an axis of `count` cells made of one of `size` by interpolation; "nearest" or
 * "bilinear".
 */
export function sightResampledAxis(size, count, interpolation) {
  const common = sightDivisor(size, count);
  const at = (o) => {
    const place = (2 * o + 1) * size;
    if (interpolation === "nearest") {
      return { cells: [Math.floor(place / (2 * count))], taps: [0], shares: [1] };
    }
    const low = Math.floor((place - count) / (2 * count));
    const share = (place - count - low * 2 * count) / (2 * count);
    if (share === 0) return { cells: [low], taps: [0], shares: [1] };
    const isInside = low >= 0 && low + 1 < size;
    if (isInside || o < 0 || o >= count) {
      return { cells: [low, low + 1], taps: [0, 0], shares: [1 - share, share] };
    }
    return { cells: [Math.min(Math.max(low, 0), size - 1)], taps: [0], shares: [1] };
  };
  const period = [count / common, size / common];
  return { count, size, period, isWhole: false, drops: false, clamps: true, at };
}

/**
 * Return the reading of an axis that is left alone, or moved by `before` cells: output o reads cell o −
 * before.
 */
export function sightMovedAxis(size, before = 0, count = size, drops = false) {
  const at = (o) => ({ cells: [o - before], taps: [0], shares: null });
  return { count, size, period: [1, 1], isWhole: false, drops, at };
}

/** Return the reading of an axis of which every output reads all cells. */
export function sightWholeAxis(size, count = 1) {
  const all = { cells: sightRange(size), taps: new Array(size).fill(0), shares: null };
  return { count, size, period: [1, 0], isWhole: true, drops: false, at: () => all };
}

/** Return the reading of an axis of one cell that is repeated. */
export function sightRepeatedAxis(count) {
  const one = { cells: [0], taps: [0], shares: null };
  return { count, size: 1, period: [1, 0], isWhole: false, drops: false, at: () => one };
}

/** Return the cells that output o reads, those outside the input left out, and no cell twice. */
export function sightCellsAt(axis, o) {
  const { cells } = axis.at(o);
  const found = axis.clamps ? cells.map((cell) => Math.min(Math.max(cell, 0), axis.size - 1)) : cells;
  return [...new Set(found)].filter((cell) => cell >= 0 && cell < axis.size);
}

/** Return for each cell of the input the outputs that read it: the inverse of `at`. */
export function sightReadersOf(axis) {
  const readers = Array.from({ length: axis.size }, () => []);
  for (let o = 0; o < axis.count; o += 1) {
    for (const cell of sightCellsAt(axis, o)) readers[cell].push(o);
  }
  return readers;
}

/** Return the numbers from 0 to n − 1. */
export function sightRange(n) {
  return Array.from({ length: n }, (_, i) => i);
}

/** Return the greatest common divisor. */
export function sightDivisor(a, b) {
  return b === 0 ? a : sightDivisor(b, a % b);
}
