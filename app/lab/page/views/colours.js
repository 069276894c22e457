/**
 * Colours of numbers. Signed numbers go from blue over white to orange, which stay apart for every kind of colour
 * vision and in grey are told by a darker end (Okabe and Ito 2008); an image is shown in its own greys or colours.
 */

const ABOVE = [[255, 255, 255], [253, 208, 162], [240, 138, 36], [166, 73, 3], [92, 38, 0]];
const BELOW = [[255, 255, 255], [186, 218, 242], [90, 169, 230], [24, 102, 160], [4, 47, 84]];
const STEPS = 256;
const MIDDLE_LIGHT = 0.179; // black and white letters are read equally well on it

/** Return 3·256 bytes: the colours from nothing to the end of a scale. */
function rampOf(stops) {
  const table = new Uint8ClampedArray(3 * STEPS);
  for (let i = 0; i < STEPS; i += 1) {
    const place = (i / (STEPS - 1)) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    for (let c = 0; c < 3; c += 1) {
      table[3 * i + c] = stops[left][c] + (place - left) * (stops[left + 1][c] - stops[left][c]);
    }
  }
  return table;
}

const RAMPS = { above: rampOf(ABOVE), below: rampOf(BELOW) };

/** Write the colour of `value` on a scale up to `largest` into RGBA bytes at `at`. */
export function paintValue(bytes, at, value, largest) {
  const share = largest > 0 ? Math.min(Math.abs(value) / largest, 1) : 0;
  const ramp = value < 0 ? RAMPS.below : RAMPS.above;
  const index = 3 * Math.round(share * (STEPS - 1));
  bytes[at] = ramp[index];
  bytes[at + 1] = ramp[index + 1];
  bytes[at + 2] = ramp[index + 2];
  bytes[at + 3] = 255;
}

/** Return the light of a colour's part, as sRGB has it (WCAG 2.2, relative luminance). */
function linearLight(part) {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** Return a colour as CSS has it, and whether dark letters are read on it. */
export function cssColour(value, largest) {
  const bytes = new Uint8ClampedArray(4);
  paintValue(bytes, 0, value, largest);
  const [r, g, b] = bytes;
  const [red, green, blue] = [r, g, b].map((part) => linearLight(part / 255));
  const isLight = 0.2126 * red + 0.7152 * green + 0.0722 * blue > MIDDLE_LIGHT;
  return { back: `rgb(${r} ${g} ${b})`, letters: isLight ? "#000" : "#fff" };
}

/**
 * Return RGBA bytes of an image (height, width, channels) of the network's own numbers.
 * @param {[number, number]} bounds what black and white are worth.
 */
export function paintImage(values, [height, width, channels], bounds) {
  const bytes = new Uint8ClampedArray(4 * height * width);
  const [low, high] = bounds;
  for (let i = 0; i < height * width; i += 1) {
    for (let c = 0; c < 3; c += 1) {
      const value = values[i * channels + (channels === 3 ? c : 0)];
      bytes[4 * i + c] = (255 * (value - low)) / (high - low);
    }
    bytes[4 * i + 3] = 255;
  }
  return bytes;
}

/** Lay a map over greys: the larger the value, the more of its colour, up to `most`; where it is 0, only the image is
 * seen. */
export function overlay(bytes, map, largest, most = 1) {
  const colour = new Uint8ClampedArray(4);
  for (let i = 0; i < map.length; i += 1) {
    const share = largest > 0 ? Math.min(Math.abs(map[i]) / largest, 1) : 0;
    const grey = 0.299 * bytes[4 * i] + 0.587 * bytes[4 * i + 1] + 0.114 * bytes[4 * i + 2];
    const quiet = 70 + 0.55 * grey;
    paintValue(colour, 0, map[i] < 0 ? -(0.35 + 0.4 * share) : 0.35 + 0.4 * share, 1);
    const opacity = most * Math.sqrt(share);
    for (let c = 0; c < 3; c += 1) bytes[4 * i + c] = quiet + opacity * (colour[c] - quiet);
  }
  return bytes;
}
