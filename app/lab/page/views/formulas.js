/** Formulas of layers that are no sum of products, with the numbers of one cell put in; alike in all languages. */

import { shortNumber } from "./numbers.js";

/**
 * Return the working of a softmax or a normalisation as lines: `e^(2.31 − 5.2) / 1.24 = 0.0555 / 1.24`.
 * @param {object} work of `workCell`
 * @returns {string[]}
 */
export function formulaLines(work) {
  return work.stages.flatMap((stage) => linesOfStage(stage));
}

function linesOfStage({ rule, parts }) {
  if (!parts) return [];
  if (rule === "softmax" || rule === "log_softmax") return [softmaxLine(rule, parts)];
  if (rule === "near") return [nearLine(parts)];
  if (parts.deviation !== undefined) return normaliseLines(parts);
  return [];
}

function softmaxLine(rule, { powers, total, largest, own, share }) {
  const z = Math.log(powers[own]) + largest;
  const power = `e^(${shortNumber(z)} − ${signed(largest)}) / Σ e^(z − ${signed(largest)}) = ${shortNumber(powers[own])} / ${shortNumber(total)}`;
  return rule === "softmax" ? `${power} = ${shortNumber(share)}` : `log(${power})`;
}

function nearLine({ x, squares, scale, bias, alpha, beta }) {
  const inner = `${shortNumber(bias)} + ${shortNumber(alpha)}·${shortNumber(squares)}`;
  return `x·(${inner})^−${shortNumber(beta)} = ${shortNumber(x)}·${shortNumber(scale)}^−${shortNumber(beta)}`;
}

function normaliseLines({ x, mean, variance, epsilon, deviation, scaled, gamma, beta }) {
  const lines = [];
  if (variance !== undefined && epsilon !== undefined) {
    lines.push(`√(${shortNumber(variance)} + ${shortNumber(epsilon)}) = ${shortNumber(deviation)}`);
  }
  lines.push(`(${shortNumber(x)} − ${signed(mean)}) / ${shortNumber(deviation)} = ${shortNumber(scaled)}`);
  const isScaled = gamma !== null && gamma !== undefined, isMoved = beta !== null && beta !== undefined;
  if (isScaled || isMoved) {
    const factor = isScaled ? `${signed(gamma)}·` : "";
    lines.push(`${factor}${signed(scaled)}${isMoved ? ` + ${signed(beta)}` : ""}`);
  }
  return lines;
}

/** A negative number stands in brackets behind a sign. */
function signed(value) {
  return value < 0 ? `(${shortNumber(value)})` : shortNumber(value);
}
