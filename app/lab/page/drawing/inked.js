/** A sign cut out of its page: its box, the thickness of its strokes, its size and its centre.
 * Ink is a plane {width, height, data} of 0 for paper to 1. */

import { framedPlane, largestOf, mappedPlane, slidPlane } from "./planes.js";
import { asByte, resizedPicture, roundToEven } from "./resampling.js";

const BOX_OF_FIELD = 20; // of 28 pixels
const LEAST_STROKE = 1.75; // thickness in 28 pixels below which strokes are made as thick as USUAL_STROKE
const USUAL_STROKE = 2.2;

/** Return the box around all ink, and where it lies: {width, height, data, top, left}. */
export function croppedInk({ width, height, data }) {
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!data[at]) continue;
      if (row < top) top = row;
      if (row >= bottom) bottom = row + 1;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
    }
  }
  const cut = new Float32Array(Math.max(0, bottom - top) * Math.max(0, right - left));
  for (let row = top; row < bottom; row++) {
    cut.set(data.subarray(row * width + left, row * width + right), (row - top) * (right - left));
  }
  return { width: Math.max(0, right - left), height: Math.max(0, bottom - top), data: cut, top, left };
}

/** Return ink as bytes in another size, the strongest white: by the mean of areas where it gets smaller. */
export function scaledInk(ink, width, height) {
  const bytes = { width: ink.width, height: ink.height, channels: 1, data: inkBytes(ink) };
  const small = resizedPicture(bytes, width, height, height < ink.height ? "box" : "bilinear");
  const most = largestOf(small.data);
  return most ? mappedPlane(small, (value) => asByte(value * (255 / most)), Uint8Array) : small;
}

/** Return how thick the strokes of a sign are, in its pixels: 2 Σ ink / Σ |slope of the ink|.
 * A long bar of thickness t has t of ink and a slope of 1 on either side for each pixel of its length. */
export function strokeThickness(ink) {
  const { width, height, data } = framedPlane(ink, 1, false);
  const slope = (at, step, place, count) => {
    if (place === 0) return data[at + step] - data[at];
    if (place === count - 1) return data[at] - data[at - step];
    return (data[at + step] - data[at - step]) / 2;
  };
  let mass = 0;
  let slopes = 0;
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      mass += data[at];
      slopes += Math.hypot(slope(at, width, row, height), slope(at, 1, column, width));
    }
  }
  return (2 * mass) / Math.max(slopes, 1e-6);
}

/** Return a digit whose strokes are at least as thick for its size as nearly all of MNIST's, and whether it
 * was changed: {width, height, data, times, isThicker}; it may have become `times` as large. */
export function thickenedInk(digit) {
  const share = BOX_OF_FIELD / Math.max(digit.width, digit.height); // of 28 pixels, for one of its own
  const [width, height] = [digit.width, digit.height].map((n) => Math.max(1, roundToEven(share * n)));
  const seen = mappedPlane(scaledInk(digit, width, height), (value) => value / 255);
  const stroke = strokeThickness(seen);
  if (stroke >= LEAST_STROKE) return { ...digit, times: 1, isThicker: false };
  const times = Math.max(1, Math.ceil(4 * share)); // one pixel is to be a quarter of a field's pixel at most
  let large = digit;
  if (times > 1) {
    const bytes = { width: digit.width, height: digit.height, channels: 1, data: inkBytes(digit) };
    const bigger = resizedPicture(bytes, digit.width * times, digit.height * times, "bicubic");
    large = mappedPlane(bigger, (value) => value / 255);
  }
  // a square reaches further at a slant
  const reach = roundToEven(((0.85 * (USUAL_STROKE - stroke)) / 2 / share) * times);
  if (reach < 1) return { ...large, times, isThicker: false };
  const thick = slidPlane(framedPlane(large, 2 * reach, false), 2 * reach + 1, true);
  return { ...thick, times, isThicker: true };
}

/** Return the centre of mass, or the middle of the box around the ink, [row, column] from 0. */
export function centreOfInk({ width, height, data }, byMass) {
  if (!byMass) {
    const { top, left, width: wide, height: high } = croppedInk({ width, height, data });
    return [top + high / 2, left + wide / 2];
  }
  let [mass, down, right] = [0, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      mass += data[at];
      down += row * data[at];
      right += column * data[at];
    }
  }
  return [down / mass, right / mass];
}

function inkBytes(ink) {
  return mappedPlane(ink, (value) => asByte(Math.fround(255 * value)), Uint8Array).data;
}
