// Sums of products: a kernel at every place of a map, and the way back. Sums are held in double precision.

import { cellOffsets, cropMap, padMap, placeOffsets } from "./windows.js";

/**
 * Return how a kernel lies on a map: runs of cells that stand side by side both in the map and in the kernel.
 *
 * The kernel is (rows, columns, channels / groups, filters). Where it sees whole rows, a run is a row of the
 * window.
 */
export function planKernel(window, channels, filters, groups) {
  const each = channels / groups;
  const isWhole = groups === 1 && window.dilation[1] === 1;
  const cells = cellOffsets(window, channels);
  const runs = isWhole ? cells.filter((_, i) => i % window.size[1] === 0) : cells;
  return {
    window,
    channels,
    filters,
    groups,
    each,
    runs,
    length: isWhole ? window.size[1] * channels : each,
    places: placeOffsets(window, channels),
    values: cells.length * each, // that one filter reads
  };
}

/** Return whether all numbers are finite: only then may a product with 0 be left out. */
export function areFinite(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

/** Return a kernel (values, filters) as (filters, values). */
export function turnKernel(kernel, filters) {
  const values = kernel.length / filters;
  const turned = new kernel.constructor(kernel.length);
  for (let k = 0; k < values; k++) {
    for (let f = 0; f < filters; f++) turned[f * values + k] = kernel[k * filters + f];
  }
  return turned;
}

/**
 * Return y[o, f] = b[f] + Σ_i Σ_c x[o·stride + i·dilation, c] · w[i, c, f], (places, filters).
 *
 * The innermost loop runs over the filters, which lie side by side in w and in the sums.
 *
 * @param {Float32Array} x the map, without its border
 * @param {Float32Array} kernel (rows, columns, channels / groups, filters)
 * @param {object} plan of `planKernel`
 * @param {Float32Array|null} bias one for each filter
 * @param {boolean} isSparse whether products with 0 may be left out
 */
export function convolveMap(x, kernel, plan, bias, isSparse) {
  const { places, filters, groups } = plan;
  const padded = padMap(x, plan.window, plan.channels);
  const y = new x.constructor(places.length * filters);
  const some = filters / groups;
  const sums = new Float64Array(some);
  for (let group = 0; group < groups; group++) {
    const first = group * some;
    for (let o = 0; o < places.length; o++) {
      if (bias) for (let f = 0; f < some; f++) sums[f] = bias[first + f];
      else sums.fill(0);
      sumProducts(padded, places[o] + group * plan.each, kernel, first, plan, sums, isSparse);
      y.set(sums, o * filters + first);
    }
  }
  return y;
}

/** Add to the sums of the filters what one place sees, four values at a time: fewer reads of each sum. */
function sumProducts(padded, start, kernel, first, plan, sums, isSparse) {
  const { runs, length, filters } = plan;
  const some = sums.length;
  let row = first;
  for (let r = 0; r < runs.length; r++) {
    const from = start + runs[r];
    let t = 0;
    for (; t + 3 < length; t += 4, row += 4 * filters) {
      const a = padded[from + t];
      const b = padded[from + t + 1];
      const c = padded[from + t + 2];
      const d = padded[from + t + 3];
      if (isSparse && a === 0 && b === 0 && c === 0 && d === 0) continue;
      const second = row + filters;
      const third = second + filters;
      const fourth = third + filters;
      for (let f = 0; f < some; f++) {
        const early = a * kernel[row + f] + b * kernel[second + f];
        sums[f] += early + c * kernel[third + f] + d * kernel[fourth + f];
      }
    }
    for (; t < length; t++, row += filters) {
      const a = padded[from + t];
      if (isSparse && a === 0) continue;
      for (let f = 0; f < some; f++) sums[f] += a * kernel[row + f];
    }
  }
}

/**
 * Return ∂L/∂x: each g[o, f] · w[i, c, f] added to the cell x[o·stride + i·dilation, c] that it came from.
 *
 * The innermost loop runs over the cells that a filter sees side by side; a gradient of 0, as most are behind
 * a rectifier and a pooling, costs nothing.
 *
 * @param {Float32Array} g (places, filters)
 * @param {Float32Array} turned the kernel by `turnKernel`, (filters, rows·columns·channels / groups)
 */
export function convolveMapBack(g, turned, plan, isSparse) {
  const { places, filters, groups } = plan;
  const total = new Float64Array(plan.window.sizes[0] * plan.window.sizes[1] * plan.channels);
  const some = filters / groups;
  const busy = new Int32Array(some); // filters with a gradient at a place
  for (let o = 0; o < places.length; o++) {
    for (let group = 0; group < groups; group++) {
      let count = 0;
      for (let f = group * some; f < (group + 1) * some; f++) {
        if (!isSparse || g[o * filters + f] !== 0) busy[count++] = f;
      }
      spreadShares(total, places[o] + group * plan.each, g, o * filters, { turned, plan, busy, count });
    }
  }
  return cropMap(total, plan.window, plan.channels, g.constructor);
}

/** Add g[f] · w[f] for the busy filters f to the cells that one place sees, two filters at a time. */
function spreadShares(total, start, g, row, { turned, plan, busy, count }) {
  const { runs, length, values } = plan;
  for (let n = 0; n < count; n += 2) {
    const isPair = n + 1 < count;
    const share = g[row + busy[n]];
    const other = isPair ? g[row + busy[n + 1]] : 0;
    let one = busy[n] * values;
    let two = isPair ? busy[n + 1] * values : one;
    for (let r = 0; r < runs.length; r++) {
      const to = start + runs[r];
      if (isPair) {
        for (let t = 0; t < length; t++) total[to + t] += share * turned[one + t] + other * turned[two + t];
      } else {
        for (let t = 0; t < length; t++) total[to + t] += share * turned[one + t];
      }
      one += length;
      two += length;
    }
  }
}

/**
 * Return y[o, c·m + j] = b + Σ_i x[o·stride + i·dilation, c] · w[i, c, j]: each channel by itself, m kernels
 * each.
 */
export function convolveEach(x, kernel, window, channels, bias) {
  const padded = padMap(x, window, channels);
  const [cells, places] = [cellOffsets(window, channels), placeOffsets(window, channels)];
  const width = kernel.length / cells.length;
  const m = width / channels;
  const y = new x.constructor(places.length * width);
  const sums = new Float64Array(width);
  for (let o = 0; o < places.length; o++) {
    if (bias) sums.set(bias);
    else sums.fill(0);
    for (let i = 0; i < cells.length; i++) {
      const from = places[o] + cells[i];
      for (let c = 0, k = 0; c < channels; c++) {
        const value = padded[from + c];
        for (let j = 0; j < m; j++, k++) sums[k] += value * kernel[i * width + k];
      }
    }
    y.set(sums, o * width);
  }
  return y;
}

/** Return ∂L/∂x of `convolveEach`. */
export function convolveEachBack(g, kernel, window, channels) {
  const [cells, places] = [cellOffsets(window, channels), placeOffsets(window, channels)];
  const width = kernel.length / cells.length;
  const m = width / channels;
  const total = new Float64Array(window.sizes[0] * window.sizes[1] * channels);
  for (let o = 0; o < places.length; o++) {
    for (let i = 0; i < cells.length; i++) {
      const to = places[o] + cells[i];
      for (let c = 0, k = 0; c < channels; c++) {
        let sum = 0;
        for (let j = 0; j < m; j++, k++) sum += g[o * width + k] * kernel[i * width + k];
        total[to + c] += sum;
      }
    }
  }
  return cropMap(total, window, channels, g.constructor);
}

/** Return a plan for rows of values that a matrix multiplies: a window of one cell on a map of one row. */
export function planRows(rows, values, units) {
  const one = { size: [1, 1], strides: [1, 1], dilation: [1, 1], borders: [[0, 0], [0, 0]] };
  const window = { ...one, sizes: [1, rows], outputs: [1, rows], map: [1, rows], shape: [1, rows] };
  return planKernel(window, values, units, 1);
}
