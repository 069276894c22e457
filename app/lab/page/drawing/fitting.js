/** A photograph fitted to a network, as `app/datasets/pictures.py` does, and pixels as the numbers it
 * takes. */

import { croppedPicture, greyPicture, resizedPicture } from "./resampling.js";

const LARGEST_DISTORTION = 2; // beyond it the middle is cut out

/** Return a picture at the size and with the channels that a network takes; only the middle of one whose
 * proportions are too far from those, or with `way` "crop" of any.
 * @param {{width, height, channels, data}} picture bytes, grey or RGB
 * @param {[number, number, number]} shape height, width, channels (1 or 3)
 * @param {"usual"|"crop"} way
 * @returns {{pixels: Uint8Array, width, height, channels, steps: [{say, values, picture}]}}
 * @example fitPicture(photograph, [224, 224, 3]).pixels.length // 150528 */
export function fitPicture(picture, [height, width, channels], way = "usual") {
  const steps = [{ say: "asGiven", values: {}, picture }];
  let fitted = channels === 1 ? greyPicture(picture) : { ...picture, data: Uint8Array.from(picture.data) };
  const step = (say, values, changed) => {
    fitted = changed;
    steps.push({ say, values, picture: fitted });
  };
  if (channels === 1 && picture.channels === 3) steps.push({ say: "greyed", values: {}, picture: fitted });
  if (fitted.width !== width || fitted.height !== height) {
    const most = way === "crop" ? 1 : LARGEST_DISTORTION;
    const atMost = (side, other) => Math.max(1, Math.floor((most * side * other[0]) / other[1] + 1e-6));
    const cutWidth = Math.min(fitted.width, atMost(fitted.height, [width, height]));
    const cutHeight = Math.min(fitted.height, atMost(fitted.width, [height, width]));
    if (cutWidth < fitted.width || cutHeight < fitted.height) {
      const left = Math.floor((fitted.width - cutWidth) / 2);
      const top = Math.floor((fitted.height - cutHeight) / 2);
      const values = { width: cutWidth, height: cutHeight };
      step("cutToMiddle", values, croppedPicture(fitted, left, top, cutWidth, cutHeight));
    }
    step("resized", { width, height }, resizedPicture(fitted, width, height, "bicubic"));
  }
  if (channels === 3 && fitted.channels === 1) step("copiedToChannels", {}, inThreeChannels(fitted));
  return { pixels: fitted.data, width, height, channels, steps };
}

/** Return grey pixels copied to three channels. */
export function inThreeChannels({ width, height, data }) {
  const three = new Uint8Array(3 * data.length);
  for (let i = 0; i < three.length; i++) three[i] = data[Math.floor(i / 3)];
  return { width, height, channels: 3, data: three };
}

/** Return pixels of 0…255 as a network's input: (x / 255 · (high − low) + low − mean) / std, channel by
 * channel.
 * @param {Uint8Array} pixels row, column, channel
 * @param {number} channels
 * @param {{range, mean, std, order}} scaling mean and std empty: nothing is taken off or divided; order
 * RGB or BGR
 * @returns {Float32Array}
 * @example scaledPixels(Uint8Array.of(0, 255), 1, {range: [0, 1], mean: [], std: [], order: "RGB"}) // [0,
 * 1] */
export function scaledPixels(pixels, channels, { range = [0, 1], mean = [], std = [], order = "RGB" } = {}) {
  const [low, high] = range;
  const isTurned = order === "BGR" && channels === 3;
  return Float32Array.from(pixels, (_, i) => {
    const channel = i % channels;
    const value = pixels[isTurned ? i - channel + (2 - channel) : i];
    return ((value / 255) * (high - low) + low - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
}
