/** A drawn or dropped picture of a sign, prepared as the images were that a network learnt from. MNIST's
 * digits are white on black; scaled, proportions kept, into a box of 20 of the 28 pixels, with grey levels
 * from anti-aliasing; their centre of mass moved to the middle. Byte for byte what
 * `app/datasets/digits.py` makes of it. Source: LeCun, Bottou, Bengio and Haffner 1998, §III.A. */

import { largestOf, mappedPlane, bytePlane, percentileOf } from "./planes.js";
import { asByte, greyPicture, roundToEven } from "./resampling.js";
import { borderValues, readSheet, unevennessOf } from "./sheet.js";
import { findSign, inkOfSheet } from "./sign.js";
import { centreOfInk, croppedInk, scaledInk, thickenedInk } from "./inked.js";

/** How MNIST's images hold their digits: light ink on black; the longer side of a digit is 20 of 28 pixels;
 * the centre of mass, not the middle of the box, lies in the middle. */
export const MNIST_INK = Object.freeze({ isLight: true, box: 20 / 28, byMass: true });

/** The steps that can be switched off, in their order. */
export const PREPARING_STEPS = Object.freeze(["invert", "cutOut", "thicken", "scale", "centre"]);

const UNEVEN_LIGHT = 24; // grey levels from the darkest to the lightest paper from which its light is uneven
const INK_SHARES = [0.015, 0.45]; // of the field, beyond which it holds no digit; of MNIST's 0.024 to 0.33
const SIGN_GAP = 0.05; // share of the longer side that must be empty between two signs
const SIGN_SHARE = 0.15; // share of the ink that makes a part a sign of its own

/** Return a picture of one sign as the network's own images hold theirs, with what each step left.
 * @param {{width, height, channels, data}} picture bytes, grey or RGB: ink on paper or light on dark
 * @param {[number, number]} size height and width of the field
 * @param {{isLight, box, byMass}} ink how the network's images hold their signs
 * @param {string[]} without steps that are switched off, of PREPARING_STEPS
 * @returns {{pixels: Uint8Array, width, height, steps: [{say, values, picture}], warnings: [{say,
 * values}], refused}} pixels are row by row, in grey; refused is {say, values} where nothing is drawn (the
 * pixels are paper then), else null
 * @example prepareSign(pad.grey(), [28, 28], MNIST_INK).pixels */
export function prepareSign(picture, size, ink = MNIST_INK, without = []) {
  const [height, width] = size;
  const grey = greyPicture(picture);
  if (isPreparedSign(grey, size, ink)) {
    const steps = [{ say: "preparedAlready", values: {}, picture: grey }];
    return { pixels: grey.data, width, height, steps, warnings: [], refused: null };
  }
  const sheet = readSheet(picture);
  const sign = findSign(sheet, !isLikeMnist(ink));
  if (!sign) {
    const pixels = new Uint8Array(width * height).fill(ink.isLight ? 0 : 255);
    return { pixels, width, height, steps: [], warnings: [], refused: { say: "nothingDrawn", values: {} } };
  }
  return preparedFrom(sheet, sign, size, ink, new Set(without));
}

/** Return whether a grey picture already has the field's size, a dark border (or a light one) and its
 * centre. */
export function isPreparedSign(grey, [height, width], ink = MNIST_INK) {
  if (grey.width !== width || grey.height !== height) return false;
  const light = ink.isLight ? grey : mappedPlane(grey, (value) => 255 - value, Uint8Array);
  if (!largestOf(light.data) || percentileOf(borderValues(light), 50) !== 0) return false;
  const [down, right] = centreOfInk(light, ink.byMass);
  return Math.abs(down - height / 2) <= 1.5 && Math.abs(right - width / 2) <= 1.5;
}

function isLikeMnist(ink) {
  return ink.isLight && ink.byMass && Math.abs(ink.box - MNIST_INK.box) < 1e-9;
}

function preparedFrom(sheet, sign, [height, width], ink, without) {
  const steps = stepsOfSheet(sheet, sign, without);
  const isWhole = without.has("cutOut");
  const page = isWhole ? inkOfSheet(sheet) : sign.ink;
  const cut = isWhole ? { ...page, top: 0, left: 0 } : croppedInk(page);
  if (!isWhole) steps.push(inkStep("cutOutSign", cut, sizeInPicture(cut, sheet)));
  const isThickened = isLikeMnist(ink) && !isWhole && !without.has("thicken");
  const thick = isThickened ? thickenedInk(cut) : { ...cut, times: 1, isThicker: false };
  if (thick.isThicker) steps.push(inkStep("thickened", thick));
  const short = Math.min(width, height);
  const isScaled = !without.has("scale") && !isWhole;
  const scale = isScaled ? (ink.box * short) / Math.max(thick.width, thick.height)
    : Math.min(height / page.height, width / page.width) / thick.times;
  const [wide, high] = [thick.width, thick.height].map((n) => Math.max(1, roundToEven(n * scale)));
  const small = scaledInk(thick, wide, high);
  steps.push(byteStep(isScaled ? "scaledToBox" : "shrunkWithPicture", small, { width: wide, height: high }));
  const at = without.has("centre")
    ? placeAsDrawn(page, cut, small, [height, width]) : placeInMiddle(small, [height, width], ink);
  const field = placedInk(small, at, [height, width]);
  const warnings = doubtsOfSign(sign, croppedInk(sign.ink), field, ink);
  const isDarkInk = without.has("invert") ? sheet.isDark : !ink.isLight;
  const pixels = isDarkInk ? field.map((value) => 255 - value) : field;
  const said = without.has("centre") ? "placedAsDrawn" : ink.byMass ? "centredByMass" : "centred";
  steps.push(byteStep(said, { width, height, data: pixels }));
  return { pixels, width, height, steps, warnings, refused: null };
}

function sizeInPicture({ width, height }, { scale }) {
  const inPicture = (n) => Math.max(1, roundToEven(n / scale));
  return { width: inPicture(width), height: inPicture(height) };
}

function stepsOfSheet(sheet, sign, without) {
  const steps = [{ say: "asGiven", values: {}, picture: sheet.picture }];
  if (!sheet.isDrawn) steps.push(byteStep("paperFound", bytePlane(sheet.paper)));
  if (unevennessOf(sheet) > UNEVEN_LIGHT) steps[1].say = "unevenPaper";
  const { lines, cleared } = sign;
  if (lines) steps.push(inkStep("linesTakenAway", inkOfSheet(sheet, cleared), { lines }));
  if (sheet.isDark && !without.has("invert")) steps.push(inkStep("inverted", inkOfSheet(sheet)));
  return steps;
}

function byteStep(say, { width, height, data }, values = {}) {
  return { say, values, picture: { width, height, channels: 1, data } };
}

function inkStep(say, plane, values = {}) {
  return byteStep(say, mappedPlane(plane, (value) => asByte(Math.fround(255 * value)), Uint8Array), values);
}

function placeInMiddle(small, [height, width], ink) {
  const [down, right] = centreOfInk(small, ink.byMass);
  return [roundToEven(height / 2 - down), roundToEven(width / 2 - right)];
}

/** The sign's middle where it was in the picture. */
function placeAsDrawn(page, cut, small, [height, width]) {
  const scale = Math.min(height / page.height, width / page.width);
  const down = (cut.top + cut.height / 2 - page.height / 2) * scale + height / 2 - small.height / 2;
  const right = (cut.left + cut.width / 2 - page.width / 2) * scale + width / 2 - small.width / 2;
  return [roundToEven(down), roundToEven(right)];
}

function placedInk(small, [down, right], [height, width]) {
  const field = new Uint8Array(width * height);
  const top = Math.max(0, Math.min(down, height - small.height));
  const left = Math.max(0, Math.min(right, width - small.width));
  for (let row = 0; row < Math.min(small.height, height); row++) {
    const line = small.data.subarray(row * small.width, row * small.width + Math.min(small.width, width));
    field.set(line, (top + row) * width + left);
  }
  return field;
}

/** What there is to say of a sign that may be misread. */
function doubtsOfSign(sign, digit, field, ink) {
  const doubts = [];
  ["Beside", "Below"].forEach((where, axis) => {
    if (sign.others[axis]) doubts.push({ say: `others${where}`, values: { count: sign.others[axis] + 1 } });
    else if (axis === 0 || isLikeMnist(ink)) {
      const count = countAlong(digit, axis); // letters have dots
      if (count > 1) doubts.push({ say: `readAsOne${where}`, values: { count } });
    }
  });
  if (sign.isCut) doubts.push({ say: "touchesBorder", values: {} });
  const share = field.reduce((count, value) => count + (value > 127), 0) / field.length;
  if (isLikeMnist(ink) && (share < INK_SHARES[0] || share > INK_SHARES[1])) {
    doubts.push({ say: "unlikeDigits", values: { percent: Math.round(100 * share) } });
  }
  return doubts;
}

/** Into how many parts ink falls, from left to right (axis 0) or from top to bottom, specks left out. */
function countAlong({ width, height, data }, axis) {
  const count = axis === 0 ? width : height;
  const least = 0.3 * largestOf(data);
  const sums = new Float64Array(count);
  const filled = new Uint8Array(count);
  data.forEach((value, i) => {
    const place = axis === 0 ? i % width : Math.floor(i / width);
    sums[place] += value;
    if (value > least) filled[place] = 1;
  });
  const total = sums.reduce((sum, value) => sum + value, 0);
  const gap = Math.max(2, SIGN_GAP * Math.max(width, height));
  const parts = [];
  filled.forEach((isFilled, place) => {
    if (!isFilled) return;
    const last = parts[parts.length - 1];
    if (last && place - last[1] <= gap) last[1] = place;
    else parts.push([place, place]);
  });
  return parts.filter(([from, to]) =>
    sums.subarray(from, to + 1).reduce((sum, value) => sum + value, 0) >= SIGN_SHARE * total).length;
}
