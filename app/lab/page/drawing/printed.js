/** Printed lines on paper, ruled or squared: found as straight lines across the whole picture, and taken
 * away. A point is a pixel with more ink than those above and below it. Every direction near to the
 * horizontal has a count for each row at which a line may start (the Hough transform). */

import { percentileOf } from "./planes.js";
import { roundToEven } from "./resampling.js";

const LINE_SLOPES = Array.from({ length: 97 }, (_, i) => Math.tan(((i * 0.25 - 12) * Math.PI) / 180));
const LEAST_FILLED = 0.5; // share of a line's way through the picture that is drawn: handwriting is shorter
const LEAST_REACH = 0.85; // share of the way between its two ends
const MANY_LINES = 3; // so many are printed; fewer might be the foot of a 2
const REACH_ALONE = 0.97; // share of the way that one of fewer lines must reach
const FAINT_ALONE = 0.6; // share of the strongest ink below which its own must be
const MOST_LINES = 80;
const LINE_BEND = 2; // rows by which a line may lie off the straight one: paper is seldom flat
const ACROSS_LINE = 6; // pixels across a line in which its thickness is looked for
const WRITTEN_OVER = 1.8; // times the line's own ink

/** Return the ink without long thin straight lines, and how many there were.
 * @param ink plane of how far each pixel differs from its paper
 * @param {number} least ink below is noise
 * @returns {{ink, lines: number}} */
export function withoutPrintedLines(ink, least) {
  const turned = transposedPlane(ink);
  let across = printedLines(ink, least);
  let down = printedLines(turned, least);
  if (across.length + down.length < MANY_LINES) {
    across = surelyPrinted(ink, across);
    down = surelyPrinted(turned, down);
  }
  let plain = { ...ink, data: Float32Array.from(ink.data) };
  for (const line of across) removeLine(plain, line, least);
  plain = transposedPlane(plain);
  for (const line of down) removeLine(plain, line, least);
  return { ink: transposedPlane(plain), lines: across.length + down.length };
}

function transposedPlane({ width, height, data }) {
  const turned = new Float32Array(data.length);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++) turned[column * height + row] = data[at++];
  }
  return { width: height, height: width, data: turned };
}

function printedLines(ink, least) {
  const { width, height } = ink;
  if (Math.min(height, width) < 40) return [];
  const points = ridgePoints(ink, least);
  const counted = countStarts(points, width, height);
  const found = [];
  for (let n = 0; n < MOST_LINES; n++) {
    const best = mostFilled(counted, width);
    if (best.share < LEAST_FILLED) break;
    const near = [];
    points.isLeft.forEach((isLeft, i) => {
      const off = lineStart(points, i, best.slope, counted.shift) - best.start;
      if (isLeft && Math.abs(off) <= LINE_BEND + 2) near.push([i, off]);
    });
    for (const [i] of near) {
      points.isLeft[i] = 0;
      countPoint(counted, points, i, -1);
    }
    const columns = near.map(([i]) => points.columns[i]);
    const first = columns.reduce((least, column) => Math.min(least, column), Infinity);
    const last = columns.reduce((most, column) => Math.max(most, column), -Infinity);
    const reach = columns.length ? (last - first + 1) / Math.max(best.inside, 1) : 0;
    const bends = lineBends(columns, near.map(([, off]) => off), width);
    const rows = lineRows(best.start - counted.shift, LINE_SLOPES[best.slope], bends, width);
    if (reach >= LEAST_REACH && isEvenLine(ink, rows)) found.push({ rows, reach });
  }
  return found;
}

function ridgePoints({ width, height, data }, least) {
  const rows = [];
  const columns = [];
  for (let row = 1; row < height - 1; row++) {
    for (let column = 0, at = row * width; column < width; column++, at++) {
      const value = data[at];
      if (value > least && value >= data[at - width] && value > data[at + width]) {
        rows.push(row);
        columns.push(column);
      }
    }
  }
  return { rows, columns, isLeft: new Uint8Array(rows.length).fill(1) };
}

function lineStart({ rows, columns }, i, slope, shift) {
  return roundToEven(rows[i] - LINE_SLOPES[slope] * columns[i]) + shift;
}

function countStarts(points, width, height) {
  const shift = Math.trunc(width * LINE_SLOPES[LINE_SLOPES.length - 1]) + 2;
  const size = height + 2 * shift;
  const counted = { size, shift, wide: new Int32Array(LINE_SLOPES.length * size), inside: null };
  points.rows.forEach((_, i) => countPoint(counted, points, i, 1));
  counted.inside = Float64Array.from(counted.wide, (_, at) =>
    columnsInside(LINE_SLOPES[Math.floor(at / size)], (at % size) - shift, height, width));
  return counted;
}

/** Count a point for every start within the bend of its own. */
function countPoint({ size, shift, wide }, points, i, change) {
  for (let slope = 0; slope < LINE_SLOPES.length; slope++) {
    const start = lineStart(points, i, slope, shift);
    for (let off = -LINE_BEND; off <= LINE_BEND; off++) {
      wide[slope * size + ((start + off + size) % size)] += change;
    }
  }
}

function columnsInside(slope, start, height, width) {
  const steep = Math.abs(slope) < 1e-9 ? 1e-9 : slope;
  const ends = [-start / steep, (height - 1 - start) / steep];
  const length = Math.min(Math.max(...ends), width - 1) - Math.max(Math.min(...ends), 0) + 1;
  return Math.min(Math.max(length, 0), width);
}

function mostFilled({ size, wide, inside }, width) {
  let share = 0;
  let best = 0;
  for (let at = 0; at < wide.length; at++) {
    if (inside[at] < 0.7 * width) continue;
    const filled = wide[at] / Math.max(inside[at], 1);
    if (filled > share) {
      share = filled;
      best = at;
    }
  }
  return { share, slope: Math.floor(best / size), start: best % size, inside: inside[best] };
}

/** How far points lie below a straight line, by twelfths of its way: the middle one of each. */
function lineBends(columns, off, width) {
  const bends = [];
  for (let twelfth = 0; twelfth < 12; twelfth++) {
    const some = off.filter((_, i) => Math.floor((columns[i] * 12) / width) === twelfth);
    if (some.length) bends.push([((twelfth + 0.5) * width) / 12, percentileOf(some, 50)]);
  }
  return bends;
}

function lineRows(start, slope, bends, width) {
  return Array.from({ length: width }, (_, column) =>
    roundToEven(start + slope * column + bendAt(bends, column)));
}

function bendAt(bends, column) {
  if (!bends.length) return 0;
  const behind = bends.findIndex(([place]) => place >= column);
  if (behind === 0) return bends[0][1];
  if (behind < 0) return bends[bends.length - 1][1];
  const [[from, low], [to, high]] = [bends[behind - 1], bends[behind]];
  return low + ((column - from) / (to - from)) * (high - low);
}

/** Whether all fifths of a line but one are about as strong as the whole: a row of dots and a stroke is
 * not. */
function isEvenLine({ width, height, data }, rows) {
  const along = [];
  rows.forEach((row, column) => {
    if (row < 0 || row >= height) return;
    const places = [-1, 0, 1].map((off) => Math.min(Math.max(row + off, 0), height - 1));
    along.push(Math.max(...places.map((place) => data[place * width + column])));
  });
  if (along.length < 5) return false;
  const fifths = [];
  for (let part = 0, from = 0; part < 5; part++) {
    const size = Math.floor(along.length / 5) + (part < along.length % 5 ? 1 : 0);
    fifths.push(percentileOf(along.slice(from, from + size), 50));
    from += size;
  }
  const usual = percentileOf(along, 50);
  return fifths.filter((fifth) => fifth >= 0.3 * usual).length >= 4 && Math.min(...fifths.slice(1, 4)) > 0;
}

/** Those of few lines that run from border to border and are fainter than what is written. */
function surelyPrinted({ width, height, data }, lines) {
  if (!lines.length) return lines;
  const strong = FAINT_ALONE * percentileOf(data, 99.8);
  return lines.filter(({ rows, reach }) => {
    const along = rows.map((row, column) => data[Math.min(Math.max(row, 0), height - 1) * width + column]);
    return reach >= REACH_ALONE && percentileOf(along, 50) <= strong;
  });
}

/** Set the ink of a line to 0, except where more was written over it; strokes across it are mended. */
function removeLine(ink, { rows }, least) {
  const { width, height, data } = ink;
  const isInside = (row) => row >= 0 && row < height;
  const columns = rows.map((_, column) => column).filter((column) => isInside(rows[column]));
  const around = [];
  for (let off = -ACROSS_LINE; off <= ACROSS_LINE; off++) {
    around.push(columns.map((column) =>
      data[Math.min(Math.max(rows[column] + off, 0), height - 1) * width + column]));
  }
  const profile = around.map((values) => percentileOf(values, 50));
  const top = Math.max(...profile.slice(ACROSS_LINE - 1, ACROSS_LINE + 2));
  if (!(top > 0)) return;
  const faint = Math.max(0.15 * top, 0.3 * least);
  const [first, last] = [-1, 1].map((way) => {
    let off = 0;
    while (Math.abs(off) < ACROSS_LINE - 1 && profile[ACROSS_LINE + off + way] > faint) off += way;
    return off + way;
  });
  const written = Math.max(WRITTEN_OVER * top, top + least);
  const above = widenedLine(around[ACROSS_LINE + Math.max(first - 1, -ACROSS_LINE)]);
  const below = widenedLine(around[ACROSS_LINE + Math.min(last + 1, ACROSS_LINE)]);
  columns.forEach((column, i) => {
    const beside = Math.min(above[i], below[i]);
    const bridge = beside > least ? beside : 0;
    for (let off = first; off <= last; off++) {
      const row = rows[column] + off;
      const value = around[ACROSS_LINE + off][i];
      if (!isInside(row)) continue;
      data[row * width + column] = value > written ? value : Math.min(bridge, Math.max(value, bridge));
    }
  });
}

/** The largest of two pixels on either side: strokes cross lines at a slant. */
function widenedLine(values) {
  return values.map((_, i) => Math.max(0, ...values.slice(Math.max(0, i - 2), i + 3)));
}
