// Numbers that remember how they were worked out: exact whole numbers, and sizes of a map.

import { PaperProblem } from "./problems.js";

/** Digits in groups of three, as the chalkboard writes them: `338,200`. */
export function groupDigits(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The factors as a working writes them: `productText([3, 3, 32])` is `3·3·32`. */
export function productText(factors) {
  return factors.map(groupDigits).join("·");
}

/** A count: an exact value (a BigInt) and its working, without the result: `(5·5·1 + 1)·10`. */
export function makeCount(value, working = "") {
  return { value: BigInt(value), working };
}

export const NO_COUNT = Object.freeze(makeCount(0n));

/** The exact product of whole numbers. */
export function multiplyExactly(factors) {
  return factors.reduce((product, factor) => product * BigInt(factor), 1n);
}

/** The count of a product, whose factors are its working. */
export function productCount(factors) {
  return makeCount(multiplyExactly(factors), productText(factors));
}

/** The sum of two counts, its working that of both terms: `2·3 + 4`. */
export function addCounts(one, other) {
  if (!one.value || !other.value) return one.value ? one : other;
  const working = `${one.working || one.value} + ${other.working || other.value}`;
  return makeCount(one.value + other.value, working);
}

/** How many numbers arrays hold, as a sum of products: `3·3·32 + 32`. */
export function sizeOfWeights(weights) {
  if (!weights.length) return NO_COUNT;
  const terms = weights.map((weight) => (weight.shape.length ? productText(weight.shape) : "1"));
  const alike = terms.length > 1 && new Set(terms).size === 1;
  const value = weights.reduce((sum, weight) => sum + multiplyExactly(weight.shape), 0n);
  return makeCount(value, alike ? `${terms.length}·${terms[0]}` : terms.join(" + "));
}

/**
 * What a page shows of a count. `text` is always exact; `value` is a plain number, rounded above 2⁵³.
 * `line` is working and result: `(5·5·1 + 1)·10 = 260`.
 */
export function showCount(count) {
  const text = groupDigits(count.value);
  const line = count.working ? `${count.working} = ${text}` : text;
  return { value: Number(count.value), text, working: count.working, line };
}

/**
 * Cells along an axis of a map, with the working that made them.
 * Sizes are plain numbers; one that a plain number cannot hold exactly is refused.
 */
export function makeSize(value, working = "") {
  if (!Number.isSafeInteger(value)) throw new PaperProblem("paperNumberTooLarge");
  return { value, working };
}

/** The size that an exact product is. */
export function productSize(sizes) {
  const factors = sizes.map((size) => size.value);
  return makeSize(Number(multiplyExactly(factors)), productText(factors));
}

/** The plain numbers of a shape. */
export function valuesOf(shape) {
  return shape.map((size) => size.value);
}

/** A shape as people write it: 26×26×32. */
export function shapeText(values) {
  return values.map(groupDigits).join("×");
}
