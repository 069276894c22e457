/** Strokes as data, as grey pixels and as text for an address. A stroke is {width, erases, points}: whole
 * numbers on a pad of 1024 units a side, points [[x, y], …] with the first unit at the left and at the
 * top; a pen that leaves the pad is followed up to 512 units outside. */

export const PAD_UNITS = 1024;
const OUTSIDE_PAD = 512; // units that points may lie beyond the border
const MOST_STROKES = 200;
const MOST_POINTS = 4000; // of all strokes together; a number of two characters ends at 4095
const MOST_STROKE_TEXT = 21000; // characters: 5 for a point, 4 more for a stroke
const STROKE_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STROKE_FORMAT = "1"; // the first character: how the rest is to be read
const FAR_POINT = 63; // the code before a point that is written whole; others are steps of −31 to 31
const PEN_WIDTHS = [8, 400]; // the least and the largest
const STROKE_KINDS = "pe"; // pen, eraser

/** Return a stroke with whole numbers inside the bounds.
 * @example strokeOf(70, [[10.4, 20]]) // {width: 70, erases: false, points: [[10, 20]]} */
export function strokeOf(width, points, erases = false) {
  const within = (n) => Math.min(Math.max(Math.round(n), -OUTSIDE_PAD), PAD_UNITS + OUTSIDE_PAD - 1);
  return {
    width: Math.min(Math.max(Math.round(width), PEN_WIDTHS[0]), PEN_WIDTHS[1]),
    erases,
    points: points.map(([x, y]) => [within(x), within(y)]),
  };
}

/** Return whether strokes are few and short enough to be kept and written as text. */
export function strokesFit(strokes) {
  return strokes.length <= MOST_STROKES
    && strokes.reduce((sum, stroke) => sum + stroke.points.length, 0) <= MOST_POINTS;
}

/** Return strokes as text that an address takes as it is: letters, digits, - and _. Of each stroke: pen or
 * eraser, its width and its number of points in two characters each, its first point in four, each further
 * point as two steps of −31 to 31, or as `_` and four characters where it lies farther off.
 * @example strokesAsText([strokeOf(70, [[10, 20], [12, 20]])]) // "1pBGACIKIUhf" */
export function strokesAsText(strokes) {
  const parts = [STROKE_FORMAT];
  for (const { width, erases, points } of strokes) {
    parts.push(STROKE_KINDS[erases ? 1 : 0], twoCodes(width), twoCodes(points.length));
    points.forEach(([x, y], i) => {
      const [right, down] = i ? [x - points[i - 1][0], y - points[i - 1][1]] : [Infinity, Infinity];
      if (Math.abs(right) <= 31 && Math.abs(down) <= 31) {
        parts.push(STROKE_CODES[right + 31], STROKE_CODES[down + 31]);
      } else {
        parts.push(i ? STROKE_CODES[FAR_POINT] : "", twoCodes(x + OUTSIDE_PAD), twoCodes(y + OUTSIDE_PAD));
      }
    });
  }
  return parts.join("");
}

/** Return the strokes that a text of `strokesAsText` holds.
 * @returns {{strokes: object[], refused: {say, values}|null}} refused where it is no such text, to the
 * letter: a damaged link draws nothing. */
export function strokesFromText(text) {
  const refused = { strokes: [], refused: { say: "strokesUnreadable", values: {} } };
  if (typeof text !== "string" || text.length > MOST_STROKE_TEXT || text[0] !== STROKE_FORMAT) return refused;
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return refused;
  const strokes = [];
  let points = 0;
  for (let at = 1; at < text.length; ) {
    const read = readStroke(text, at);
    if (!read) return refused;
    at = read.at;
    points += read.stroke.points.length;
    strokes.push(read.stroke);
    if (points > MOST_POINTS || strokes.length > MOST_STROKES) return refused;
  }
  if (strokesAsText(strokes) !== text) return refused; // there is one way to write each drawing
  return { strokes, refused: null };
}

/** Return the pieces of the line that a stroke draws, each [x, y, x, y]: from middle to middle of its
 * points along a curve that bends towards each point (a quadratic Bézier curve), so that no corner shows.
 * @param {number} from the first point whose pieces are wanted; those before it were drawn already
 * @param {boolean} isDone whether the last half piece, up to the last point, is wanted too */
export function piecesOfStroke(points, from = 0, isDone = true) {
  const pieces = [];
  const last = points.length - 1;
  if (last === 0 && isDone) pieces.push([...points[0], ...points[0]]);
  for (let i = from; i < last; i++) {
    const middle = middleOf(points[i], points[i + 1]);
    if (i === 0) pieces.push([...points[0], ...middle]);
    else pieces.push(...curvePieces(middleOf(points[i - 1], points[i]), points[i], middle));
  }
  if (isDone && last > 0) pieces.push([...middleOf(points[last - 1], points[last]), ...points[last]]);
  return pieces;
}

/** Draw pieces of a line, with round ends, into grey pixels: 255 is full ink, anti-aliased at the edge.
 * @param {{side, data: Uint8Array}} page side×side pixels
 * @param {boolean} erases whether ink is taken away
 * @returns {[number, number, number, number]|null} left, top, width and height of what may have changed */
export function drawPieces(page, pieces, width, erases) {
  const scale = page.side / PAD_UNITS;
  const radius = (width / 2) * scale;
  let box = null;
  for (const piece of pieces) {
    box = joinedBoxes(box, drawPiece(page, piece.map((n) => n * scale), radius, erases));
  }
  return box;
}

/** Return the grey pixels of strokes, white ink on black, side×side.
 * @example drawStrokes([strokeOf(70, [[512, 512]])], 280)[140 * 280 + 140] // 255 */
export function drawStrokes(strokes, side) {
  const page = { side, data: new Uint8Array(side * side) };
  for (const { width, erases, points } of strokes) drawPieces(page, piecesOfStroke(points), width, erases);
  return page.data;
}

/** Return the box around two boxes of [left, top, width, height]; null is no box. */
export function joinedBoxes(one, two) {
  if (!one || !two) return one || two;
  const left = Math.min(one[0], two[0]);
  const top = Math.min(one[1], two[1]);
  const right = Math.max(one[0] + one[2], two[0] + two[2]);
  const bottom = Math.max(one[1] + one[3], two[1] + two[3]);
  return [left, top, right - left, bottom - top];
}

function twoCodes(n) {
  return STROKE_CODES[n >> 6] + STROKE_CODES[n & 63];
}

function readStroke(text, start) {
  let at = start + 1;
  const code = () => (at < text.length ? STROKE_CODES.indexOf(text[at++]) : NaN);
  const number = () => code() * 64 + code();
  const place = () => {
    const n = number() - OUTSIDE_PAD;
    return n < PAD_UNITS + OUTSIDE_PAD ? n : NaN;
  };
  const kind = STROKE_KINDS.indexOf(text[start]);
  const width = number();
  const count = number();
  if (kind < 0 || !(width >= PEN_WIDTHS[0] && width <= PEN_WIDTHS[1])) return null; // not a number is neither
  if (!(count >= 1 && count <= MOST_POINTS)) return null;
  const points = [];
  for (let i = 0; i < count; i++) {
    const right = i ? code() : FAR_POINT;
    const point = right === FAR_POINT ? [place(), place()]
      : [points[i - 1][0] + right - 31, points[i - 1][1] + code() - 31];
    const isInside = (n) => n >= -OUTSIDE_PAD && n < PAD_UNITS + OUTSIDE_PAD; // not a number is not inside
    if (!point.every(isInside)) return null;
    points.push(point);
  }
  return { at, stroke: { width, erases: kind === 1, points } };
}

function middleOf([x, y], [otherX, otherY]) {
  return [(x + otherX) / 2, (y + otherY) / 2];
}

function curvePieces(from, bend, to) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const count = Math.min(24, Math.max(1, Math.ceil(length / 12)));
  const pieces = [];
  let before = from;
  for (let n = 1; n <= count; n++) {
    const t = n / count;
    const at = [0, 1].map((i) => (1 - t) ** 2 * from[i] + 2 * t * (1 - t) * bend[i] + t ** 2 * to[i]);
    pieces.push([...before, ...at]);
    before = at;
  }
  return pieces;
}

/** Ink of a pixel: how far its middle lies inside the line, in pixels, from 0 to 1. */
function drawPiece({ side, data }, [fromX, fromY, toX, toY], radius, erases) {
  const left = Math.max(0, Math.floor(Math.min(fromX, toX) - radius - 1));
  const right = Math.min(side - 1, Math.ceil(Math.max(fromX, toX) + radius + 1));
  const top = Math.max(0, Math.floor(Math.min(fromY, toY) - radius - 1));
  const bottom = Math.min(side - 1, Math.ceil(Math.max(fromY, toY) + radius + 1));
  if (right < left || bottom < top) return null;
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const square = alongX * alongX + alongY * alongY || 1;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [x, y] = [column + 0.5 - fromX, row + 0.5 - fromY];
      const share = Math.min(Math.max((x * alongX + y * alongY) / square, 0), 1);
      const inside = radius + 0.5 - Math.hypot(x - share * alongX, y - share * alongY);
      if (inside <= 0) continue;
      const ink = Math.round(255 * Math.min(inside, 1));
      const at = row * side + column;
      data[at] = erases ? Math.min(data[at], 255 - ink) : Math.max(data[at], ink);
    }
  }
  return [left, top, right - left + 1, bottom - top + 1];
}
