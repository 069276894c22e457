// Pooling: each window of a map becomes one value, its largest, its mean or its sum.

import { cellOffsets, cellsOnMap, cropMap, padMap, placeOffsets, slideWindow } from "../windows.js";
import { backToOne, valuesInShape } from "./shapes.js";

const POOLS = { pool_size: 2, strides: null, padding: "valid" };

function poolingWindow(settings, shape) {
  const { pool_size: size, strides, padding } = settings;
  const window = slideWindow(shape.slice(0, -1), size, strides || size, padding);
  const channels = shape[shape.length - 1];
  return { window, channels, cells: cellOffsets(window, channels), places: placeOffsets(window, channels) };
}

/**
 * y = the largest value that the window sees; cells beyond the map count as −∞. The gradient goes to the cell
 * that was the largest; of several that are equal to the first of them, row by row, as TensorFlow has it on a
 * CPU.
 */
function maxPoolingOf(rank) {
  return {
    takes: POOLS,
    rank,
    make(settings, [shape]) {
      const { window, channels, cells, places } = poolingWindow(settings, shape);
      const forward = (x) => {
        const padded = padMap(x, window, channels, -Infinity);
        const y = largestOfWindows(padded, cells, places, channels, x.constructor);
        return [y, backToOne((g) => toLargest(g, y, padded, { window, cells, places, channels }))];
      };
      return { shape: [...window.shape, channels], forward };
    },
  };
}

function largestOfWindows(padded, cells, places, channels, Numbers) {
  const y = new Numbers(places.length * channels).fill(-Infinity);
  for (let o = 0; o < places.length; o++) {
    for (let i = 0; i < cells.length; i++) {
      const from = places[o] + cells[i];
      const to = o * channels;
      for (let c = 0; c < channels; c++) {
        const value = padded[from + c];
        if (value > y[to + c] || Number.isNaN(value)) y[to + c] = value;
      }
    }
  }
  return y;
}

function toLargest(g, y, padded, { window, cells, places, channels }) {
  const total = new Float64Array(padded.length);
  for (let o = 0; o < places.length; o++) {
    for (let c = 0; c < channels; c++) {
      const k = o * channels + c;
      if (g[k] === 0) continue;
      for (let i = 0; i < cells.length; i++) {
        const from = places[o] + cells[i] + c;
        if (padded[from] !== y[k]) continue;
        total[from] += g[k];
        break;
      }
    }
  }
  return cropMap(total, window, channels, g.constructor);
}

/** y = the sum of what the window sees, or its mean without the border. */
function sumPoolingOf(rank, isMean) {
  return {
    takes: POOLS,
    rank,
    make(settings, [shape]) {
      const { window, channels, cells, places } = poolingWindow(settings, shape);
      const factors = cellsOnMap(window).map((count) => (isMean ? 1 / count : 1));
      const forward = poolSums({ window, channels, cells, places, factors });
      return { shape: [...window.shape, channels], forward };
    },
  };
}

/** Return the forward function of windows whose sums are multiplied by a factor for each place. */
function poolSums({ window, channels, cells, places, factors }) {
  const sums = new Float64Array(channels);
  return (x) => {
    const padded = padMap(x, window, channels);
    const y = new x.constructor(places.length * channels);
    for (let o = 0; o < places.length; o++) {
      sums.fill(0);
      for (let i = 0; i < cells.length; i++) {
        const from = places[o] + cells[i];
        for (let c = 0; c < channels; c++) sums[c] += padded[from + c];
      }
      for (let c = 0; c < channels; c++) y[o * channels + c] = sums[c] * factors[o];
    }
    return [y, backToOne((g) => spreadOverWindows(g, { window, channels, cells, places, factors }))];
  };
}

/** Return the sum over all windows that see a cell of their gradient times the factor of their place. */
function spreadOverWindows(g, { window, channels, cells, places, factors }) {
  const total = new Float64Array(window.sizes[0] * window.sizes[1] * channels);
  for (let o = 0; o < places.length; o++) {
    for (let i = 0; i < cells.length; i++) {
      const to = places[o] + cells[i];
      for (let c = 0; c < channels; c++) total[to + c] += g[o * channels + c] * factors[o];
    }
  }
  return cropMap(total, window, channels, g.constructor);
}

function globalShape(settings, shape) {
  const channels = shape[shape.length - 1];
  return settings.keepdims ? [...Array(shape.length - 1).fill(1), channels] : [channels];
}

/** y = the mean of each whole map. */
function globalMeanOf(rank) {
  return {
    takes: { keepdims: false },
    rank,
    make(settings, [shape]) {
      const channels = shape[shape.length - 1];
      const cells = valuesInShape(shape) / channels;
      const forward = (x) => {
        const sums = new Float64Array(channels);
        for (let i = 0; i < x.length; i++) sums[i % channels] += x[i];
        const y = x.constructor.from(sums, (sum) => sum / cells);
        return [y, backToOne((g) => new x.constructor(x.length).map((_, i) => g[i % channels] / cells))];
      };
      return { shape: globalShape(settings, shape), forward };
    },
  };
}

/**
 * y = the largest value of each whole map. Cells that are equally large share the gradient, as in
 * TensorFlow.
 */
function globalMaxOf(rank) {
  return {
    takes: { keepdims: false },
    rank,
    make(settings, [shape]) {
      const channels = shape[shape.length - 1];
      const forward = (x) => {
        const y = x.slice(0, channels);
        for (let i = channels; i < x.length; i++) y[i % channels] = Math.max(y[i % channels], x[i]);
        const back = (g) => {
          const counts = new Float64Array(channels);
          for (let i = 0; i < x.length; i++) if (x[i] === y[i % channels]) counts[i % channels]++;
          const share = counts.map((count, c) => g[c] / count);
          return x.map((value, i) => (value === y[i % channels] ? share[i % channels] : 0));
        };
        return [y, backToOne(back)];
      };
      return { shape: globalShape(settings, shape), forward };
    },
  };
}

/**
 * y = coefficient · Σ window + bias, one of each for a map; windows of k×k side by side.
 *
 * Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
 */
const SUBSAMPLING = {
  takes: { pool_size: 2 },
  rank: 3,
  weights: (settings, [shape]) => ({ coefficient: shape.slice(-1), bias: shape.slice(-1) }),
  make(settings, [shape], { coefficient, bias }) {
    const told = { pool_size: settings.pool_size, strides: null, padding: "valid" };
    const { window, channels, cells, places } = poolingWindow(told, shape);
    const ones = new Float64Array(places.length).fill(1);
    const pool = poolSums({ window, channels, cells, places, factors: ones });
    const forward = (x) => {
      const [sums, back] = pool(x);
      const y = sums.map((sum, i) => coefficient[i % channels] * sum + bias[i % channels]);
      return [y, backToOne((g) => back(g.map((share, i) => share * coefficient[i % channels]))[0])];
    };
    return { shape: [...window.shape, channels], forward };
  },
};

/** The kinds of pooling, by Keras' names and ours. */
export const poolingLayers = {
  MaxPooling2D: maxPoolingOf(3),
  MaxPooling1D: maxPoolingOf(2),
  SumPooling2D: sumPoolingOf(3, false),
  AveragePooling2D: sumPoolingOf(3, true),
  AveragePooling1D: sumPoolingOf(2, true),
  GlobalAveragePooling2D: globalMeanOf(3),
  GlobalAveragePooling1D: globalMeanOf(2),
  GlobalMaxPooling2D: globalMaxOf(3),
  GlobalMaxPooling1D: globalMaxOf(2),
  Subsampling2D: SUBSAMPLING,
};
