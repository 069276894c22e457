/** Numbers as people read them, alike in all parts of the page. */

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

function asPowerOfTen(whole, exponent) {
  return `·10${[...exponent].map((sign) => RAISED[sign] ?? "").join("")}`;
}

/** Return a value with four digits that count: 0.9793, 12.35, 3.1·10⁻⁷; a minus sign is one. */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  const isPlain = size < 1e6 && size >= 1e-4;
  const text = isPlain ? String(Number(value.toPrecision(4))) : value.toExponential(1).replace(/e(.*)$/, asPowerOfTen);
  return text.replace(/^-/, "−");
}

/** Return a probability in per cent that never rounds to 0 or 100, which no network is entitled to. */
export function percentText(share) {
  if (share >= 0.0005 && share < 0.9995) return `${(100 * share).toFixed(1)} %`;
  return share > 0.5 ? "> 99.9 %" : "< 0.1 %";
}

/** Return a whole number with its thousands apart. */
export function wholeText(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Return sizes as `26×26×32`. */
export function sizesText(sizes) {
  return sizes.join("×");
}

/** Return the smallest and largest value, the mean and the share that is 0 of numbers from `start`, each `step`-th. */
export function summaryOf(values, start = 0, step = 1) {
  let low = Infinity, high = -Infinity, sum = 0, zeros = 0, count = 0;
  for (let i = start; i < values.length; i += step) {
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    if (value === 0) zeros += 1;
    sum += value;
    count += 1;
  }
  return { low, high, mean: sum / count, zeros: zeros / count, largest: Math.max(high, -low) };
}
