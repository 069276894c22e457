// Shapes, without the batch axis, and which values of a map belong together.

/** Return how many values a shape holds. */
export function valuesInShape(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/** Return the way back of a layer of one input from a function of the gradient and the rule. */
export function backToOne(by) {
  return (g, rule) => [by(g, rule)];
}

/**
 * Return axes, which count the batch's as 0, as axes of a shape without it, sorted.
 *
 * @example axesOf(-1, 3)  // [2]
 * @throws {Error} where one is the batch's, or none of the shape's
 */
export function axesOf(told, rank) {
  const several = told === null ? [] : Array.isArray(told) ? told : [told];
  const axes = several.map((axis) => {
    const isThere = Number.isInteger(axis) && axis >= -rank - 1 && axis <= rank;
    if (!isThere) throw new Error(`there is no axis ${axis}`);
    return ((axis + rank + 1) % (rank + 1)) - 1;
  });
  if (axes.includes(-1)) throw new Error("axis 0 is the batch's");
  return [...new Set(axes)].sort((a, b) => a - b);
}

/**
 * Return for each value of a shape the number of the place that it has along some of its axes alone.
 *
 * @example placesAlong([2, 3], [1])  // Int32Array [0, 1, 2, 0, 1, 2]
 * @param {number[]} shape
 * @param {number[]} axes those that count, the first of them slowest
 */
export function placesAlong(shape, axes) {
  return indicesBy(shape, (axis) => {
    let step = axes.includes(axis) ? 1 : 0;
    for (const other of axes) if (other > axis) step *= shape[other];
    return step;
  });
}

/** Return for each value of a shape Σ (place along an axis) · stepOf(axis). */
export function indicesBy(shape, stepOf) {
  const indices = new Int32Array(valuesInShape(shape));
  let repeated = indices.length;
  let block = indices.length;
  for (let axis = 0; axis < shape.length; axis++) {
    const step = stepOf(axis);
    repeated = block;
    block /= shape[axis];
    if (step === 0) continue;
    for (let i = 0; i < indices.length; i++) indices[i] += Math.floor((i % repeated) / block) * step;
  }
  return indices;
}

/** Return the steps from value to value along each axis of a shape. */
export function stepsOf(shape) {
  return shape.map((_, axis) => valuesInShape(shape.slice(axis + 1)));
}

/** Return a list of numbers, or lists in lists, as one list. */
export function flatNumbers(told) {
  return Array.isArray(told) ? told.flat(Infinity) : [told];
}
