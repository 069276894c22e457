/** Windows that slide over a plane of numbers, {width, height, data}: what finds the paper below ink. The
 * paper is what is left when all is taken away that is narrower than a window: for dark ink the largest
 * value of each window, then the smallest of these (a closing); for light ink the other way round. */

import { asByte } from "./resampling.js";

/** Return a plane whose values are made from those of another, value by value. */
export function mappedPlane(plane, change, Kind = Float32Array) {
  const data = new Kind(plane.data.length);
  for (let i = 0; i < data.length; i++) data[i] = change(plane.data[i], i);
  return { width: plane.width, height: plane.height, data };
}

/** Return the plane with its values as whole numbers from 0 to 255. */
export function bytePlane(plane) {
  return mappedPlane(plane, asByte, Uint8Array);
}

/** Return the largest (or the smallest) value of every window of side×side that lies inside.
 * @example slidPlane({width: 2, height: 2, data: Float32Array.of(1, 2, 3, 4)}, 2, true).data // [4] */
export function slidPlane(plane, side, takesLargest) {
  const { width, height } = plane;
  const data = plane.data.slice();
  for (let reach = 1; reach < side; ) {
    const step = Math.min(reach, side - reach); // windows of 1, 2, 4, … pixels, each from two of half of it
    slideInPlace(data, width, height, step, 1, takesLargest);
    slideInPlace(data, width, height, step, width, takesLargest);
    reach += step;
  }
  const [wide, high] = [width - side + 1, height - side + 1];
  const slid = new plane.data.constructor(wide * high);
  for (let row = 0; row < high; row++) slid.set(data.subarray(row * width, row * width + wide), row * wide);
  return { width: wide, height: high, data: slid };
}

/** Return the plane with a frame of `reach` pixels: the border repeated, or zeros. */
export function framedPlane({ width, height, data }, reach, repeats = true) {
  const wide = width + 2 * reach;
  const framed = new data.constructor(wide * (height + 2 * reach));
  for (let row = repeats ? 0 : reach; row < height + (repeats ? 2 : 1) * reach; row++) {
    const from = Math.min(Math.max(row - reach, 0), height - 1) * width;
    framed.set(data.subarray(from, from + width), row * wide + reach);
    if (repeats) {
      framed.fill(data[from], row * wide, row * wide + reach);
      framed.fill(data[from + width - 1], row * wide + reach + width, (row + 1) * wide);
    }
  }
  return { width: wide, height: height + 2 * reach, data: framed };
}

/** Return a mask with all pixels up to `reach` rows and columns from it. */
export function widenedMask(mask, reach) {
  return slidPlane(framedPlane(mask, reach, false), 2 * reach + 1, true);
}

/** Return the largest less the smallest of the 3×3 values around each one: how sharp an edge is there. */
export function edgesOfPlane(plane) {
  const around = framedPlane(plane, 1);
  const low = slidPlane(around, 3, false).data;
  return mappedPlane(slidPlane(around, 3, true), (high, i) => high - low[i]);
}

/** Return the plane without what is narrower than `side` pixels and darker (or lighter) than what is around
 * it. */
export function paperBelow(plane, side, isDark) {
  return slidPlane(slidPlane(framedPlane(plane, side - 1), side, isDark), side, !isDark);
}

/** Return how far ink differs from a paper that was found by windows of `side` pixels. */
export function inkAbove(plane, side, isDark) {
  const paper = paperBelow(plane, side, isDark).data;
  return mappedPlane(plane, isDark ? (value, i) => paper[i] - value : (value, i) => value - paper[i]);
}

/** Return the mean of the 2·radius + 1 values around each one in both directions, the border repeated. */
export function meansAround({ width, height, data }, radius) {
  const rows = new Float64Array(data.length);
  for (let row = 0; row < height; row++) meanAlong(data, rows, row * width, 1, width, radius);
  const both = new Float64Array(data.length);
  for (let column = 0; column < width; column++) meanAlong(rows, both, column, width, height, radius);
  return { width, height, data: both };
}

/** Return the spread of a plane's noise: median |x_i − (x_(i−1) + x_(i+1))/2| / 0.6745 / √1.5, down its
 * columns. */
export function noiseOfPlane({ width, height, data }) {
  if (height < 3) return 0;
  const apart = new Float32Array(width * (height - 2));
  for (let i = 0; i < apart.length; i++) {
    apart[i] = Math.abs(data[i + width] - (data[i] + data[i + 2 * width]) / 2);
  }
  return percentileOf(apart, 50) / 0.6745 / Math.sqrt(1.5);
}

/** Return the mean of a few neighbours, of more where there is more noise; without noise the plane itself. */
export function smoothedPlane(plane, noise) {
  if (noise <= 1 || Math.min(plane.width, plane.height) <= 8) return mappedPlane(plane, (value) => value);
  return mappedPlane(meansAround(plane, noise <= 6 ? 1 : 2), (value) => value);
}

/** Return the value below which a share of 0 to 100 of the values lies, between two of them as NumPy has it.
 * @example percentileOf([1, 2, 4], 75) // 3 */
export function percentileOf(values, share) {
  const some = new Float32Array(values); // a copy
  const place = ((some.length - 1) * share) / 100;
  const low = Math.floor(place);
  const below = putInOrder(some, low);
  if (place === low || low + 1 >= some.length) return below;
  let above = Infinity; // the least of those behind
  for (let i = low + 1; i < some.length; i++) if (some[i] < above) above = some[i];
  return below + (place - low) * (above - below);
}

/** Return the value that stands at a place when all are in order; none behind it is less (Hoare's
 * quickselect). */
function putInOrder(values, place) {
  let [first, last] = [0, values.length - 1];
  while (first < last) {
    const pivot = values[(first + last) >> 1];
    let [i, j] = [first, last];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (place <= j) last = j;
    else if (place >= i) first = i;
    else break;
  }
  return values[place];
}

/** Return the largest value, 0 of none. */
export function largestOf(values) {
  let largest = values.length ? -Infinity : 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  return largest;
}

/** Each value becomes the larger, or the smaller, of itself and the one `step` places of `stride` ahead. */
function slideInPlace(data, width, height, step, stride, takesLargest) {
  const ahead = step * stride;
  const wide = stride === 1 ? width - step : width;
  const high = stride === 1 ? height : height - step;
  for (let row = 0; row < high; row++) {
    const end = row * width + wide;
    if (takesLargest) {
      for (let at = row * width; at < end; at++) if (data[at + ahead] > data[at]) data[at] = data[at + ahead];
    } else {
      for (let at = row * width; at < end; at++) if (data[at + ahead] < data[at]) data[at] = data[at + ahead];
    }
  }
}

function meanAlong(from, into, start, step, count, radius) {
  const valueAt = (i) => from[start + step * (i < 0 ? 0 : i >= count ? count - 1 : i)];
  let sum = 0;
  for (let i = -radius; i <= radius; i++) sum += valueAt(i);
  for (let i = 0; i < count; i++) {
    into[start + step * i] = sum / (2 * radius + 1);
    sum += valueAt(i + radius + 1) - valueAt(i - radius);
  }
}
