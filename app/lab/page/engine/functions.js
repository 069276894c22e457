// Functions of single values, each beside its slope: what a unit does with its sum.

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** Return σ(x) = 1/(1 + e^−x), so written that no power overflows. */
export function logisticOf(x) {
  const small = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : small) / (1 + small);
}

/** Return the error function of x: a sum of positive terms, exact to the last digits. */
export function errorFunction(x) {
  if (!(Math.abs(x) < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function softplusOf(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function hardSigmoidOf(x) {
  return Math.min(Math.max(x + 3, 0), 6) / 6;
}

function hardSlopeOf(x) {
  return Math.abs(x) < 3 ? 1 / 6 : 0;
}

function mishOf(x) {
  const t = Math.tanh(softplusOf(x));
  return { t, slope: t + x * (1 - t * t) * logisticOf(x) };
}

function geluOf(x) {
  const z = x * Math.fround(Math.sqrt(0.5));
  const below = (1 + errorFunction(z)) / 2;
  return { y: x * below, slope: below + (z * Math.exp(-z * z)) / Math.sqrt(Math.PI) };
}

/** Return the exponential linear unit of x and its slope. */
export function eluOf(x, alpha) {
  const below = alpha * Math.expm1(Math.min(x, 0));
  return x > 0 ? { y: x, slope: 1 } : { y: below, slope: below + alpha };
}

const SILU = {
  value: (x) => x * logisticOf(x),
  slope: (x) => logisticOf(x) * (1 + x * (1 - logisticOf(x))),
};
const HARD_SILU = {
  value: (x) => x * hardSigmoidOf(x),
  slope: (x) => hardSigmoidOf(x) + x * hardSlopeOf(x),
};

/** By Keras' names: `value(x)` and `slope(x, y)`, y the value that was stored. */
export const ENGINE_FUNCTIONS = {
  linear: { value: (x) => x, slope: () => 1 },
  sigmoid: { value: logisticOf, slope: (x, y) => y * (1 - y) },
  tanh: { value: Math.tanh, slope: (x, y) => 1 - y * y },
  exponential: { value: Math.exp, slope: (x, y) => y },
  softplus: { value: softplusOf, slope: logisticOf },
  softsign: { value: (x) => x / (1 + Math.abs(x)), slope: (x) => (1 + Math.abs(x)) ** -2 },
  silu: SILU,
  swish: SILU,
  gelu: { value: (x) => geluOf(x).y, slope: (x) => geluOf(x).slope },
  mish: { value: (x) => x * mishOf(x).t, slope: (x) => mishOf(x).slope },
  hard_sigmoid: { value: hardSigmoidOf, slope: hardSlopeOf },
  hard_silu: HARD_SILU,
  hard_swish: HARD_SILU,
  elu: { value: (x) => eluOf(x, 1).y, slope: (x) => eluOf(x, 1).slope },
  selu: {
    value: (x) => SELU_SCALE * eluOf(x, SELU_ALPHA).y,
    slope: (x) => SELU_SCALE * (x === 0 ? 1 : eluOf(x, SELU_ALPHA).slope),
  },
};
