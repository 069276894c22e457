/** The parts into which ink falls: pixels that touch each other, at a corner too. */

import { framedPlane, slidPlane } from "./planes.js";

const MOST_INK_OF_PART = 0.2; // share of the picture above which a part is rather the sheet than its ink
const PART_AT_BORDER = 0.25; // what a part counts that touches one side of the picture

/** Return the parts of a mask.
 * @param {{width, height, data}} mask 0 where nothing is
 * @returns {{width, height, labels: Int32Array, count: number, areas, boxes, sizes, sides}} labels from 1;
 * 0 is no part; a box is [first row, row behind the last, first column, column behind the last]. */
export function partsOfMask({ width, height, data }) {
  const labels = new Int32Array(data.length);
  const parents = [0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!data[at]) continue;
      let label = 0;
      if (column && labels[at - 1]) label = labels[at - 1];
      if (row) {
        const above = at - width;
        if (column && labels[above - 1]) label = joinLabels(parents, label, labels[above - 1]);
        if (labels[above]) label = joinLabels(parents, label, labels[above]);
        if (column + 1 < width && labels[above + 1]) label = joinLabels(parents, label, labels[above + 1]);
      }
      labels[at] = label || parents.push(parents.length) - 1;
    }
  }
  const numbers = numbersOfRoots(parents);
  for (let at = 0; at < labels.length; at++) labels[at] = numbers.of[labels[at]];
  return describedParts({ width, height, labels, count: numbers.count });
}

/** Return the sum of values over each part. */
export function sumsOverParts({ labels, count }, values) {
  const sums = new Float64Array(count + 1);
  for (let at = 0; at < labels.length; at++) sums[labels[at]] += values[at];
  return sums.subarray(1);
}

/** Return the largest value in each part. */
export function largestInParts({ labels, count }, values) {
  const largest = new Float64Array(count + 1);
  for (let at = 0; at < labels.length; at++) {
    if (values[at] > largest[labels[at]]) largest[labels[at]] = values[at];
  }
  return largest.subarray(1);
}

/** Return how much each part looks written: Σ ink · mean ink² · sharpness² / (1 + share²).
 * Sharpness is the step at its edge as a share of its ink; share is what it covers of the picture. */
export function scoresOfParts(parts, ink, edges) {
  const { width, height, labels, count } = parts;
  const mask = { width, height, data: new Uint8Array(labels.length) };
  for (let at = 0; at < labels.length; at++) mask.data[at] = labels[at] ? 1 : 0;
  const inside = slidPlane(framedPlane(mask, 1), 3, false).data;
  const rims = new Float64Array(count + 1);
  const steps = new Float64Array(count + 1);
  for (let at = 0; at < labels.length; at++) {
    if (labels[at] && !inside[at]) {
      rims[labels[at]] += 1;
      steps[labels[at]] += edges[at];
    }
  }
  return Array.from(sumsOverParts(parts, ink), (mass, part) => {
    const mean = mass / parts.areas[part];
    const share = parts.areas[part] / labels.length / MOST_INK_OF_PART;
    const sharp = Math.min(Math.max(steps[part + 1] / Math.max(rims[part + 1], 1) / mean, 0), 1);
    const atBorder = parts.sides[part] ? PART_AT_BORDER / parts.sides[part] : 1;
    return ((mass * mean ** 2 * sharp ** 2) / (1 + share ** 2)) * atBorder;
  });
}

/** Return 1.2 for a part in the middle of the picture down to 0.7 at its border. */
export function nearnessOfParts({ boxes, width, height }) {
  return boxes.map(([top, bottom, left, right]) => {
    const off = [(top + bottom) / 2 / height - 0.5, (left + right) / 2 / width - 0.5];
    return 1.2 - Math.max(...off.map(Math.abs));
  });
}

/** The label of a part that two neighbours belong to: the lesser root becomes that of both. */
function joinLabels(parents, label, other) {
  if (!label || label === other) return other;
  const one = rootOfLabel(parents, label);
  const two = rootOfLabel(parents, other);
  if (one < two) parents[two] = one;
  else parents[one] = two;
  return Math.min(one, two);
}

/** Return the mask of those parts for which `isChosen[part]` holds. */
export function maskOfParts({ width, height, labels }, isChosen) {
  const data = new Uint8Array(labels.length);
  for (let at = 0; at < data.length; at++) data[at] = labels[at] && isChosen[labels[at] - 1] ? 1 : 0;
  return { width, height, data };
}

function rootOfLabel(parents, label) {
  while (parents[label] !== label) {
    parents[label] = parents[parents[label]];
    label = parents[label];
  }
  return label;
}

function numbersOfRoots(parents) {
  const of = new Int32Array(parents.length);
  let count = 0;
  for (let label = 1; label < parents.length; label++) {
    const root = rootOfLabel(parents, label); // a root is the least label of its part
    of[label] = root === label ? ++count : of[root];
  }
  return { of, count };
}

function describedParts({ width, height, labels, count }) {
  const areas = new Int32Array(count);
  const boxes = Array.from({ length: count }, () => [height, 0, width, 0]);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!labels[at]) continue;
      const box = boxes[labels[at] - 1];
      areas[labels[at] - 1]++;
      if (row < box[0]) box[0] = row;
      if (row >= box[1]) box[1] = row + 1;
      if (column < box[2]) box[2] = column;
      if (column >= box[3]) box[3] = column + 1;
    }
  }
  const sizes = boxes.map((box) => Math.max(box[1] - box[0], box[3] - box[2]));
  const ends = [0, height, 0, width];
  const sides = boxes.map((box) => box.filter((end, i) => end === ends[i]).length);
  return { width, height, labels, count, areas, boxes, sizes, sides };
}
