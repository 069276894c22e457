/** The page checks itself: its numbers against those that Keras computed, and its weights against their checksums. */

import { bytesOfBase64, decodeArray } from "../engine/base64.js";

const CRC_TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** Return the CRC-32 of a text of ASCII signs. */
export function checksumOf(text) {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) crc = CRC_TABLE[(crc ^ text.charCodeAt(i)) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Return numbers that the page's contents hold as base64. */
export function numbersIn(text) {
  return decodeArray({ data: text, shape: [bytesOfBase64(text).length / 4] }, "float32");
}

/**
 * Compare the page with Keras.
 * @param {object} contents of the page
 * @param {Float32Array[]} inputs the images of the check
 * @param {(request: object) => Promise<object>} look asks the engine: outputs, pixels, cells
 * @returns {Promise<{isRight: boolean, worst: number, damaged: string[], count: number, of: string}>} worst: the largest
 *   difference, as a share of the largest value that Keras has
 */
export async function checkItself(contents, inputs, look) {
  const { check, program } = contents;
  const damaged = Object.entries(check.sums)
    .filter(([name, sum]) => checksumOf(program.arrays[name]?.data ?? "") !== sum)
    .map(([name]) => name);
  const told = (text) => (text ? numbersIn(text) : null); // of halved weights no gradients are told: they jump
  const wanted = { outputs: told(check.outputs), pixels: told(check.gradients), cells: told(check.cells) };
  const scale = Object.fromEntries(Object.entries(wanted).map(([name, values]) => [name, values ? largestOfAll(values) : 0]));
  let worst = 0;
  for (let i = 0; i < inputs.length; i += 1) {
    const found = await look({ image: inputs[i], classIndex: check.classes[i], method: "vanilla" });
    for (const name of ["outputs", "pixels", "cells"]) {
      const values = wanted[name], size = found[name]?.length ?? 0;
      if (!values || !size || (i + 1) * size > values.length) continue;
      for (let j = 0; j < size; j += 1) {
        const gap = Math.abs(found[name][j] - values[i * size + j]) / (scale[name] || 1);
        worst = Number.isFinite(gap) ? Math.max(worst, gap) : Infinity;
      }
    }
  }
  return { isRight: worst <= check.tolerance && !damaged.length, worst, damaged, count: inputs.length, of: check.by };
}

function largestOfAll(values) {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
