// What LeCun's networks of 1989 and 1998 had, and the two kinds of cells of Fukushima's neocognitron.

import { planKernel } from "../products.js";
import { convolveEach, convolveEachBack } from "../products.js";
import { slideWindow, spreadSize } from "../windows.js";
import { cellByCell } from "./activations.js";
import { sumsOfPlan } from "./dense.js";
import { TOLD } from "./settings.js";
import { backToOne, valuesInShape } from "./shapes.js";

const NEARNESS = 0.9;
const SMALLEST = 1e-7; // the root has no slope at 0, so that less than this counts as this much (Keras' ε)

function partialWindow(settings, shape) {
  return slideWindow(shape.slice(0, -1), settings.kernel_size, settings.strides, settings.padding);
}

function partialWeights(settings, [shape]) {
  const maps = settings.connections.flat();
  if (!(Math.min(...maps) >= 0 && Math.max(...maps) < shape[2])) {
    throw new Error(`the connections name a map that is none of ${shape[2]}`);
  }
  const filters = settings.connections.length;
  const bias = settings.shared_bias ? [filters] : [...partialWindow(settings, shape).shape, filters];
  return { kernel: [...spreadSize(settings.kernel_size, 2), maps.length], bias };
}

/**
 * Filter f reads the maps `connections[f]` only. The kernels, one for each pair (map, filter), are put into a
 * whole kernel that is 0 elsewhere. Source: LeCun et al. 1989, §3; LeCun et al. 1998, table I.
 */
function makePartial(settings, [shape], { kernel, bias }) {
  const [channels, filters] = [shape[2], settings.connections.length];
  const pairs = settings.connections.flatMap((maps, f) => maps.map((m) => m * filters + f));
  const cells = kernel.length / pairs.length;
  const whole = new kernel.constructor(cells * channels * filters);
  for (let i = 0; i < cells; i++) {
    pairs.forEach((pair, p) => { whole[i * channels * filters + pair] = kernel[i * pairs.length + p]; });
  }
  const window = partialWindow(settings, shape);
  const plan = planKernel(window, channels, filters, 1);
  const sums = sumsOfPlan(plan, whole, settings.shared_bias ? bias : null);
  const forward = (x) => {
    const [y, back] = sums(x);
    return [settings.shared_bias ? y : y.map((value, i) => value + bias[i]), back];
  };
  return { shape: [...window.shape, filters], forward };
}

/** y_i = Σ_j (x_j − w_ij)²: the squared distance to each code. Source: LeCun et al. 1998, §II.B, eq. 7. */
function makeRadialBasis(settings, [shape], { codes }) {
  const [values, units] = [shape[0], settings.codes.length];
  const forward = (x) => {
    const y = new x.constructor(units);
    for (let u = 0; u < units; u++) {
      let sum = 0;
      for (let j = 0; j < values; j++) sum += (x[j] - codes[u * values + j]) ** 2;
      y[u] = sum;
    }
    const back = (g) =>
      x.map((value, j) => g.reduce((sum, share, u) => sum + 2 * share * (value - codes[u * values + j]), 0));
    return [y, backToOne(back)];
  };
  return { shape: [units], forward };
}

/**
 * Return the fixed weights of an area, which fall by `NEARNESS` with each cell of distance; their sum is 1.
 */
function nearnessOf(size) {
  const middle = (size - 1) / 2;
  const weights = Array.from({ length: size * size }, (_, i) =>
    NEARNESS ** Math.hypot(Math.floor(i / size) - middle, (i % size) - middle));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => Math.fround(weight / sum));
}

/**
 * u = r·φ(e/h − 1), e = 1 + Σ a·x, h = 1 + r/(1 + r)·b·v, v = √(Σ c·x²), φ(x) = max(0, x).
 *
 * Source: Fukushima, Neocognitron, 1980, eq. 1 to 5.
 */
function makeSCells(settings, [shape], { excitation, inhibition: b }) {
  const { kernel_size: size, planes, selectivity: r } = settings;
  const [channels, share] = [shape[2], r / (1 + r)];
  const window = slideWindow(shape.slice(0, 2), size);
  const c = nearnessOf(size).flatMap((weight) => Array(channels).fill(Math.fround(weight / channels)));
  const sums = sumsOfPlan(planKernel(window, channels, planes, 1), excitation);
  const squares = sumsOfPlan(planKernel(window, channels, 1, 1), Float64Array.from(c));
  const forward = (x) => {
    const [excited, backToExcited] = sums(x);
    const [squared, backToSquares] = squares(x.map((value) => value * value));
    const v = Float64Array.from(squared, (value) => Math.sqrt(Math.max(value, SMALLEST)));
    const h = Float64Array.from(excited, (_, i) => 1 + share * b[i % planes] * v[Math.floor(i / planes)]);
    const y = excited.map((sum, i) => r * Math.max((1 + sum) / h[i] - 1, 0));
    const back = (g) => {
      const byE = g.map((above, i) => (1 + excited[i] > h[i] ? (above * r) / h[i] : 0));
      const byV = new Float64Array(v.length);
      byE.forEach((by, i) => {
        byV[Math.floor(i / planes)] -= (share * b[i % planes] * by * (1 + excited[i])) / h[i];
      });
      const bySquares = squared.map((value, o) => (value < SMALLEST ? 0 : byV[o] / (2 * v[o])));
      const [first, second] = [backToExcited(byE)[0], backToSquares(bySquares)[0]];
      return x.map((value, i) => first[i] + 2 * value * second[i]);
    };
    return [y, backToOne(back)];
  };
  return { shape: [...window.shape, planes], forward };
}

/**
 * u = ψ(e/h − 1), e = 1 + Σ d·x, h the mean of e over the planes, ψ(x) = φ(x)/(α + φ(x)), φ(x) = max(0, x).
 *
 * Source: Fukushima, Neocognitron, 1980, eq. 7 to 10.
 */
function makeCCells({ kernel_size: size, saturation: alpha }, [shape]) {
  const channels = shape[2];
  const window = slideWindow(shape.slice(0, 2), size);
  const d = Float64Array.from(nearnessOf(size).flatMap((weight) => Array(channels).fill(weight)));
  const forward = (x) => {
    const e = convolveEach(x, d, window, channels, null).map((sum) => 1 + sum);
    const h = new Float64Array(valuesInShape(window.shape));
    e.forEach((value, i) => { h[Math.floor(i / channels)] += value / channels; });
    const of = (i) => h[Math.floor(i / channels)];
    const answers = Float64Array.from(e, (value, i) => Math.max(value / of(i) - 1, 0));
    const back = (g) => {
      const byRatio = Float64Array.from(g, (above, i) =>
        e[i] > of(i) ? (above * alpha) / (alpha + answers[i]) ** 2 : 0);
      const byH = new Float64Array(h.length);
      byRatio.forEach((by, i) => { byH[Math.floor(i / channels)] -= (by * e[i]) / (of(i) * of(i)); });
      const byE = g.map((_, i) => byRatio[i] / of(i) + byH[Math.floor(i / channels)] / channels);
      return convolveEachBack(byE, d, window, channels);
    };
    return [x.constructor.from(answers, (answer) => answer / (alpha + answer)), backToOne(back)];
  };
  return { shape: [...window.shape, channels], forward };
}

/** The layers of the first networks, by our names. */
export const firstLayers = {
  ScaledTanh: {
    takes: { amplitude: 1.7159, slope: 2 / 3 },
    make: ({ amplitude: a, slope: s }, [shape]) => ({
      shape,
      forward: cellByCell((x) => a * Math.tanh(s * x), (x) => s * a * (1 - Math.tanh(s * x) ** 2)),
    }),
  },
  PartialConv2D: {
    takes: { connections: TOLD, kernel_size: TOLD, strides: 1, padding: "valid", shared_bias: true },
    rank: 3,
    weights: partialWeights,
    make: makePartial,
  },
  RadialBasis: {
    takes: { codes: TOLD },
    rank: 1,
    weights: ({ codes }, [shape]) => {
      const lengths = codes.map((code) => code.length);
      if (lengths.some((n) => n !== shape[0])) throw new Error(`codes of ${lengths[0]} numbers`);
      return { codes: [codes.length, shape[0]] };
    },
    make: makeRadialBasis,
  },
  SCells: {
    takes: { planes: TOLD, kernel_size: TOLD, selectivity: 1.5 },
    rank: 3,
    weights: ({ planes, kernel_size: size }, [shape]) => ({
      excitation: [size, size, shape[2], planes],
      inhibition: [planes],
    }),
    make: makeSCells,
  },
  CCells: { takes: { kernel_size: TOLD, saturation: 0.5 }, rank: 3, make: makeCCells },
};
