/*
 * Shapes of a program's slots, and which step fills and reads each. A map is (rows, columns, channels); a
 * series (steps, channels) is a map of one row; a row of units is one place with a channel for each unit.
 */

const sightIndices = new WeakMap();

/** Return [rows, columns, channels] of a shape without its batch axis. */
export function sightMapShape(shape) {
  if (shape.length === 0) return [1, 1, 1];
  const channels = shape[shape.length - 1];
  if (shape.length <= 2) return [1, shape.length === 2 ? shape[0] : 1, channels];
  return [shape[0], shape.slice(1, -1).reduce((a, b) => a * b, 1), channels];
}

/**
 * Return what is known of a program's steps, worked out once.
 *
 * @param {Array} steps as the machine has them: {name, kind, settings, reads, fills, shape, inputShape,
 *   arrays}.
 * @returns {{image: number, shapes: Map, ranks: Map, filledBy: Map, readBy: Map, byName: Map}} the image's
 *   slot; by slot [rows, columns, channels], the number of axes, the step that fills it, the steps that read
 *   it; steps by name.
 */
export function sightIndex(steps) {
  if (sightIndices.has(steps)) return sightIndices.get(steps);
  const filledBy = new Map(steps.map((step) => [step.fills, step]));
  const shapes = new Map();
  const told = new Map();
  const readBy = new Map();
  let image = null;
  for (const step of steps) {
    if (!filledBy.has(step.reads[0])) {
      image = step.reads[0];
      told.set(image, step.inputShape);
    }
    told.set(step.fills, step.shape);
    for (const slot of new Set(step.reads)) readBy.set(slot, [...(readBy.get(slot) ?? []), step]);
  }
  for (const [slot, shape] of told) shapes.set(slot, sightMapShape(shape));
  const byName = new Map(steps.map((step) => [step.name, step]));
  const found = { image, shapes, told, filledBy, readBy, byName };
  sightIndices.set(steps, found);
  return found;
}

/** Return the position of a cell in the flat array of a slot. */
export function sightPosition([, columns, channels], row, column, channel) {
  return (row * columns + column) * channels + channel;
}

/** Return {row, column, channel} of a position in the flat array of a slot. */
export function sightCellAt([, columns, channels], position) {
  const place = Math.floor(position / channels);
  return { row: Math.floor(place / columns), column: place % columns, channel: position % channels };
}

/** Return whether a slot holds a row of units, which is one place with many channels. */
export function sightIsVector(index, slot) {
  return index.told.get(slot).length < 2;
}

/** Return the name of the layer that a step belongs to: `conv1` of `conv1:linear`. */
export function sightLayerName(step) {
  return step.name.replace(/:linear$/, "");
}

/**
 * Return a cell that lies in a slot, with row, column and channel.
 *
 * @throws {RangeError} it lies outside.
 */
export function sightChecked(index, slot, cell) {
  const shape = index.shapes.get(slot);
  if (!shape) throw new RangeError(`no step fills the slot ${slot}`);
  const { row = 0, column = 0, channel = 0 } = cell;
  const at = [row, column, channel];
  if (!at.every((n, i) => Number.isInteger(n) && n >= 0 && n < shape[i])) {
    throw new RangeError(`there is no cell ${at.join(", ")} in a map of ${shape.join("×")}`);
  }
  return { row, column, channel };
}
