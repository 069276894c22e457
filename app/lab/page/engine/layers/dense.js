// The dense layer: every unit reads every value; of a map it reads the channels of each place.

import { areFinite, convolveMap, convolveMapBack, planRows, turnKernel } from "../products.js";
import { TOLD } from "./settings.js";
import { backToOne, valuesInShape } from "./shapes.js";

function makeDense(settings, [shape], arrays) {
  const values = shape[shape.length - 1];
  const plan = planRows(valuesInShape(shape) / values, values, settings.units);
  const forward = sumsOfPlan(plan, arrays.kernel, arrays.bias);
  return { shape: [...shape.slice(0, -1), settings.units], forward };
}

/**
 * Return the forward function of a plan with a kernel and a bias; the kernel is turned when a gradient first
 * asks.
 */
export function sumsOfPlan(plan, kernel, bias) {
  const isSparse = areFinite(kernel);
  let turned = null;
  return (x) => [
    convolveMap(x, kernel, plan, bias ?? null, isSparse),
    backToOne((g) => {
      turned ??= turnKernel(kernel, plan.filters);
      return convolveMapBack(g, turned, plan, isSparse);
    }),
  ];
}

/** Return the shape of the bias by its name, if there is one. */
export function biasShape(settings, ...shape) {
  return settings.use_bias ? { bias: shape } : {};
}

/** y = x W + b. */
export const denseLayers = {
  Dense: {
    takes: { units: TOLD, activation: null, use_bias: true },
    weights: (settings, [shape]) => ({
      kernel: [shape[shape.length - 1], settings.units],
      ...biasShape(settings, settings.units),
    }),
    make: makeDense,
  },
};
