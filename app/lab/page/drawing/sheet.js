/** A sheet: whether its ink is dark or light, how wide its strokes are, its paper, and the ink on it. Of a
 * sheet drawn by a program, as the pad is, the paper is one grey level. Of a photograph it is found below
 * the ink by windows that slide over it, so that shadows stay paper. */

import {
  bytePlane, edgesOfPlane, inkAbove, mappedPlane, meansAround, noiseOfPlane, paperBelow, percentileOf,
  smoothedPlane, widenedMask,
} from "./planes.js";
import { nearnessOfParts, partsOfMask, scoresOfParts } from "./parts.js";
import { asByte, greyPicture, resizedPicture, roundToEven } from "./resampling.js";

const LOOKED_AT_SIDE = 512; // pixels of the longer side in which ink is looked for
const SMALLEST_SHEET = 128; // smaller photographs are enlarged to at least this
const COARSE_SIDE = 240; // pixels of the longer side in the first look
const INK_WINDOWS = [5, 9, 17, 33, 65]; // strokes are narrower than the right one
const CLEARER_COLOUR = 2; // times that more must stand out in one colour than in grey
const CLEAREST_WINDOW = 9;
const CLOSE_LOOKS = 0.5; // how near dark and light ink must be to each other for a second look
const DRAWN_SHARE = 0.3; // shares of a picture and of its border of one grey level where a program drew it
const DRAWN_BORDER = 0.9;
const MASKED_SHARES = [0.2, 0.4, 0.6]; // of the strongest ink, from which the paper below is guessed
const MOST_MASKED = 0.35;
const MOST_GAIN = 3; // ink in a shadow counts as much as in the light, but at most by this factor

/** Return a picture as a sheet.
 * @param {{width, height, channels, data}} picture bytes, grey or RGB
 * @returns {{picture, scale, isDark, window, paper, ink, edges, noise, isDrawn}} paper and ink are planes;
 * ink is how many grey levels each pixel differs from its paper; scale is pixels here for one of the
 * picture. */
export function readSheet(picture) {
  const level = drawnPaperOf(greyPicture(picture));
  const { seen, scale } = broughtNear(picture, level === null ? SMALLEST_SHEET : 1);
  if (level !== null) return drawnSheet(seen, scale, level);
  const first = firstLook(clearestGrey(seen));
  const grey = weighedGrey(seen, first.isDark, first.window);
  const noise = noiseOfPlane(grey);
  const smooth = smoothedPlane(grey, noise);
  const { paper, mask } = liftedPaper(smooth, first.window, first.isDark, noise);
  const apart = apartFrom(paper, smooth, first.isDark);
  const usual = percentileOf(paper.data, 50);
  const ink = mappedPlane(apart, (value, i) => {
    const gain = first.isDark ? usual / Math.max(paper.data[i], 1) : 1;
    return Math.max(value, 0) * Math.min(Math.max(gain, 1 / MOST_GAIN), MOST_GAIN);
  });
  const rest = apart.data.filter((_, i) => !mask.data[i]).map(Math.abs);
  const spread = rest.length ? percentileOf(rest, 50) / 0.6745 : noise;
  const edges = edgesOfPlane(bytePlane(smooth));
  return { picture: seen, scale, ...first, paper, ink, edges, noise: spread, isDrawn: false };
}

/** Return the grey levels between the darkest and the lightest paper, without the outermost fiftieths. */
export function unevennessOf(sheet) {
  if (sheet.isDrawn) return 0;
  return percentileOf(sheet.paper.data, 98) - percentileOf(sheet.paper.data, 2);
}

/** Return the values along the border of a plane, its corners twice. */
export function borderValues({ width, height, data }) {
  const border = [...data.subarray(0, width), ...data.subarray((height - 1) * width)];
  for (let row = 0; row < height; row++) border.push(data[row * width], data[(row + 1) * width - 1]);
  return border;
}

function drawnPaperOf(grey) {
  const border = borderValues(grey);
  const level = Math.trunc(percentileOf(border, 50));
  const along = border.filter((value) => value === level).length / border.length;
  let inside = 0;
  for (const value of grey.data) if (value === level) inside++;
  return along > DRAWN_BORDER && inside / grey.data.length > DRAWN_SHARE ? level : null;
}

function drawnSheet(seen, scale, level) {
  const { width, height, data } = greyPicture(seen);
  let darker = 0;
  let lighter = 0;
  for (let i = 0; i < data.length; i++) {
    const apart = data[i] - level;
    if (apart < 0) darker += apart * apart;
    else lighter += apart * apart;
  }
  const isDark = darker > lighter;
  const [ink, paper] = [1, 2].map(() => ({ width, height, data: new Float32Array(data.length) }));
  paper.data.fill(level);
  for (let i = 0; i < data.length; i++) { // loops of their own: this runs at every movement of a hand
    const apart = isDark ? level - data[i] : data[i] - level;
    if (apart > 0) ink.data[i] = apart;
  }
  const sheet = { picture: seen, scale, isDark, window: 0, paper, ink, noise: 0, isDrawn: true };
  return Object.defineProperty(sheet, "edges", { get: () => edgesOfPlane(signedPlane({ width, height, data })) }); // seldom wanted
}

function broughtNear(picture, smallest) {
  const longer = Math.max(picture.width, picture.height);
  if (longer > LOOKED_AT_SIDE) {
    const scale = LOOKED_AT_SIDE / longer;
    const [width, height] = [picture.width, picture.height].map((n) => Math.max(1, roundToEven(n * scale)));
    return { seen: resizedPicture(picture, width, height, "box"), scale };
  }
  const scale = longer < smallest ? Math.ceil(smallest / longer) : 1;
  return { seen: resizedPicture(picture, picture.width * scale, picture.height * scale, "bicubic"), scale };
}

/** The picture in grey, or its red, green or blue if much more stands out in that. */
function clearestGrey(seen) {
  const grey = greyPicture(seen);
  if (seen.channels === 1) return grey;
  const quarter = (n) => Math.max(1, Math.floor(n / 4));
  const small = Math.max(seen.width, seen.height) > COARSE_SIDE
    ? resizedPicture(seen, quarter(seen.width), quarter(seen.height), "box") : seen;
  const strengths = [greyPicture(small), ...colourPlanes(small)].map((choice) => {
    const dark = inkAbove(signedPlane(choice), CLEAREST_WINDOW, true).data;
    const light = inkAbove(signedPlane(choice), CLEAREST_WINDOW, false).data;
    const apart = light.map((value, i) => Math.max(value, dark[i]));
    return percentileOf(apart, 99) / (noiseOfPlane(choice) + 1.5);
  });
  const best = strengths.indexOf(Math.max(...strengths));
  return best && strengths[best] > CLEARER_COLOUR * strengths[0] ? colourPlanes(seen)[best - 1] : grey;
}

function colourPlanes({ width, height, channels, data }) {
  return [0, 1, 2].map((channel) => {
    const one = new Uint8Array(width * height);
    for (let i = 0; i < one.length; i++) one[i] = data[i * channels + channel];
    return { width, height, channels: 1, data: one };
  });
}

function signedPlane(plane) {
  return mappedPlane(plane, (value) => value); // bytes as numbers, whose differences may be negative
}

/** Whether the ink is dark, and the side of the window that its strokes fit into: strokes are long for their
 * thickness, so the best part is judged by its ink over the square of the window. */
function firstLook(grey) {
  const scale = Math.min(1, COARSE_SIDE / Math.max(grey.width, grey.height));
  const [width, height] = [grey.width, grey.height].map((n) => Math.max(1, roundToEven(n * scale)));
  const near = scale < 1 ? resizedPicture(grey, width, height, "box") : grey;
  const noise = noiseOfPlane(near);
  const small = signedPlane(bytePlane(smoothedPlane(near, noise)));
  const edges = edgesOfPlane(small).data;
  const looks = { dark: lookFor(small, edges, noise, true), light: lookFor(small, edges, noise, false) };
  let isDark = looks.dark.judged >= looks.light.judged;
  const [better, other] = isDark ? [looks.dark, looks.light] : [looks.light, looks.dark];
  if (other.judged > CLOSE_LOOKS * better.judged) isDark = secondLook(small, edges, noise, looks);
  const { side } = isDark ? looks.dark : looks.light;
  return { isDark, window: Math.trunc((side / scale) * 1.3) | 1 };
}

function lookFor(grey, edges, noise, isDark) {
  const found = INK_WINDOWS.map((side) => bestPart(inkAbove(grey, side, isDark), edges, noise));
  const judged = found.map(({ score }, i) => score / INK_WINDOWS[i] ** 2);
  const best = judged.indexOf(Math.max(...judged));
  let chosen = best;
  while (chosen + 1 < found.length && found[chosen + 1].score > 1.1 * found[chosen].score) chosen++;
  const { box, share } = found[chosen];
  return { judged: judged[best], side: INK_WINDOWS[chosen], box, share };
}

/** Whether the ink is dark where both might be: what holds the other is ink, else the better one on its
 * paper. */
function secondLook(grey, edges, noise, { dark, light }) {
  const holds = (mine, its) =>
    mine.share < 0.2 && mine.box[0] <= its.box[0] && mine.box[1] >= its.box[1] &&
    mine.box[2] <= its.box[2] && mine.box[3] >= its.box[3];
  if (holds(dark, light)) return true;
  if (holds(light, dark)) return false;
  const [asDark, asLight] = [dark, light].map((look) => {
    const { paper } = liftedPaper(grey, look.side, look === dark, noise);
    const ink = mappedPlane(apartFrom(paper, grey, look === dark), (value) => Math.max(value, 0));
    return bestPart(ink, edges, noise).score / look.side ** 2;
  });
  return asDark >= asLight;
}

function bestPart(ink, edges, noise) {
  const none = { score: 0, box: [0, 0, 0, 0], share: 0 };
  const strong = percentileOf(ink.data, 99.8);
  if (strong < 4) return none;
  const least = Math.max(4, 2 * noise, 0.4 * strong);
  const parts = partsOfMask(mappedPlane(ink, (value) => (value > least ? 1 : 0), Uint8Array));
  if (!parts.count) return none;
  const scores = scoresOfParts(parts, ink.data, edges);
  const best = scores.indexOf(Math.max(...scores));
  return { score: scores[best], box: parts.boxes[best], share: parts.areas[best] / ink.data.length };
}

/** The grey in which the ink stands out best: each channel by its contrast over its variance. */
function weighedGrey(seen, isDark, window) {
  const [red, green, blue] = seen.channels === 1 ? [seen] : colourPlanes(seen);
  if (!green || red.data.every((value, i) => value === green.data[i] && value === blue.data[i])) return red;
  const channels = [red, green, blue];
  const apart = channels.map((channel) => inkAbove(signedPlane(channel), window, isDark).data);
  const strongest = apart[0].map((value, i) => Math.max(value, apart[1][i], apart[2][i]));
  const least = Math.max(percentileOf(strongest, 99), 1);
  const weights = channels.map((channel, c) => {
    let sum = 0;
    let count = 0;
    strongest.forEach((value, i) => {
      if (value >= least) {
        sum += apart[c][i];
        count++;
      }
    });
    return sum / Math.max(count, 1) / (noiseOfPlane(channel) + 1.5) ** 2;
  });
  const total = weights[0] + weights[1] + weights[2];
  if (!total) return red;
  const mixed = (value, i) =>
    asByte((value * weights[0] + green.data[i] * weights[1] + blue.data[i] * weights[2]) / total);
  return mappedPlane(red, mixed, Uint8Array);
}

function apartFrom(paper, smooth, isDark) {
  return mappedPlane(smooth, (value, i) => (isDark ? paper.data[i] - value : value - paper.data[i]));
}

/** The paper, and the mask of the ink and its surroundings below which it is guessed. The first paper is a
 * closing (or an opening); where that shows ink, the next is the mean of the paper around it. */
function liftedPaper(smooth, window, isDark, noise) {
  let paper = signedPlane(paperBelow(bytePlane(smooth), window, isDark));
  let mask = null;
  for (const look of [0, 1]) {
    const apart = apartFrom(paper, smooth, isDark);
    const reach = Math.max(2, Math.floor(window / (6 + 6 * look)));
    mask = maskedInk(apart, noise, MASKED_SHARES.slice(look), reach);
    paper = filledPaper(smooth, mask, paper, window);
  }
  return { paper, mask };
}

function maskedInk(apart, noise, shares, reach) {
  const usual = percentileOf(apart.data, 50);
  const strong = percentileOf(apart.data, 99.7);
  let mask = null;
  for (const share of shares) {
    const least = Math.max(usual + share * (strong - usual), usual + 3 * noise, 2);
    mask = widenedMask(mappedPlane(apart, (value) => (value > least ? 1 : 0), Uint8Array), reach);
    let masked = 0;
    for (const value of mask.data) masked += value;
    if (masked / mask.data.length < MOST_MASKED) break; // more than a third of a sheet is texture, never ink
  }
  return mask;
}

function filledPaper(smooth, mask, paper, window) {
  const known = mappedPlane(smooth, (value, i) => (mask.data[i] ? 0 : value));
  const weight = mappedPlane(mask, (value) => (value ? 0 : 1));
  const filled = mappedPlane(paper, (value) => value);
  const isFilled = new Uint8Array(filled.data.length);
  const third = Math.floor(window / 3) + 1;
  for (const reach of [Math.max(1, Math.floor(window / 12)), third, window, 4 * window]) {
    const radius = Math.min(reach, Math.max(smooth.width, smooth.height));
    const total = meansAround(known, radius).data;
    const share = meansAround(weight, radius).data;
    let left = 0;
    for (let i = 0; i < isFilled.length; i++) {
      if (isFilled[i]) continue;
      if (share[i] > 0.1) {
        filled.data[i] = total[i] / share[i];
        isFilled[i] = 1;
      } else left++;
    }
    if (!left) break;
  }
  return filled;
}
