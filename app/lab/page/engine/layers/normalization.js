// Values brought to one scale; what is there while training only passes values on.

import { sumsAlong } from "./activations.js";
import { passOn } from "./reshaping.js";
import { TOLD } from "./settings.js";
import { axesOf, backToOne, valuesInShape, flatNumbers, placesAlong } from "./shapes.js";

const SCALED = { epsilon: 1e-3, center: true, scale: true };

function scaleShapes(settings, shape) {
  return { ...(settings.scale ? { gamma: shape } : {}), ...(settings.center ? { beta: shape } : {}) };
}

/** y = γ·(x − μ)/√(σ² + ε) + β for each channel, μ and σ² those that training left. */
function makeBatchNormalization(settings, [shape], arrays) {
  const { moving_mean: mean, moving_variance: variance, gamma, beta } = arrays;
  const places = placesAlong(shape, axesOf(settings.axis, shape.length));
  const scale = (c) => (gamma ? gamma[c] : 1);
  const factors = Float64Array.from(variance, (v, c) => scale(c) / Math.sqrt(v + settings.epsilon));
  const forward = (x) => [
    x.map((value, i) => (value - mean[places[i]]) * factors[places[i]] + (beta ? beta[places[i]] : 0)),
    backToOne((g) => g.map((share, i) => share * factors[places[i]])),
  ];
  return { shape, forward };
}

/** y = γ·x̂ + β, x̂ = (x − μ)/√(σ² + ε), mean and variance over `axis`; both depend on every x. */
function makeLayerNormalization(settings, [shape], { gamma, beta }) {
  const axes = axesOf(settings.axis, shape.length);
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const [inside, places] = [placesAlong(shape, axes), placesAlong(shape, others)];
  const count = valuesInShape(others.map((axis) => shape[axis]));
  const cells = valuesInShape(shape) / count;
  const meansOf = (values) => sumsAlong(values, places, count).map((sum) => sum / cells);
  const forward = (x) => {
    const means = meansOf(x);
    const apart = Float64Array.from(x, (value, i) => value - means[places[i]]);
    const roots = meansOf(apart.map((d) => d * d)).map((variance) => Math.sqrt(variance + settings.epsilon));
    const hat = apart.map((d, i) => d / roots[places[i]]);
    const scale = (value, i) => (gamma ? value * gamma[inside[i]] : value);
    const y = x.map((_, i) => scale(hat[i], i) + (beta ? beta[inside[i]] : 0));
    const back = (g) => {
      const h = Float64Array.from(g, scale);
      const [mean, along] = [meansOf(h), meansOf(h.map((value, i) => value * hat[i]))];
      return g.map((_, i) => (h[i] - mean[places[i]] - hat[i] * along[places[i]]) / roots[places[i]]);
    };
    return [y, backToOne(back)];
  };
  return { shape, forward };
}

/** y_c = x_c · s_c^−β, s_c = bias + α·Σ x_d² over the channels d at most `depth_radius` from c. */
function makeLocalResponse(settings, [shape]) {
  const { depth_radius: radius, bias, alpha, beta } = settings;
  const channels = shape[shape.length - 1];
  const near = (values) =>
    values.map((_, i) => {
      const c = i % channels;
      let sum = 0;
      const last = Math.min(channels - 1, c + radius);
      for (let d = Math.max(0, c - radius); d <= last; d++) sum += values[i - c + d];
      return sum;
    });
  const forward = (x) => {
    const sums = near(Float64Array.from(x, (value) => value * value)).map((sum) => bias + alpha * sum);
    const powers = sums.map((s) => s ** -beta);
    const back = (g) => {
      const shared = near(sums.map((s, i) => (g[i] * x[i] * powers[i]) / s));
      return g.map((share, i) => share * powers[i] - 2 * alpha * beta * x[i] * shared[i]);
    };
    return [x.map((value, i) => value * powers[i]), backToOne(back)];
  };
  return { shape, forward };
}

/** y = scale·x + offset; both are rounded to float32, as Keras on TensorFlow has them for any x. */
function makeRescaling(settings, [shape]) {
  const [scale, offset] = [settings.scale, settings.offset].map((told) => {
    const numbers = Float64Array.from(flatNumbers(told), Math.fround);
    const fits = numbers.length === 1 || numbers.length === shape[shape.length - 1];
    if (!fits) throw new Error(`${numbers.length} numbers`);
    return numbers;
  });
  const forward = (x) => [
    x.map((value, i) => value * scale[i % scale.length] + offset[i % offset.length]),
    backToOne((g) => g.map((share, i) => share * scale[i % scale.length])),
  ];
  return { shape, forward };
}

/**
 * y = (x − mean)/√variance for each place along `axis`; with `invert` the way back, y = x·√variance + mean.
 */
function makeNormalization(settings, [shape], arrays) {
  const isTold = settings.mean !== null;
  const numbers = isTold ? settings : arrays;
  const places = placesAlong(shape, axesOf(settings.axis, shape.length));
  const [mean, variance] = [numbers.mean, numbers.variance].map((told) => {
    const values = isTold ? Float64Array.from(flatNumbers(told), Math.fround) : told;
    return (i) => values[values.length > 1 ? places[i] : 0];
  });
  const deviation = (i) => Math.max(Math.sqrt(variance(i)), 1e-7);
  const forward = settings.invert
    ? (x) => [
        x.map((value, i) => value * deviation(i) + mean(i)),
        backToOne((g) => g.map((share, i) => share * deviation(i))),
      ]
    : (x) => [
        x.map((value, i) => (value - mean(i)) / deviation(i)),
        backToOne((g) => g.map((share, i) => share / deviation(i))),
      ];
  return { shape, forward };
}

function normalizationWeights(settings, [shape]) {
  if (settings.mean !== null) return {};
  const kept = axesOf(settings.axis, shape.length).map((axis) => shape[axis]);
  return { mean: kept, variance: kept, count: [] };
}

function passingLayer(takes, rank) {
  return { takes, rank, make: (settings, [shape]) => ({ shape, forward: passOn }) };
}

/** Layers that scale values, and those that act while training only, by Keras' names. */
export const normalizationLayers = {
  BatchNormalization: {
    takes: { axis: -1, momentum: 0.99, ...SCALED },
    weights(settings, [shape]) {
      const kept = axesOf(settings.axis, shape.length).map((axis) => shape[axis]);
      return { ...scaleShapes(settings, kept), moving_mean: kept, moving_variance: kept };
    },
    make: makeBatchNormalization,
  },
  LayerNormalization: {
    takes: { axis: -1, ...SCALED },
    weights: (settings, [shape]) =>
      scaleShapes(settings, axesOf(settings.axis, shape.length).map((axis) => shape[axis])),
    make: makeLayerNormalization,
  },
  LocalResponseNormalization: {
    takes: { depth_radius: 5, bias: 1, alpha: 1, beta: 0.5 },
    rank: 3,
    make: makeLocalResponse,
  },
  Rescaling: { takes: { scale: TOLD, offset: 0 }, make: makeRescaling },
  Normalization: {
    takes: { axis: -1, mean: null, variance: null, invert: false },
    weights: normalizationWeights,
    make: makeNormalization,
  },
  Identity: passingLayer({}),
  Dropout: passingLayer({ rate: TOLD, noise_shape: null, seed: null }),
  SpatialDropout2D: passingLayer({ rate: TOLD, seed: null }, 3),
  GaussianNoise: passingLayer({ stddev: TOLD, seed: null }),
};
