// The head of a classifier: what its outputs say of the classes, and which score is explained.

import { engineFault } from "./faults.js";

/** Return whether one unit answers for two classes: with a sigmoid, or as its logit without. */
export function isBinaryHead(head) {
  return (head.kind === "sigmoid" || head.kind === "none") && head.units === 1;
}

/** Return the number of classes; one sigmoid unit answers for two. */
export function classCount(program) {
  return isBinaryHead(program.head) ? 2 : program.head.units;
}

/**
 * Return t, (units): the score that is explained is S = Σ t_u z_u over the logits z.
 *
 * For class c it is z_c; for c against d it is z_c − z_d. One sigmoid unit z scores z for its class 1 and −z
 * for class 0.
 *
 * @example targetRow(program, 3)  // Float64Array [0, 0, 0, 1, …]
 * @throws {Error} with .say for a class that the model does not have
 */
export function targetRow(program, classIndex, against = null) {
  const count = classCount(program);
  const row = new Float64Array(program.head.units);
  const add = (one, sign) => {
    if (!Number.isInteger(one) || one < 0 || one >= count) {
      throw engineFault("engineNoClass", { classIndex: one, last: count - 1 });
    }
    if (isBinaryHead(program.head)) row[0] += one === 1 ? sign : -sign;
    else row[one] += sign;
  };
  add(classIndex, 1);
  if (against !== null) add(against, -1);
  return row;
}

/**
 * Return what a program puts out, (units), as a probability of each class, (classes).
 *
 * One sigmoid unit p becomes 1 − p and p, one raw unit that of its sigmoid. Raw scores without a head become
 * their softmax, unless they already are probabilities, or votes of an ensemble. Quantities stay as they are.
 */
export function probabilitiesOf(head, outputs) {
  const values = Float64Array.from(outputs);
  if (isBinaryHead(head)) {
    const p = head.kind === "none" ? 1 / (1 + Math.exp(-values[0])) : values[0];
    return Float64Array.of(1 - p, p);
  }
  if (head.kind === "log_softmax") return values.map(Math.exp);
  if (head.kind !== "none") return values;
  const sum = values.reduce((a, b) => a + b, 0);
  const isShare = values.length > 1 && values.every((value) => value >= 0);
  const isNear = (whole) => Math.abs(sum - whole) <= 1e-3 + 1e-5 * whole;
  if (isShare && isNear(1)) return values;
  const members = Math.round(sum);
  if (isShare && members > 1 && isNear(members)) return values.map((value) => value / sum);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** Return the class with the largest probability; of equal ones the first. */
export function likeliestClass(probabilities) {
  return probabilities.reduce((best, p, c) => (p > probabilities[best] ? c : best), 0);
}
