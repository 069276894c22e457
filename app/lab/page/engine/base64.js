// Arrays of a written program: numbers as base64, little-endian, become typed arrays.

import { engineFault } from "./faults.js";

/**
 * Decode base64 into bytes.
 *
 * @example bytesOfBase64("AACAPw==")  // Uint8Array [0, 0, 128, 63]
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {Error} with .say where the text is no base64
 */
export function bytesOfBase64(text) {
  let letters;
  try {
    letters = atob(text);
  } catch {
    throw engineFault("engineDamaged", { what: "base64" });
  }
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/**
 * Return the number that 16 bits hold, as IEEE 754 has it.
 *
 * @example numberOfHalf(0x3c00)  // 1
 */
export function numberOfHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const share = bits & 1023;
  if (exponent === 31) return share ? NaN : sign * Infinity;
  if (exponent === 0) return sign * share * 2 ** -24;
  return sign * (1024 + share) * 2 ** (exponent - 25);
}

const READ_NUMBER = {
  float16: { size: 2, read: (view, at) => numberOfHalf(view.getUint16(at, true)) },
  float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  float64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/**
 * Return the numbers of one stored array.
 *
 * @example decodeArray({ shape: [1], data: "AACAPw==" }, "float32")  // Float32Array [1]
 * @param {{shape: number[], data: string, dtype?: string}} stored `dtype`, if it is there, goes before the
 *   program's
 * @param {string} dtype of the program: float16, float32 or float64
 * @param {Function} Numbers the typed array to make: Float32Array or Float64Array
 * @returns {Float32Array|Float64Array}
 * @throws {Error} with .say where bytes and shape do not fit
 */
export function decodeArray(stored, dtype, Numbers = Float32Array) {
  const name = String(stored.dtype ?? dtype).slice(0, 40);
  if (!Object.hasOwn(READ_NUMBER, name)) throw engineFault("engineDamaged", { what: `dtype ${name}` });
  const type = READ_NUMBER[name];
  const bytes = bytesOfBase64(stored.data);
  const count = stored.shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== count * type.size) {
    throw engineFault("engineDamaged", { what: `${bytes.length} bytes, ${stored.shape.join("×")} numbers` });
  }
  const view = new DataView(bytes.buffer);
  const numbers = new Numbers(count);
  for (let i = 0; i < count; i++) numbers[i] = type.read(view, i * type.size);
  return numbers;
}
