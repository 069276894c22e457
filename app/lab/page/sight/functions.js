/*
 * What an activation does with one number, in double precision, by Keras' names. Numbers that TensorFlow
 * takes as float32, such as the slope of a leaky ReLU, are rounded to it here too.
 */

const [SIGHT_SELU_ALPHA, SIGHT_SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

/** Return 1/(1 + e^−x). */
export function sightLogistic(x) {
  const small = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : small) / (1 + small);
}

/** Return log(1 + e^x). */
export function sightSoftplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Return 2/√π·∫ e^−t² dt from 0 to x: its series for small x, its continued fraction for others. */
export function sightErf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 && n < 200; n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n -= 1) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (size + fraction));
}

function sightElu(x, alpha) {
  return x > 0 ? x : alpha * Math.expm1(x);
}

function sightHard(x) {
  return Math.min(Math.max(x + 3, 0), 6) / 6;
}

const SIGHT_FUNCTIONS = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x) => (x > 0 ? x : Math.fround(0.2) * x),
  sigmoid: sightLogistic,
  tanh: Math.tanh,
  exponential: Math.exp,
  softplus: sightSoftplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  silu: (x) => x * sightLogistic(x),
  swish: (x) => x * sightLogistic(x),
  gelu: (x) => (x * (1 + sightErf(x * Math.fround(Math.SQRT1_2)))) / 2,
  mish: (x) => x * Math.tanh(sightSoftplus(x)),
  hard_sigmoid: sightHard,
  hard_silu: (x) => x * sightHard(x),
  hard_swish: (x) => x * sightHard(x),
  elu: (x) => sightElu(x, 1),
  selu: (x) => SIGHT_SELU_SCALE * sightElu(x, SIGHT_SELU_ALPHA),
};

function sightRectify(x, settings) {
  const [slope, threshold] = [settings.negative_slope || 0, settings.threshold || 0];
  const upper = settings.max_value ?? Infinity;
  const y = Math.min(Math.max(x, 0), Math.fround(upper));
  if (!slope && !threshold) return y;
  const below = threshold || upper < Infinity ? slope : Math.fround(slope);
  return x > threshold ? y : below * (x - threshold);
}

/**
 * Return what an activation is: its name, and the function of one number; null for a layer that is none, and
 * for one that needs several numbers at once (softmax).
 *
 * @param {string} kind of the layer: Activation, ReLU, LeakyReLU, ELU, PReLU, ScaledTanh.
 * @param {object} settings of the layer.
 * @param {number} slope α of a PReLU at this place.
 * @returns {{name: string, of: function(number): number}|null}
 * @example sightActivation("ReLU", { max_value: 6 }).of(7) // 6
 */
export function sightActivation(kind, settings, slope = 0) {
  if (kind === "Activation") {
    const told = settings.activation;
    if (told && typeof told === "object") return sightActivation(told.class_name, told.config ?? {}, slope);
    const of = SIGHT_FUNCTIONS[told ?? "linear"];
    return of ? { name: told ?? "linear", of } : null;
  }
  if (kind === "ReLU") {
    const plain = settings.threshold ? "thresholded_relu" : `relu${settings.max_value ?? ""}`;
    const name = settings.negative_slope ? "leaky_relu" : plain;
    return { name, of: (x) => sightRectify(x, settings) };
  }
  if (kind === "LeakyReLU") {
    const below = Math.fround(settings.negative_slope ?? 0.3);
    return { name: "leaky_relu", of: (x) => (x > 0 ? x : below * x) };
  }
  if (kind === "ELU") return { name: "elu", of: (x) => sightElu(x, settings.alpha ?? 1) };
  if (kind === "PReLU") return { name: "prelu", of: (x) => (x > 0 ? x : slope * x) };
  if (kind === "ScaledTanh") {
    const [height, steepness] = [settings.amplitude ?? 1.7159, settings.slope ?? 2 / 3];
    return { name: "scaled_tanh", of: (x) => height * Math.tanh(steepness * x) };
  }
  return null;
}
