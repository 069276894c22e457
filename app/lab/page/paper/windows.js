// Sliding windows along one axis: padding, output size, and which cells each output reads.
//
// n cells, a kernel of k taps, stride s, dilation d. From its first to its last tap a window spans
// w = d·(k − 1) + 1 cells.

import { MOST_FIELD_CELLS, axisJump, axisSize, commonDivisor } from "./axes.js";
import { groupDigits, makeSize } from "./counts.js";
import { fieldAxes } from "./fields.js";
import { ensurePaper } from "./problems.js";

/** Cells of a map times the pixels that one sees, beyond which no field is worked out. */
const MOST_FIELD_WORK = 2 ** 29;

/** The cells from the first to the last tap of a kernel: d·(k − 1) + 1. */
export function windowSpan({ kernel, dilation }) {
  return dilation * (kernel - 1) + 1;
}

function spanText(kernel, dilation, isDilated) {
  return isDilated ? `(${dilation}·(${kernel} − 1) + 1)` : `${kernel}`;
}

/** The cells of padding before and after `size` cells. */
export function windowSides(window, size) {
  const { stride, padding } = window;
  const span = windowSpan(window);
  if (padding === "same") {
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  }
  return [padding === "causal" ? span - 1 : 0, 0];
}

/** How many windows {kernel, stride, padding, dilation} there are on `size` cells: `28 − 5 + 1 = 24`. */
export function windowOutput(window, size) {
  const { kernel, stride, padding, dilation } = window;
  const span = windowSpan(window);
  ensurePaper(Number.isSafeInteger(span), "paperNumberTooLarge");
  const [before, after] = windowSides(window, size);
  const value = Math.floor((size + before + after - span) / stride) + 1;
  const numbers = { kernel, span, size };
  ensurePaper(value >= 1, dilation > 1 ? "paperDilatedTooLarge" : "paperKernelTooLarge", {
    ...Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, groupDigits(number)])),
  });
  const [n, k, s, d] = [size, kernel, stride, dilation].map(groupDigits);
  if (padding !== "valid") return makeSize(value, stride > 1 ? `⌈${n}/${s}⌉` : "");
  const room = `${n} − ${spanText(k, d, dilation > 1)}`;
  return makeSize(value, stride === 1 ? `${room} + 1` : `⌊(${room})/${s}⌋ + 1`);
}

/** Which of `size` cells each output reads: o reads o·s + t·d − p. */
export function windowTaps(window, size) {
  const { kernel, stride, dilation } = window;
  const [before] = windowSides(window, size);
  return {
    name: `window ${size} ${kernel} ${stride} ${dilation} ${before}`,
    at: (output) => ({ first: output * stride - before, step: dilation, count: kernel }),
    count: windowOutput(window, size).value,
    outputs: 1,
    cells: stride,
  };
}

/** The cells that a transposed convolution makes along one axis, as Keras cuts them. */
export function transposedOutput(window, size, outputPadding) {
  const { kernel, stride, padding, dilation } = window;
  const span = windowSpan(window);
  const spanned = spanText(kernel, dilation, dilation !== 1);
  if (outputPadding === null) {
    const more = padding === "valid" ? Math.max(span - stride, 0) : 0;
    const extra = more ? ` + (${spanned} − ${stride})` : "";
    return makeSize(size * stride + more, `${groupDigits(size)}·${stride}${extra}`);
  }
  const values = { outputPadding: groupDigits(outputPadding), stride: groupDigits(stride) };
  ensurePaper(outputPadding < stride, "paperOutputPadding", values);
  const cut = padding === "same" ? Math.floor(span / 2) : 0;
  const value = (size - 1) * stride + span - 2 * cut + outputPadding;
  const working = `(${groupDigits(size)} − 1)·${stride} + ${spanned} − 2·${cut} + ${outputPadding}`;
  return makeSize(value, working);
}

/** Which of `size` cells each output of a transposed convolution gathers: i with i·s + t·d = o + p. */
export function transposedTaps(window, size, outputPadding) {
  const { kernel, stride, padding, dilation } = window;
  const count = transposedOutput(window, size, outputPadding).value;
  const cut = Math.max((size - 1) * stride + windowSpan(window) - count, 0);
  const before = padding === "same" ? Math.floor(cut / 2) : 0;
  const shared = commonDivisor(stride, dilation);
  const [everyTap, step] = [stride / shared, dilation / shared];
  const at = (output) => {
    // taps that fall on a cell come every s/gcd(s, d)-th, each d/gcd(s, d) cells further back
    let tap = 0;
    while (tap < Math.min(everyTap, kernel) && (output + before - tap * dilation) % stride) tap += 1;
    if (tap >= Math.min(everyTap, kernel)) return { first: 0, step, count: 0 };
    const taps = Math.floor((kernel - 1 - tap) / everyTap) + 1;
    return { first: (output + before - tap * dilation) / stride - (taps - 1) * step, step, count: taps };
  };
  const name = `transposed ${size} ${kernel} ${stride} ${dilation} ${before} ${count}`;
  return { name, at, count, outputs: stride, cells: 1 };
}

/** A border of padding; below 0 cells are cut off. */
export function borderTaps(size, before, after) {
  const at = (output) => ({ first: output - before, step: 1, count: 1 });
  const name = `border ${size} ${before} ${after}`;
  return { name, at, count: size + before + after, outputs: 1, cells: 1 };
}

/** Whether a field is too much to work out: a slip of the hand must not stop the page. */
export function isEnormous(windows, shape, field) {
  const axes = fieldAxes(field);
  return windows.some((window, i) => {
    if (i >= axes.length || i >= shape.length) return false;
    const span = windowSpan(window);
    const seen = Math.min(axisSize(axes[i]) + span * axisJump(axes[i]), axes[i].pixels);
    return span > MOST_FIELD_CELLS || shape[i].value * seen > MOST_FIELD_WORK;
  });
}
