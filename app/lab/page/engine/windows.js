// Where a window stands on a map: the geometry that convolution and pooling share. A series is a map of one
// row.

/** Return a size for each of `rank` axes: 3 stands for [3, 3]. */
export function spreadSize(size, rank) {
  const sizes = Array.isArray(size) ? size : Array(rank).fill(size);
  if (sizes.length !== rank || !sizes.every(Number.isInteger)) {
    throw new Error(`expected a whole number or ${rank} of them, not ${JSON.stringify(size)}`);
  }
  return sizes;
}

/**
 * Return the cells of a border before and after along each axis.
 *
 * @example bordersOf([1, 2], 2)  // [[1, 1], [2, 2]]
 * @param {number|number[]|number[][]} padding 1: everywhere; [1, 2]: rows and columns, of a series before and
 *   after
 */
export function bordersOf(padding, rank) {
  const fits = Array.isArray(padding) ? padding.length === rank || (rank === 1 && padding.length === 2)
    : Number.isInteger(padding);
  if (!fits) throw new Error(`padding ${JSON.stringify(padding)} is not known`);
  let pairs = Array.isArray(padding) ? padding : Array(rank).fill(padding);
  if (rank === 1 && pairs.length === 2) pairs = [pairs];
  const found = pairs.map((pair) => spreadSize(pair, 2));
  if (found.flat().some((n) => n < 0)) throw new Error("a border has 0 cells or more");
  return found;
}

function windowBorders(sizes, reach, strides, padding) {
  const rank = sizes.length;
  if (padding === "same") {
    return sizes.map((n, i) => {
      const lacks = Math.max((Math.ceil(n / strides[i]) - 1) * strides[i] + reach[i] - n, 0);
      return [Math.floor(lacks / 2), lacks - Math.floor(lacks / 2)];
    });
  }
  const ends = { valid: [0, 0], full: [1, 1], ...(rank === 1 ? { causal: [1, 0] } : {}) }[padding];
  if (ends) return reach.map((r) => [ends[0] * (r - 1), ends[1] * (r - 1)]);
  return bordersOf(padding, rank);
}

/**
 * Return where a window stands on a map: its cell i at place o is cell o·stride + i·dilation of the map with
 * its border.
 *
 * @example slideWindow([28, 28], 3, 2, "valid", 1).outputs  // [13, 13]
 * @param {number[]} sizes of the map, without channels: one or two
 * @param {number|number[]} size of the window
 * @param {string|number|number[]} padding `valid`, `same`, `full`, `causal` or cells of border
 * @returns {{size, strides, dilation, borders, sizes, outputs, map}} rows first, columns second; `sizes` are
 *   those of the map with its border, `map` those without, `shape` the places as the layer has them
 */
export function slideWindow(sizes, size, strides = 1, padding = "valid", dilation = 1) {
  const rank = sizes.length;
  const told = [size, strides, dilation].map((n) => spreadSize(n, rank));
  if (told.flat().some((n) => n < 1)) throw new Error("window, strides and dilation must be 1 or more");
  const reach = told[0].map((n, i) => told[2][i] * (n - 1) + 1);
  const borders = windowBorders(sizes, reach, told[1], padding);
  const padded = sizes.map((n, i) => n + borders[i][0] + borders[i][1]);
  const outputs = padded.map((n, i) => Math.floor((n - reach[i]) / told[1][i]) + 1);
  if (Math.min(...outputs) < 1) {
    throw new Error(`a window of ${reach.join("×")} cells is larger than a map of ${padded.join("×")}`);
  }
  const asRows = (values, one) => (rank === 1 ? [one, ...values] : values);
  return {
    size: asRows(told[0], 1),
    strides: asRows(told[1], 1),
    dilation: asRows(told[2], 1),
    borders: asRows(borders, [0, 0]),
    sizes: asRows(padded, 1),
    outputs: asRows(outputs, 1),
    map: asRows(sizes, 1),
    shape: outputs,
  };
}

/**
 * Return the window that has as many places as a map of some sizes has cells, on a larger map: that of a
 * transposed convolution. `same` multiplies a size by the stride, `valid` takes the smallest, but not less.
 *
 * @example slideWindowBack([7, 7], 3, 2, "valid", 1, null).map  // [15, 15]
 */
export function slideWindowBack(sizes, size, strides, padding, dilation, outputPadding) {
  const rank = sizes.length;
  const [k, s, d] = [size, strides, dilation].map((n) => spreadSize(n, rank));
  const extra = outputPadding === null ? null : spreadSize(outputPadding, rank);
  const larger = sizes.map((n, i) => {
    const reach = d[i] * (k[i] - 1) + 1;
    if (extra === null) return padding === "same" ? n * s[i] : (n - 1) * s[i] + Math.max(reach, s[i]);
    return (n - 1) * s[i] + (padding === "same" ? reach % 2 : reach) + extra[i];
  });
  const window = slideWindow(larger, size, strides, padding, dilation);
  const fits = window.shape.every((n, i) => n === sizes[i]) && (padding === "same" || padding === "valid");
  if (!fits) throw new Error("strides, padding and output_padding do not fit");
  return { ...window, larger };
}

/**
 * Return a map (rows, columns, channels) within the border of a window, or the map itself where there is
 * none.
 */
export function padMap(x, window, channels, value = 0) {
  const [[top, bottom], [left, right]] = window.borders;
  if (!(top || bottom || left || right)) return x;
  const [rows, columns] = window.map;
  const width = window.sizes[1] * channels;
  const padded = new x.constructor(window.sizes[0] * width);
  if (value !== 0) padded.fill(value);
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * columns * channels, (r + 1) * columns * channels);
    padded.set(row, (r + top) * width + left * channels);
  }
  return padded;
}

/** Return the map inside the border of a window: what `padMap` put a border around, as a `Numbers` array. */
export function cropMap(padded, window, channels, Numbers) {
  const [[top], [left]] = window.borders;
  const [rows, columns] = window.map;
  const width = window.sizes[1] * channels;
  const x = new Numbers(rows * columns * channels);
  for (let r = 0; r < rows; r++) {
    const start = (r + top) * width + left * channels;
    x.set(padded.subarray(start, start + columns * channels), r * columns * channels);
  }
  return x;
}

/**
 * Return, for each cell of a window, how far it lies from the window's first cell in a map with its border.
 */
export function cellOffsets(window, channels) {
  const offsets = [];
  for (let i = 0; i < window.size[0]; i++) {
    for (let j = 0; j < window.size[1]; j++) {
      offsets.push((i * window.dilation[0] * window.sizes[1] + j * window.dilation[1]) * channels);
    }
  }
  return Int32Array.from(offsets);
}

/** Return, for each place of a window, where its first cell lies in a map with its border. */
export function placeOffsets(window, channels) {
  const offsets = new Int32Array(window.outputs[0] * window.outputs[1]);
  for (let r = 0, o = 0; r < window.outputs[0]; r++) {
    for (let c = 0; c < window.outputs[1]; c++, o++) {
      offsets[o] = (r * window.strides[0] * window.sizes[1] + c * window.strides[1]) * channels;
    }
  }
  return offsets;
}

/** Return how many cells of the window lie on the map at each place, and not on its border; one at least. */
export function cellsOnMap(window) {
  const counts = [0, 1].map((axis) => {
    const [before] = window.borders[axis];
    return Array.from({ length: window.outputs[axis] }, (_, o) => {
      let count = 0;
      for (let i = 0; i < window.size[axis]; i++) {
        const cell = o * window.strides[axis] + i * window.dilation[axis] - before;
        if (cell >= 0 && cell < window.map[axis]) count++;
      }
      return count;
    });
  });
  const ofRow = (rows) => counts[1].map((columns) => Math.max(rows * columns, 1));
  return Float64Array.from(counts[0].flatMap(ofRow));
}
