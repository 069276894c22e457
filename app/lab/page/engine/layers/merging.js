// Several maps become one: added, multiplied, compared, or put side by side.

import { axesOf, valuesInShape, indicesBy, stepsOf } from "./shapes.js";

const FEWEST_MOST = [1, 99];

/** Return the shape of inputs that are repeated along axes where their size is 1. */
function commonShape(shapes) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const alike = shapes.map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  const whole = alike[0].map((_, axis) => Math.max(...alike.map((shape) => shape[axis])));
  if (alike.some((shape) => shape.some((n, axis) => n !== 1 && n !== whole[axis]))) {
    throw new Error(`inputs of ${shapes.map((shape) => shape.join("×")).join(" and ")}`);
  }
  return { whole, alike };
}

/** Return for each value of the whole where an input has it, or null where the input is as large. */
function sourcesOf(alike, whole) {
  if (alike.every((n, axis) => n === whole[axis])) return null;
  const steps = stepsOf(alike);
  return indicesBy(whole, (axis) => (alike[axis] === 1 ? 0 : steps[axis]));
}

function mergeBy(merge, arity = FEWEST_MOST) {
  return {
    takes: {},
    arity,
    make(settings, shapes) {
      const { whole, alike } = commonShape(shapes);
      const sources = alike.map((shape) => sourcesOf(shape, whole));
      const forward = (...inputs) => {
        const repeated = inputs.map((x, n) => {
          const from = sources[n];
          return from === null ? x : new x.constructor(from.length).map((_, i) => x[from[i]]);
        });
        const [y, shares] = merge(repeated);
        const back = (g) => shares(g).map((h, n) => overCopies(h, sources[n], inputs[n].length));
        return [y, back];
      };
      return { shape: whole, forward };
    },
  };
}

/** Return the sum of a gradient over the copies that were made of an input. */
function overCopies(h, from, size) {
  if (from === null) return h;
  const total = new Float64Array(size);
  for (let i = 0; i < h.length; i++) total[from[i]] += h[i];
  return h.constructor.from(total);
}

/** Return Σ over the inputs, times a factor. */
function sumOfInputs(inputs, factor) {
  if (inputs.length === 2) {
    const [a, b] = inputs;
    return a.map((value, i) => (value + b[i]) * factor);
  }
  const total = new Float64Array(inputs[0].length);
  for (const x of inputs) for (let i = 0; i < x.length; i++) total[i] += x[i];
  return inputs[0].constructor.from(total, (sum) => sum * factor);
}

function addAll(inputs) {
  return [sumOfInputs(inputs, 1), (g) => inputs.map(() => g)];
}

function averageAll(inputs) {
  const share = (g) => g.map((value) => value / inputs.length);
  return [sumOfInputs(inputs, 1 / inputs.length), (g) => Array(inputs.length).fill(share(g))];
}

function subtractSecond([a, b]) {
  return [a.map((value, i) => value - b[i]), (g) => [g, g.map((value) => -value)]];
}

function multiplyAll(inputs) {
  const productAt = (start, i, left) =>
    inputs.reduce((product, x, n) => (n === left ? product : product * x[i]), start);
  const y = inputs[0].map((_, i) => productAt(1, i, -1));
  return [y, (g) => inputs.map((_, n) => g.map((share, i) => productAt(share, i, n)))];
}

/** The largest, or smallest; of several that are equal the first alone gets the gradient. */
function chooseBy(isBetter) {
  return (inputs) => {
    const y = inputs[0].slice();
    const chosen = new Int32Array(y.length);
    inputs.forEach((x, n) => {
      for (let i = 0; i < y.length; i++) {
        if (!isBetter(x[i], y[i])) continue;
        y[i] = x[i];
        chosen[i] = n;
      }
    });
    return [y, (g) => inputs.map((_, n) => g.map((share, i) => (chosen[i] === n ? share : 0)))];
  };
}

function makeConcatenate({ axis: told }, shapes) {
  const [axis] = axesOf(told, shapes[0].length);
  const differs = (shape) => shape.some((n, i) => i !== axis && n !== shapes[0][i]);
  if (shapes.some((shape) => shape.length !== shapes[0].length || differs(shape))) {
    throw new Error(`inputs of ${shapes.map((shape) => shape.join("×")).join(" and ")}`);
  }
  const outer = valuesInShape(shapes[0].slice(0, axis));
  const widths = shapes.map((shape) => valuesInShape(shape.slice(axis)));
  const width = widths.reduce((a, b) => a + b, 0);
  const forward = (...inputs) => {
    const y = new inputs[0].constructor(outer * width);
    const back = (g) => inputs.map((_, n) => cutOutPart(g, outer, width, startOfPart(widths, n), widths[n]));
    inputs.forEach((x, n) => {
      for (let o = 0; o < outer; o++) {
        y.set(x.subarray(o * widths[n], (o + 1) * widths[n]), o * width + startOfPart(widths, n));
      }
    });
    return [y, back];
  };
  const size = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  return { shape: shapes[0].map((n, i) => (i === axis ? size : n)), forward };
}

function startOfPart(widths, n) {
  return widths.slice(0, n).reduce((a, b) => a + b, 0);
}

function cutOutPart(g, outer, width, start, some) {
  const part = new g.constructor(outer * some);
  for (let o = 0; o < outer; o++) part.set(g.subarray(o * width + start, o * width + start + some), o * some);
  return part;
}

/** Layers that join several inputs, by Keras' names. */
export const mergingLayers = {
  Add: mergeBy(addAll),
  Average: mergeBy(averageAll),
  Subtract: mergeBy(subtractSecond, [2, 2]),
  Multiply: mergeBy(multiplyAll),
  Maximum: mergeBy(chooseBy((value, best) => value > best || Number.isNaN(value))),
  Minimum: mergeBy(chooseBy((value, best) => value < best || Number.isNaN(value))),
  Concatenate: { takes: { axis: -1 }, arity: [1, 999], make: makeConcatenate },
};
