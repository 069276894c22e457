// The same values in another shape; borders put around a map and taken away; maps made larger or smaller.

import { bordersOf, cropMap, padMap, spreadSize } from "../windows.js";
import { TOLD } from "./settings.js";
import { backToOne, valuesInShape, indicesBy, stepsOf } from "./shapes.js";

/** Return the same values, which other slots may hold too: nothing ever changes them. */
export function passOn(x) {
  return [x, backToOne((g) => g)];
}

function makeReshape({ target_shape: told }, [shape]) {
  const values = valuesInShape(shape);
  const known = valuesInShape(told.filter((n) => n !== -1));
  const target = told.map((n) => (n === -1 ? values / known : n));
  if (valuesInShape(target) !== values || !target.every(Number.isInteger)) {
    throw new Error(`${values} values cannot be put into the shape ${told}`);
  }
  return { shape: target, forward: passOn };
}

function makePermute({ dims }, [shape]) {
  const axes = dims.map((dim) => dim - 1);
  if ([...axes].sort((a, b) => a - b).some((axis, i) => axis !== i) || axes.length !== shape.length) {
    throw new Error(`dims ${dims} of ${shape.length} axes`);
  }
  const steps = stepsOf(shape);
  const turned = axes.map((axis) => shape[axis]);
  const from = indicesBy(turned, (axis) => steps[axes[axis]]);
  const forward = (x) => [
    x.map((_, i) => x[from[i]]),
    backToOne((g) => {
      const h = new g.constructor(g.length);
      for (let i = 0; i < g.length; i++) h[from[i]] = g[i];
      return h;
    }),
  ];
  return { shape: turned, forward };
}

function makeRepeat({ n }, [shape]) {
  const values = shape[0];
  const forward = (x) => [
    new x.constructor(n * values).map((_, i) => x[i % values]),
    backToOne((g) => {
      const sums = new Float64Array(values);
      for (let i = 0; i < g.length; i++) sums[i % values] += g[i];
      return g.constructor.from(sums);
    }),
  ];
  return { shape: [n, values], forward };
}

/** Return the window of no size whose border is put around a map, or taken away from the larger one. */
function frameOf(borders, inner) {
  const rows = inner.length === 1 ? [[0, 0], ...borders] : borders;
  const map = inner.length === 1 ? [1, ...inner] : inner;
  return { borders: rows, map, sizes: map.map((n, i) => n + rows[i][0] + rows[i][1]) };
}

function makeBorder(value) {
  return (settings, [shape]) => {
    const [inner, channels] = [shape.slice(0, -1), shape[shape.length - 1]];
    const borders = bordersOf(settings.padding, inner.length);
    const frame = frameOf(borders, inner);
    const forward = (x) => [
      padMap(x, frame, channels, value ?? settings.value),
      backToOne((g) => cropMap(g, frame, channels, g.constructor)),
    ];
    return { shape: [...inner.map((n, i) => n + borders[i][0] + borders[i][1]), channels], forward };
  };
}

function makeCropping(settings, [shape]) {
  const channels = shape[shape.length - 1];
  const borders = bordersOf(settings.cropping, shape.length - 1);
  const inner = shape.slice(0, -1).map((n, i) => n - borders[i][0] - borders[i][1]);
  if (Math.min(...inner) < 1) throw new Error(`nothing is left of a map of ${shape.slice(0, -1)}`);
  const frame = frameOf(borders, inner);
  const forward = (x) => [
    cropMap(x, frame, channels, x.constructor),
    backToOne((g) => padMap(g, frame, channels)),
  ];
  return { shape: [...inner, channels], forward };
}

/**
 * Return, for each of `size` new cells, the two of `cells` between which its middle lies, and how far.
 *
 * @example neighboursOf(2, 4, "bilinear").shares  // [0, 0.25, 0.75, 0]
 */
export function neighboursOf(cells, size, interpolation) {
  const at = Array.from({ length: size }, (_, i) => {
    if (interpolation === "nearest") return Math.floor(((i + 0.5) * cells) / size);
    return Math.min(Math.max(((i + 0.5) * cells) / size - 0.5, 0), cells - 1);
  });
  return { low: at.map(Math.floor), high: at.map(Math.ceil), shares: at.map((a) => a - Math.floor(a)) };
}

/**
 * Return the function that resamples one axis of a map: y_i = (1 − t_i)·x_low + t_i·x_high, and its way
 * back.
 */
function resampleAxis(shape, axis, size, interpolation) {
  const { low, high, shares } = neighboursOf(shape[axis], size, interpolation);
  const inner = valuesInShape(shape.slice(axis + 1));
  const outer = valuesInShape(shape.slice(0, axis));
  const eachCell = (visit) => {
    for (let a = 0; a < outer; a++) {
      for (let i = 0; i < size; i++) {
        const from = [low[i], high[i]].map((cell) => (a * shape[axis] + cell) * inner);
        const to = (a * size + i) * inner;
        for (let k = 0; k < inner; k++) visit(to + k, from[0] + k, from[1] + k, shares[i]);
      }
    }
  };
  return (x) => {
    const y = new x.constructor(outer * size * inner);
    eachCell((to, first, second, t) => { y[to] = x[first] * (1 - t) + x[second] * t; });
    const back = (g) => {
      const total = new Float64Array(x.length);
      eachCell((to, first, second, t) => {
        total[first] += g[to] * (1 - t);
        total[second] += g[to] * t;
      });
      return g.constructor.from(total);
    };
    return [y, back];
  };
}

function makeResampling(shape, sizes, interpolation) {
  const rank = shape.length - 1;
  const ways = [];
  let now = shape;
  for (let axis = 0; axis < rank; axis++) {
    ways.push(resampleAxis(now, axis, sizes[axis], interpolation));
    now = now.map((n, i) => (i === axis ? sizes[axis] : n));
  }
  const forward = (x) => {
    const backs = [];
    let y = x;
    for (const way of ways) {
      const [next, back] = way(y);
      backs.unshift(back);
      y = next;
    }
    return [y, backToOne((g) => backs.reduce((h, back) => back(h), g))];
  };
  return { shape: now, forward };
}

function makeUpSampling(settings, [shape]) {
  const factors = spreadSize(settings.size, shape.length - 1);
  return makeResampling(shape, factors.map((k, i) => k * shape[i]), settings.interpolation ?? "nearest");
}

/** Layers that only move values, by Keras' names and ours. */
export const reshapingLayers = {
  Flatten: { takes: {}, make: (settings, [shape]) => ({ shape: [valuesInShape(shape)], forward: passOn }) },
  Reshape: { takes: { target_shape: TOLD }, make: makeReshape },
  Permute: { takes: { dims: TOLD }, make: makePermute },
  RepeatVector: { takes: { n: TOLD }, rank: 1, make: makeRepeat },
  ConstantPadding2D: { takes: { padding: 1, value: 0 }, rank: 3, make: makeBorder(null) },
  ZeroPadding2D: { takes: { padding: 1 }, rank: 3, make: makeBorder(0) },
  ZeroPadding1D: { takes: { padding: 1 }, rank: 2, make: makeBorder(0) },
  Cropping2D: { takes: { cropping: 0 }, rank: 3, make: makeCropping },
  Cropping1D: { takes: { cropping: [1, 1] }, rank: 2, make: makeCropping },
  UpSampling2D: { takes: { size: 2, interpolation: "nearest" }, rank: 3, make: makeUpSampling },
  UpSampling1D: { takes: { size: 2 }, rank: 2, make: makeUpSampling },
  Resizing: {
    takes: { height: TOLD, width: TOLD, interpolation: "bilinear" },
    rank: 3,
    make: ({ height, width, interpolation }, [shape]) =>
      makeResampling(shape, [height, width], interpolation),
  },
};
