// Activations: what a unit does with its sum, and softmax, which makes shares of several.

import { ENGINE_FUNCTIONS, eluOf } from "../functions.js";
import { settingFault, settleSettings, TOLD } from "./settings.js";
import { axesOf, backToOne, valuesInShape, placesAlong } from "./shapes.js";

/** Return a layer's forward function that changes each value by itself: `value(x)`, and its `slope(x, y)`. */
export function cellByCell(value, slope) {
  return (x) => {
    const y = new x.constructor(x.length);
    for (let i = 0; i < x.length; i++) y[i] = value(x[i]);
    const back = (g) => {
      const h = new x.constructor(x.length);
      for (let i = 0; i < x.length; i++) h[i] = g[i] * slope(x[i], y[i]);
      return h;
    };
    return [y, backToOne(back)];
  };
}

/**
 * A rectifier, and how a gradient g passes it: plain where x > 0, guided where g > 0 too, rectified where g
 * > 0.
 */
function rectifierUpTo(upper) {
  return (x) => {
    const y = new x.constructor(x.length);
    for (let i = 0; i < x.length; i++) y[i] = x[i] <= 0 ? 0 : x[i] > upper ? upper : x[i]; // NaN stays NaN
    const back = (g, rule = "plain") => {
      const h = new x.constructor(x.length);
      for (let i = 0; i < x.length; i++) {
        const isInside = rule === "rectified" || (x[i] > 0 && x[i] < upper);
        if (isInside && (rule === "plain" || g[i] > 0)) h[i] = g[i];
      }
      return h;
    };
    return [y, backToOne(back)];
  };
}

/** A ReLU with a slope s below a threshold t: y = s·(x − t) there. The rules leave it alone. */
function leakyRectifier({ max_value: highest, negative_slope: told, threshold: t }) {
  const upper = highest === null ? Infinity : Math.fround(highest);
  const s = t || highest !== null ? told : Math.fround(told); // then it is TensorFlow's leaky ReLU
  const isStrict = highest !== null || t !== 0;
  const value = (x) => (x > t ? Math.min(Math.max(x, 0), upper) : s * (x - t));
  const slope = (x) => {
    if (x > t && x < upper) return 1;
    return (isStrict ? x < t : x <= t) ? s : 0;
  };
  return cellByCell(value, slope);
}

function rectifierOf(settings) {
  const { max_value: highest, negative_slope: slope, threshold } = settings;
  if (slope || threshold) return leakyRectifier(settings);
  return rectifierUpTo(highest === null ? Infinity : Math.fround(highest));
}

function softmaxOver(axes, shape) {
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const places = placesAlong(shape, others);
  const count = valuesInShape(others.map((axis) => shape[axis]));
  return (x) => {
    const largest = new Float64Array(count).fill(-Infinity);
    for (let i = 0; i < x.length; i++) largest[places[i]] = Math.max(largest[places[i]], x[i]);
    const powers = Float64Array.from(x, (value, i) => Math.exp(value - largest[places[i]]));
    const sums = sumsAlong(powers, places, count);
    const p = x.constructor.from(powers, (power, i) => power / sums[places[i]]);
    const back = (g) => {
      const means = sumsAlong(Float64Array.from(g, (value, i) => value * p[i]), places, count);
      return x.constructor.from(g, (value, i) => p[i] * (value - means[places[i]]));
    };
    return [p, backToOne(back)];
  };
}

/** Return the sums of the values that have one place. */
export function sumsAlong(values, places, count) {
  const sums = new Float64Array(count);
  for (let i = 0; i < values.length; i++) sums[places[i]] += values[i];
  return sums;
}

function logSoftmaxOver(shape) {
  const softmax = softmaxOver([shape.length - 1], shape);
  const units = shape[shape.length - 1];
  return (x) => {
    const [p] = softmax(x);
    const y = new x.constructor(x.length);
    for (let row = 0; row < x.length; row += units) {
      const part = x.subarray(row, row + units);
      const largest = part.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = part.reduce((total, value) => total + Math.exp(value - largest), 0);
      for (let u = 0; u < units; u++) y[row + u] = part[u] - largest - Math.log(sum);
    }
    const back = (g) =>
      x.constructor.from(g, (value, i) => {
        const row = i - (i % units);
        return value - p[i] * g.subarray(row, row + units).reduce((a, b) => a + b, 0);
      });
    return [y, backToOne(back)];
  };
}

function leakyOf(told) {
  const s = Math.fround(told);
  return cellByCell((x) => (x > 0 ? x : s * x), (x) => (x > 0 ? 1 : s));
}

/**
 * Return the forward function of an activation that is told by its name, or as Keras' configuration of a
 * layer.
 */
function activationOf(told, shape) {
  if (told !== null && typeof told === "object") {
    const layer = Object.hasOwn(CONFIGURED, told.class_name) ? activationLayers[told.class_name] : null;
    if (!layer) throw settingFault("activation");
    return layer.make(settleSettings(layer.takes, told.config ?? {}), [shape], {}).forward;
  }
  if (told === "relu") return rectifierUpTo(Infinity);
  if (told === "relu6") return rectifierUpTo(6);
  if (told === "leaky_relu") return leakyOf(0.2);
  if (told === "softmax") return softmaxOver([shape.length - 1], shape);
  if (told === "log_softmax") return logSoftmaxOver(shape);
  if (!Object.hasOwn(ENGINE_FUNCTIONS, told)) throw settingFault("activation");
  return cellByCell(ENGINE_FUNCTIONS[told].value, ENGINE_FUNCTIONS[told].slope);
}

const CONFIGURED = { ReLU: true, LeakyReLU: true, ELU: true, Softmax: true, Activation: true };

function makePReLU(settings, [shape], { alpha }) {
  const shared = (settings.shared_axes ?? []).map((axis) => axis - 1);
  const places = placesAlong(shape, shape.map((_, axis) => axis).filter((axis) => !shared.includes(axis)));
  const forward = (x) => {
    const y = x.constructor.from(x, (value, i) => (value > 0 ? value : alpha[places[i]] * value));
    const slope = (value, i) => (value > 0 ? 1 : value < 0 ? alpha[places[i]] : 0);
    return [y, backToOne((g) => x.constructor.from(g, (share, i) => share * slope(x[i], i)))];
  };
  return { shape, forward };
}

/** Activations that are layers, by Keras' names. */
export const activationLayers = {
  Activation: {
    takes: { activation: TOLD },
    make: (settings, [shape]) => ({ shape, forward: activationOf(settings.activation, shape) }),
  },
  ReLU: {
    takes: { max_value: null, negative_slope: 0, threshold: 0 },
    make: (settings, [shape]) => ({ shape, forward: rectifierOf(settings) }),
  },
  LeakyReLU: {
    takes: { negative_slope: 0.3 },
    make: (settings, [shape]) => ({ shape, forward: leakyOf(settings.negative_slope) }),
  },
  PReLU: {
    takes: { shared_axes: null },
    weights: (settings, [shape]) => ({
      alpha: shape.map((n, axis) => (settings.shared_axes?.includes(axis + 1) ? 1 : n)),
    }),
    make: makePReLU,
  },
  ELU: {
    takes: { alpha: 1 },
    make: ({ alpha }, [shape]) => ({
      shape,
      forward: cellByCell((x) => eluOf(x, alpha).y, (x) => eluOf(x, alpha).slope),
    }),
  },
  Softmax: {
    takes: { axis: -1 },
    make: ({ axis }, [shape]) => ({ shape, forward: softmaxOver(axesOf(axis, shape.length), shape) }),
  },
};
