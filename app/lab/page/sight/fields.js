import { sightCellsAt, sightDivisor, sightRange } from "./axes.js";
import { sightReading } from "./readings.js";
import { sightCellAt, sightChecked, sightIndex, sightIsVector } from "./slots.js";

/*
 * What a cell sees: marks on the cells of a map, carried back step by step through everything that was read.
 * A map has a mark for each place (row and column), for all its channels; a row of units has one for each
 * unit.
 */

const SIGHT_LONGEST_PERIOD = 4096;

/**
 * Return which pixels of the image a cell sees.
 *
 * @param {Array} steps of the program.
 * @param {number} slot where the cell lies.
 * @param {{row: number, column: number, channel: number}} cell of a row of units the channel is the unit;
 *   without a channel all units are meant.
 * @returns {{rows, columns, seen: Uint8Array, count, bounds, beyond, isVector}} seen: 1 for each pixel that
 *   is seen, row by row; bounds: {top, bottom, left, right}, the first and last rows and columns seen, or
 *   null where nothing is; beyond: by how many pixels the window reaches over each border, into the padding.
 * @throws {RangeError} there is no such cell.
 * @example fieldOf(machine.steps, machine.stepThatFills(5).fills, { row: 3, column: 4 }).bounds
 */
export function fieldOf(steps, slot, cell) {
  return seenIn(steps, slot, cell, sightIndex(steps).image);
}

/**
 * Return which cells of an earlier layer's map a cell sees, as `fieldOf` does for the image.
 *
 * Where the cell does not depend on the earlier slot, nothing is seen. A row of units counts as one row:
 * `columns` is the number of units, and `isVector` is true.
 */
export function seenIn(steps, slot, cell, earlierSlot) {
  return sightMarks(steps, slot, cell).get(earlierSlot) ?? sightFound(sightIndex(steps), earlierSlot, null);
}

/**
 * Return what a cell sees in every slot that it depends on, the slot of the cell among them.
 *
 * @returns {Map} by slot what `seenIn` returns.
 */
export function sightMarks(steps, slot, cell) {
  const index = sightIndex(steps);
  const carried = new Map([[slot, sightStart(index, slot, cell)]]);
  for (const step of [...steps].reverse()) {
    const mark = carried.get(step.fills);
    if (!mark) continue;
    step.reads.forEach((read, n) => {
      const into = carried.get(read) ?? sightEmpty(index, read);
      sightCarry(index, sightReading(steps, step, n), mark, into, step.fills, read);
      carried.set(read, into);
    });
  }
  return new Map([...carried].map(([at, mark]) => [at, sightFound(index, at, mark)]));
}

function sightEmpty(index, slot) {
  const [rows, columns, channels] = index.shapes.get(slot);
  const size = sightIsVector(index, slot) ? channels : rows * columns;
  return { seen: new Uint8Array(size), rows: new Set(), columns: new Set() };
}

function sightStart(index, slot, cell) {
  const { row, column, channel } = sightChecked(index, slot, cell);
  const mark = sightEmpty(index, slot);
  const isVector = sightIsVector(index, slot);
  if (isVector && cell.channel === undefined) mark.seen.fill(1);
  else mark.seen[isVector ? channel : row * index.shapes.get(slot)[1] + column] = 1;
  mark.rows.add(row);
  mark.columns.add(column);
  return mark;
}

/** Mark in `into` everything that the marked cells read. Rows and columns are as if the map had no ends. */
function sightCarry(index, reading, mark, into, fills, read) {
  if (reading.turn) {
    sightCarryTurned(index, reading, mark, into, fills, read);
    return;
  }
  const [isVector, wasVector] = [sightIsVector(index, read), sightIsVector(index, fills)];
  if (isVector) {
    const units = wasVector ? sightMarked(mark.seen) : sightRange(reading.to[2]);
    for (const f of units) for (const c of reading.channels.of(f)) into.seen[c] = 1;
    into.rows.add(0);
    into.columns.add(0);
    return;
  }
  const places = wasVector ? new Uint8Array([mark.seen.includes(1) ? 1 : 0]) : mark.seen;
  sightCarryPlaces(reading, places, into.seen);
  for (const axis of ["rows", "columns"]) {
    for (const o of mark[axis]) sightAddEndless(reading[axis], o, into[axis]);
  }
}

function sightAddEndless(axis, o, found) {
  for (const cell of axis.at(o).cells) found.add(cell);
}

/** Carry marks on places back, first along the columns and then along the rows. */
function sightCarryPlaces({ rows, columns, from, to }, marked, seen) {
  const across = sightRange(to[1]).map((o) => sightCellsAt(columns, o));
  for (let r = 0; r < to[0]; r += 1) {
    const line = new Uint8Array(from[1]);
    let isMarked = false;
    for (let c = 0; c < to[1]; c += 1) {
      if (!marked[r * to[1] + c]) continue;
      isMarked = true;
      for (const cell of across[c]) line[cell] = 1;
    }
    if (!isMarked) continue;
    for (const row of sightCellsAt(rows, r)) {
      for (let c = 0; c < from[1]; c += 1) if (line[c]) seen[row * from[1] + c] = 1;
    }
  }
}

/** Carry marks back through a layer that only changes the order of the values, one by one. */
function sightCarryTurned(index, { turn, from, to }, mark, into, fills, read) {
  const [isVector, wasVector] = [sightIsVector(index, read), sightIsVector(index, fills)];
  for (const marked of sightMarked(mark.seen)) {
    const positions = wasVector ? [marked] : sightRange(to[2]).map((f) => marked * to[2] + f);
    for (const position of positions) {
      const cell = sightCellAt(from, turn.back(position));
      into.seen[isVector ? cell.channel : cell.row * from[1] + cell.column] = 1;
      into.rows.add(cell.row);
      into.columns.add(cell.column);
    }
  }
}

function sightMarked(seen) {
  const found = [];
  seen.forEach((is, i) => is && found.push(i));
  return found;
}

function sightFound(index, slot, mark) {
  const [height, width, channels] = index.shapes.get(slot);
  const isVector = sightIsVector(index, slot);
  const [rows, columns] = isVector ? [1, channels] : [height, width];
  const seen = mark ? mark.seen : new Uint8Array(rows * columns);
  const bounds = sightBounds(seen, rows, columns);
  const beyond = { top: 0, bottom: 0, left: 0, right: 0 };
  if (mark && !isVector && mark.rows.size && mark.columns.size) {
    const [top, bottom] = sightEnds(mark.rows);
    const [left, right] = sightEnds(mark.columns);
    beyond.top = Math.max(-top, 0);
    beyond.bottom = Math.max(bottom - rows + 1, 0);
    beyond.left = Math.max(-left, 0);
    beyond.right = Math.max(right - columns + 1, 0);
  }
  const count = seen.reduce((sum, is) => sum + is, 0);
  return { rows, columns, isVector, seen, count, bounds, beyond };
}

function sightEnds(numbers) {
  let [first, last] = [Infinity, -Infinity];
  for (const n of numbers) [first, last] = [Math.min(first, n), Math.max(last, n)];
  return [first, last];
}

/** Return the first and last rows and columns with a mark, or null where there is none. */
export function sightBounds(seen, rows, columns) {
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      if (!seen[r * columns + c]) continue;
      top = Math.min(top, r);
      bottom = r;
      left = Math.min(left, c);
      right = Math.max(right, c);
    }
  }
  return bottom < 0 ? null : { top, bottom, left, right };
}

/**
 * Return the size of a slot's field away from the borders, as `app.params` says it.
 *
 * @returns {{rows: number[], columns: number[], isWhole: boolean, text: string}} rows and columns: the sizes,
 *   several where they alternate from cell to cell; isWhole: behind a layer that reads every place at once;
 *   text: `18×18`, `5–6×5–6`, or of a whole image `all` or the part that is seen, `26×26 of 28×28`.
 * @example fieldSize(machine.steps, 5).text // "18×18"
 */
export function fieldSize(steps, slot) {
  const index = sightIndex(steps);
  const isSeries = index.told.get(index.image).length === 2;
  const write = (rows, columns) => (isSeries ? columns : `${rows}×${columns}`);
  if (sightIsWhole(steps, index, slot)) return sightWholeSize(steps, index, slot, write);
  const periods = sightPeriods(steps, index);
  const [rows, columns] = ["rows", "columns"].map((axis) => {
    const positions = sightRange(periods.get(slot)[axis]);
    const sizes = positions.map((o) => sightEndlessSize(steps, index, slot, axis, o));
    return [...new Set(sizes)].sort((a, b) => a - b);
  });
  const ends = (sizes) => [...new Set([sizes[0], sizes[sizes.length - 1]])].map(sightThousands).join("–");
  return { rows, columns, isWhole: false, text: write(ends(rows), ends(columns)) };
}

function sightWholeSize(steps, index, slot, write) {
  const [height, width] = index.shapes.get(index.image);
  const all = new Uint8Array(height * width);
  const [rows, columns] = index.shapes.get(slot);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      fieldOf(steps, slot, { row, column }).seen.forEach((is, i) => is && (all[i] = 1));
    }
  }
  const bounds = sightBounds(all, height, width);
  const [tall, wide] = bounds ? [bounds.bottom - bounds.top + 1, bounds.right - bounds.left + 1] : [0, 0];
  const [seen, whole] = [write(sightThousands(tall), sightThousands(wide)),
    write(sightThousands(height), sightThousands(width))];
  const text = seen === whole ? "all" : `${seen} of ${whole}`;
  return { rows: [tall], columns: [wide], isWhole: true, text };
}

function sightThousands(n) {
  return n.toLocaleString("en-US");
}

/** Return whether a slot stands behind a step that reads every place at once. */
function sightIsWhole(steps, index, slot) {
  const whole = new Set();
  for (const step of steps) {
    const isOwn = step.reads.some((read, n) => {
      const reading = sightReading(steps, step, n);
      if (reading.turn) return false;
      const mixes = step.kind === "Dense" || step.kind === "RadialBasis" || step.kind === "RepeatVector";
      if (mixes && sightIsVector(index, read)) return true;
      return reading.rows.isWhole || reading.columns.isWhole;
    });
    if (isOwn || step.reads.some((read) => whole.has(read))) whole.add(step.fills);
  }
  return whole.has(slot);
}

/**
 * Return how many cells of an axis, as if it had no ends, one position of a slot sees from the first to the
 * last.
 */
function sightEndlessSize(steps, index, slot, axis, o) {
  const carried = new Map([[slot, new Set([o])]]);
  for (const step of [...steps].reverse()) {
    const places = carried.get(step.fills);
    if (!places) continue;
    step.reads.forEach((read, n) => {
      const into = carried.get(read) ?? new Set();
      const reading = sightReading(steps, step, n);
      for (const place of places) {
        if (reading.turn) into.add(place);
        else sightAddEndless(reading[axis], place, into);
      }
      carried.set(read, into);
    });
  }
  const found = carried.get(index.image);
  if (!found || !found.size) return 0;
  const [first, last] = sightEnds(found);
  return last - first + 1;
}

/** Return after how many positions each slot's fields repeat, along both axes. */
function sightPeriods(steps, index) {
  const found = new Map([[index.image, { rows: 1, columns: 1 }]]);
  for (const step of steps) {
    const along = (axis) => step.reads.map((read, n) => {
      const reading = sightReading(steps, step, n);
      const [outputs, cells] = reading.turn ? [1, 1] : reading[axis].period;
      const period = found.get(read)[axis];
      return cells === 0 ? outputs : (outputs * period) / sightDivisor(period, cells);
    }).reduce((a, b) => Math.min((a / sightDivisor(a, b)) * b, SIGHT_LONGEST_PERIOD));
    found.set(step.fills, { rows: along("rows"), columns: along("columns") });
  }
  return found;
}
