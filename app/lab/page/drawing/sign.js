/** The sign that is written on a sheet: told from specks, shadows, printed lines and other signs. */

import { largestOf, mappedPlane, percentileOf, widenedMask } from "./planes.js";
import {
  largestInParts, maskOfParts, nearnessOfParts, partsOfMask, scoresOfParts, sumsOverParts,
} from "./parts.js";
import { withoutPrintedLines } from "./printed.js";

const LEAST_CONTRAST = 10; // grey levels by which a sign must differ from its paper
const INK_LEVELS = [0.6, 0.4, 0.25, 0.1]; // shares of the strongest ink above which parts are looked for
const SURE_INK = 0.5; // share of a sign's contrast that each of its parts must reach somewhere
const WEAK_INK = 0.25; // share of it below which nothing of a photograph is ink; of a drawing 0.1
const NEAR_PART = 0.15; // parts of one sign lie nearer than this share of its longer side
const DOT_ABOVE = 0.5; // the same of the dot above an i
const OTHER_INK = 0.25; // another sign has this share of the sign's ink, and of its longer side
const OTHER_SIZE = 0.4;

/** Return the sign written on a sheet, or null where nothing is.
 * @param sheet what `readSheet` returned
 * @param {boolean} keepsDots whether small parts above a sign belong to it, as those of i and j do
 * @returns {{ink, mask, contrast, cleared, lines, others: [number, number], isCut}|null} ink: a plane of 0
 * for paper to 1; cleared: the ink of the whole sheet without printed lines; lines: printed ones that were
 * taken away; others: signs beside it, and above or below it, that were left out. */
export function findSign(sheet, keepsDots) {
  const cleared = sheet.isDrawn
    ? { ink: sheet.ink, lines: 0 } : withoutPrintedLines(sheet.ink, Math.max(2.5 * sheet.noise, 3));
  let { ink, lines } = cleared;
  let sign = signIn(sheet, ink, keepsDots);
  if (lines && !sign) {
    ({ ink, lines } = { ink: sheet.ink, lines: 0 }); // the lines were a sign of straight strokes
    sign = signIn(sheet, ink, keepsDots);
  }
  if (!sign) return null;
  const shares = inkShares(sheet, ink, sign.contrast);
  for (let i = 0; i < shares.data.length; i++) if (!sign.mask.data[i]) shares.data[i] = 0;
  return { ...sign, ink: shares, cleared: ink, lines, isCut: !sheet.isDrawn && atBorder(sign.mask) > 2 };
}

/** Return the ink of a whole sheet as shares of full ink, nothing told from anything. */
export function inkOfSheet(sheet, ink = sheet.ink) {
  return inkShares(sheet, ink, sheet.isDrawn ? 0 : percentileOf(ink.data, 99.8));
}

function inkShares(sheet, ink, contrast) {
  if (sheet.isDrawn) {
    const most = largestOf(ink.data);
    const data = new Float32Array(ink.data.length);
    for (let i = 0; most && i < data.length; i++) if (ink.data[i] >= 0.1 * most) data[i] = ink.data[i] / most;
    return { width: ink.width, height: ink.height, data };
  }
  const low = Math.max(0.2 * contrast, 2.5 * sheet.noise);
  const range = Math.max(contrast - low, 1);
  return mappedPlane(ink, (value) => Math.min(Math.max((value - low) / range, 0), 1));
}

function maskAbove(ink, least) {
  const data = new Uint8Array(ink.data.length);
  for (let at = 0; at < data.length; at++) data[at] = ink.data[at] > least ? 1 : 0;
  return { width: ink.width, height: ink.height, data };
}

function valuesWithin(values, mask) {
  const within = [];
  for (let at = 0; at < values.length; at++) if (mask[at]) within.push(values[at]);
  return within;
}

function signIn(sheet, ink, keepsDots) {
  const core = coreOfSign(sheet, ink);
  if (!core) return null;
  const most = largestOf(ink.data);
  const contrast = percentileOf(valuesWithin(ink.data, core.data), 80); // without the strongest pixels
  if (contrast < LEAST_CONTRAST) return null;
  let mask = maskAbove(ink, 0.1 * most);
  if (!sheet.isDrawn) {
    const reach = Math.max(2, Math.floor(sheet.window / 3));
    const surely = widenedMask(maskAbove(ink, 0.9 * SURE_INK * contrast), reach).data;
    const weak = WEAK_INK * contrast;
    const belongs = (isCore, i) => (isCore || (ink.data[i] > weak && surely[i]) ? 1 : 0);
    mask = mappedPlane(core, belongs, Uint8Array);
  }
  const parts = partsOfMask(mask);
  const shared = sumsOverParts(parts, core.data);
  const main = shared.indexOf(largestOf(shared));
  const chosen = belongingParts(parts, main, ink.data, contrast, keepsDots);
  const others = otherSigns(parts, chosen, ink.data, contrast);
  return { mask: maskOfParts(parts, chosen), contrast, others };
}

/** The part that looks written most, at any level; null where there is none. */
function coreOfSign(sheet, ink) {
  const strong = sheet.isDrawn ? largestOf(ink.data) : percentileOf(ink.data, 99.8);
  const least = Math.max(2 * sheet.noise, 6);
  let found = null;
  for (const level of sheet.isDrawn ? INK_LEVELS.slice(-1) : INK_LEVELS) {
    const parts = partsOfMask(maskAbove(ink, Math.max(level * strong, least)));
    if (!parts.count) continue;
    const scores = sheet.isDrawn && parts.count === 1 ? [1] : placedScores(parts, ink, sheet.edges);
    const score = largestOf(scores);
    if (!found || score > found.score) found = { score, parts, best: scores.indexOf(score) };
  }
  return found && maskOfParts(found.parts, found.parts.boxes.map((_, part) => part === found.best));
}

function placedScores(parts, ink, edges) {
  const near = nearnessOfParts(parts);
  return scoresOfParts(parts, ink.data, edges.data).map((score, i) => score * near[i]);
}

function boxOfParts(boxes, chosen) {
  return boxes.filter((_, part) => chosen[part]).reduce((all, box) => [
    Math.min(all[0], box[0]), Math.max(all[1], box[1]), Math.min(all[2], box[2]), Math.max(all[3], box[3]),
  ]);
}

/** Which parts are of one sign with the main one: near to it, or to those that are, and no specks. */
function belongingParts(parts, main, ink, contrast, keepsDots) {
  const mass = sumsOverParts(parts, ink);
  const most = largestInParts(parts, ink);
  const large = parts.sizes[main];
  const isFit = (part) =>
    most[part] > SURE_INK * contrast && mass[part] > (keepsDots ? 0.002 : 0.01) * mass[main] &&
    parts.sizes[part] <= 1.1 * large && (parts.sides[part] === 0 || mass[part] > 0.2 * mass[main]);
  const chosen = parts.boxes.map((_, part) => part === main);
  for (;;) {
    const [top, bottom, left, right] = boxOfParts(parts.boxes, chosen);
    const isNear = (box) => {
      const rows = Math.max(0, box[0] - bottom, top - box[1]);
      const columns = Math.max(0, box[2] - right, left - box[3]);
      const isDot = keepsDots && columns === 0 && rows <= DOT_ABOVE * large;
      return isDot || Math.hypot(rows, columns) <= NEAR_PART * large;
    };
    const added = parts.boxes.map((box, part) => !chosen[part] && isFit(part) && isNear(box));
    if (!added.includes(true)) return chosen;
    added.forEach((isNew, part) => {
      if (isNew) chosen[part] = true;
    });
  }
}

/** How many other signs lie beside the chosen one, and above or below it. */
function otherSigns(parts, chosen, ink, contrast) {
  const mass = sumsOverParts(parts, ink);
  const most = largestInParts(parts, ink);
  const [top, bottom, left, right] = boxOfParts(parts.boxes, chosen);
  const large = Math.max(bottom - top, right - left);
  const own = mass.reduce((sum, value, part) => sum + (chosen[part] ? value : 0), 0);
  const others = [0, 0];
  parts.boxes.forEach((box, part) => {
    const size = parts.sizes[part];
    if (chosen[part] || most[part] <= SURE_INK * contrast || parts.sides[part] > 1) return;
    if (mass[part] <= OTHER_INK * own || size <= OTHER_SIZE * large || size >= 2.5 * large) return;
    const rows = Math.abs(box[0] + box[1] - top - bottom);
    const columns = Math.abs(box[2] + box[3] - left - right);
    others[columns >= rows ? 0 : 1]++;
  });
  return others;
}

function atBorder({ width, height, data }) {
  let count = 0;
  for (let column = 0; column < width; column++) count += data[column] + data[(height - 1) * width + column];
  for (let row = 0; row < height; row++) count += data[row * width] + data[(row + 1) * width - 1];
  return count;
}
