// Receptive fields: what each cell of a map sees of the input image.
//
// A field has parts, each a product of one axis per spatial axis of the image; a cell sees their union.
// `whole` is true behind a layer that reads every position at once.

import { axisHolds, axisJump, axisSize, axisSizes, axisStart, collapseAxis, imageAxis } from "./axes.js";
import { isImageAxis, mergeAxes, readAxis, seenExtent } from "./axes.js";
import { shapeText } from "./counts.js";
import { ensurePaper } from "./problems.js";

/** Beyond this many products a field is widened to their hull. */
const MOST_FIELD_PARTS = 8;

/** The field of the image itself. */
export function imageField(sizes) {
  const axes = new Map(sizes.map((size) => [size, imageAxis(size)]));
  return { parts: [sizes.map((size) => axes.get(size))], whole: false };
}

/** Whether a field is still that of an image of these sizes. */
export function isImageField(field, sizes) {
  if (field.whole || field.parts.length > 1 || field.parts[0].length !== sizes.length) return false;
  return field.parts[0].every((axis, i) => isImageAxis(axis, sizes[i]));
}

/** The axes; where there are several parts, those of their hull. */
export function fieldAxes(field) {
  return field.parts.reduce((hull, part) => hull.map((axis, i) => mergeAxes(axis, part[i])));
}

/** Positions along each axis. */
export function fieldCells(field) {
  return field.parts[0].map((axis) => axis.cells.length);
}

/** Whether the cells of a field are the positions of a map: not behind a Flatten. */
export function isPlaced(shape, field) {
  const cells = fieldCells(field);
  return cells.length === shape.length - 1 && cells.every((count, i) => count === shape[i].value);
}

/** Whether there is one cell only along each axis. */
export function isOneCell(field) {
  const cells = fieldCells(field);
  return cells.length > 0 && cells.every((count) => count === 1);
}

/** A field without places, if every cell sees the same; null if what one sees is not known. */
export function sameEverywhere(field) {
  return isOneCell(field) ? field : null;
}

/** The field of a map whose cells read cells of this one; null for an axis that is left alone. */
export function readField(field, taps) {
  const known = new Map(); // the two axes of a square map are often one and the same
  const read = (axis, each) => {
    if (each === null) return axis;
    const ofAxis = known.get(axis) ?? new Map();
    known.set(axis, ofAxis);
    if (!ofAxis.has(each.name ?? each)) ofAxis.set(each.name ?? each, readAxis(axis, each));
    return ofAxis.get(each.name ?? each);
  };
  return { parts: field.parts.map((part) => part.map((axis, i) => read(axis, taps[i]))), whole: field.whole };
}

/** The field of a map whose cells read cells of a map of `shape`. */
export function readPlaced(shape, field, taps) {
  if (!field || !isPlaced(shape, field)) return field && sameEverywhere(field);
  return readField(field, taps);
}

/** The field of a unit that reads the whole map. */
export function collapseField(field) {
  if (field.whole && isOneCell(field)) return field;
  return { parts: field.parts.map((part) => part.map(collapseAxis)), whole: true };
}

/** The field of a map of `cells` positions, made by repeating axes of one cell. */
export function spreadField(field, cells) {
  const repeat = (count) => ({
    name: `repeat ${count}`,
    at: () => ({ first: 0, step: 1, count: 1 }),
    count,
    outputs: 1,
    cells: 0,
  });
  const have = fieldCells(field);
  return readField(field, cells.map((count, i) => (count === have[i] ? null : repeat(count))));
}

/** The field of a map made of two maps, cell by cell. */
export function mergeFields(one, other) {
  if (one === other) return one;
  const [cells, others] = [fieldCells(one), fieldCells(other)];
  const isAlike = cells.length === others.length && cells.every((count, i) => count === others[i]);
  ensurePaper(isAlike, "paperMapsDiffer", { shapes: `${shapeText(cells)}, ${shapeText(others)}` });
  let kept = [];
  for (let part of [...one.parts, ...other.parts]) {
    const apart = [];
    for (const mine of kept) {
      // what another part contains adds nothing but its reach beyond the image
      if (holdsPart(mine, part) || holdsPart(part, mine)) {
        const joined = part;
        part = mine.map((axis, i) => mergeAxes(axis, joined[i]));
      } else {
        apart.push(mine);
      }
    }
    kept = [...apart, part];
  }
  const field = { parts: kept, whole: one.whole || other.whole };
  return kept.length <= MOST_FIELD_PARTS ? field : { ...field, parts: [fieldAxes(field)] };
}

function holdsPart(one, other) {
  return one.every((axis, i) => axisHolds(axis, other[i]));
}

/** The union of fields of one size. */
export function uniteFields(fields) {
  return fields.reduce(mergeFields);
}

/**
 * The union of several fields, each spread over the output where it is repeated; null where the positions
 * of an input no longer stand for places.
 */
export function joinFields(shapes, fields, output) {
  const known = fields.map((field, i) => [shapes[i], field]).filter(([, field]) => field);
  const united = () => uniteFields(known.map(([, field]) => field));
  const marks = known.map(([shape, field]) => `${shape.map((size) => size.value)} ${fieldCells(field)}`);
  const places = output.slice(0, -1).map((size) => size.value);
  const isSamePlace = String(known[0][0].slice(0, -1).map((size) => size.value)) === String(places);
  if (new Set(marks).size === 1 && isSamePlace) return united();
  if (known.every(([, field]) => isOneCell(field))) return united();
  const isLost = ([shape, field]) =>
    fieldCells(field).length !== places.length || !(isOneCell(field) || isPlaced(shape, field));
  if (known.some(isLost)) return null;
  return uniteFields(known.map(([, field]) => spreadField(field, places)));
}

/**
 * What a page shows of a field: per spatial axis of the image, in pixels.
 * size: its extent (of what is seen of the image where `whole`); sizes: several where it alternates from
 * cell to cell; jump and start (centre of the first cell): null where `whole`; text: `18×18`,
 * `5–6×5–6`, `all`, `22×22 of 28×28`.
 */
export function showField(field) {
  const axes = fieldAxes(field);
  const image = axes.map((axis) => axis.pixels);
  const sizes = axes.map(axisSizes);
  if (!field.whole) {
    const ends = sizes.map((each) => (each.length > 1 ? [each[0], each.at(-1)] : each));
    const text = ends.map((each) => each.map((n) => shapeText([n])).join("–")).join("×");
    const [jump, start] = [axes.map(axisJump), axes.map(axisStart)];
    return { whole: false, text, size: axes.map(axisSize), sizes, jump, start, image };
  }
  const size = axes.map((axis) => {
    const seen = seenExtent(axis);
    return seen ? seen[1] - seen[0] + 1 : 0;
  });
  const isAll = shapeText(size) === shapeText(image);
  const text = isAll ? "all" : `${shapeText(size)} of ${shapeText(image)}`;
  return { whole: true, text, size, sizes, jump: null, start: null, image };
}
