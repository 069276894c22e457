/** Pictures in another size, byte for byte as Pillow makes them: each pixel of a line is a weighed mean, in
 * whole numbers of 22 bits, rounded once along the rows and once along the columns. A picture is {width,
 * height, channels, data}: bytes, row by row, the channels of a pixel side by side. */

const RESAMPLING_FILTERS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubicWeight },
};
const RESAMPLING_UNIT = 2 ** 22;

/** Return the whole number nearest to x; of two equally near ones the even one, as Python and NumPy round.
 * @example roundToEven(2.5) // 2 */
export function roundToEven(x) {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Return a number as a byte: rounded, below 0 as 0, above 255 as 255.
 * @example asByte(300.2) // 255 */
export function asByte(x) {
  return x <= 0 ? 0 : x >= 255 ? 255 : roundToEven(x);
}

/** Return a picture, bytes of any channels, resized to width×height.
 * @param {"box"|"bilinear"|"bicubic"} filter box: the mean of the area that a pixel covers.
 * @example resizedPicture({width: 2, height: 1, channels: 1, data: [0, 100]}, 1, 1, "box").data // [50] */
export function resizedPicture(picture, width, height, filter) {
  const rowsSaved = picture.height - height;
  const isDownFirst = rowsSaved > 0 && rowsSaved > 2 * (picture.width - width); // as Pillow 13 chooses
  let resized = { ...picture, data: Uint8Array.from(picture.data) };
  if (isDownFirst) resized = resampledColumns(resized, height, filter);
  if (width !== resized.width) resized = resampledRows(resized, width, filter);
  if (height !== resized.height) resized = resampledColumns(resized, height, filter);
  return resized;
}

/** Return the grey of a picture, (299 R + 587 G + 114 B) / 1000 in whole numbers of 16 bits, as Pillow has
 * it.
 * @returns {{width, height, channels: 1, data: Uint8Array}} */
export function greyPicture(picture) {
  const { width, height, channels, data } = picture;
  if (channels === 1) return { width, height, channels: 1, data: Uint8Array.from(data) };
  const grey = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i++, at += channels) {
    grey[i] = (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: grey };
}

/** Return a rectangle of a picture: rows from top, columns from left. */
export function croppedPicture(picture, left, top, width, height) {
  const { channels } = picture;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * channels;
    data.set(picture.data.subarray(start, start + width * channels), row * width * channels);
  }
  return { width, height, channels, data };
}

function bicubicWeight(x) {
  const far = Math.abs(x);
  if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
  return far < 2 ? ((far - 5) * far + 8) * far * -0.5 + 2 : 0;
}

/** For each new pixel of a line: the first old one, and the weights of those from there on. */
function resamplingWeights(before, after, filter) {
  const { support, weight } = RESAMPLING_FILTERS[filter];
  const scale = before / after;
  const wide = Math.max(scale, 1);
  return Array.from({ length: after }, (_, place) => {
    const middle = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - support * wide + 0.5));
    const behind = Math.min(before, Math.trunc(middle + support * wide + 0.5));
    const shares = [];
    for (let x = first; x < behind; x++) shares.push(weight((x - middle + 0.5) * (1 / wide)));
    const sum = shares.reduce((total, share) => total + share, 0) || 1;
    const weights = shares.map((share) => {
      const part = (share / sum) * RESAMPLING_UNIT;
      return Math.trunc(part < 0 ? part - 0.5 : part + 0.5);
    });
    return { first, weights: Float64Array.from(weights) };
  });
}

function resampledByte(sum) {
  const value = Math.floor((sum + RESAMPLING_UNIT / 2) / RESAMPLING_UNIT);
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resampledRows({ width, height, channels, data }, after, filter) {
  const places = resamplingWeights(width, after, filter);
  const resized = new Uint8Array(after * height * channels);
  for (let row = 0, into = 0; row < height; row++) {
    for (const { first, weights } of places) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        let at = (row * width + first) * channels + channel;
        for (let i = 0; i < weights.length; i++, at += channels) sum += weights[i] * data[at];
        resized[into++] = resampledByte(sum);
      }
    }
  }
  return { width: after, height, channels, data: resized };
}

function resampledColumns({ width, height, channels, data }, after, filter) {
  const line = width * channels;
  const resized = new Uint8Array(after * line);
  const sums = new Float64Array(line);
  resamplingWeights(height, after, filter).forEach(({ first, weights }, row) => {
    sums.fill(0);
    weights.forEach((weight, i) => {
      const start = (first + i) * line;
      for (let x = 0; x < line; x++) sums[x] += weight * data[start + x];
    });
    for (let x = 0; x < line; x++) resized[row * line + x] = resampledByte(sums[x]);
  });
  return { width, height: after, channels, data: resized };
}
