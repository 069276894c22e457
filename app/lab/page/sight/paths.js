import { sightRange, sightReadersOf } from "./axes.js";
import { sightMarks } from "./fields.js";
import { sightReading } from "./readings.js";
import { sightCellAt, sightChecked, sightIndex, sightLayerName, sightPosition } from "./slots.js";
import { sightWeights } from "./weights.js";

/*
 * Where a cell goes, and where it comes from: the cells of the next steps that read it, and the steps back to
 * the image.
 */

/**
 * Return which cells of the next steps read a cell: for each reading the rows × columns × channels of its
 * readers.
 *
 * @param {Array} steps of the program.
 * @param {number} slot where the cell lies.
 * @param {{row, column, channel}} cell in it.
 * @returns {Array} {stepName, layer, kind, slot, input, rows, columns, channels, cells, first, last,
 *   weights}: one entry for each time that a step reads the slot; `cells` counts the readers, `first` and
 *   `last` are cells; `weights()` returns the weights by which the cell enters each of them, rows by columns
 *   by channels, or null where it is no sum.
 * @throws {RangeError} there is no such cell.
 * @example goesTo(machine.steps, 2, { row: 3, column: 4, channel: 0 })[0].cells // 9·64 for a 3×3 convolution
 */
export function goesTo(steps, slot, cell) {
  const index = sightIndex(steps);
  const at = sightChecked(index, slot, cell);
  const found = [];
  for (const step of index.readBy.get(slot) ?? []) {
    step.reads.forEach((read, n) => {
      if (read === slot) found.push(sightReaders(sightReading(steps, step, n), step, n, at));
    });
  }
  return found.filter(({ cells }) => cells);
}

function sightReaders(reading, step, input, { row, column, channel }) {
  const { turn, from, to } = reading;
  let [rows, columns, channels] = [[], [], []];
  if (turn) {
    const on = sightCellAt(to, turn.on(sightPosition(from, row, column, channel)));
    [rows, columns, channels] = [[on.row], [on.column], [on.channel]];
  } else {
    rows = sightReadersOf(reading.rows)[row];
    columns = sightReadersOf(reading.columns)[column];
    channels = reading.channels.to(channel);
  }
  const cells = rows.length * columns.length * channels.length;
  const end = (i) => cells
    && { row: rows.at(i), column: columns.at(i), channel: channels.at(i) };
  return {
    stepName: step.name, layer: sightLayerName(step), kind: step.kind, slot: step.fills, input,
    rows, columns, channels, cells, first: end(0), last: end(-1),
    weights: () => sightEntering(reading, step, input, { row, column, channel }, [rows, columns, channels]),
  };
}

/** Return the weights by which a cell enters the cells of rows × columns × channels. */
function sightEntering(reading, step, input, cell, [rows, columns, channels]) {
  const made = sightWeights(step, reading, input);
  if (!made) return null;
  if (reading.turn) return new Float64Array([1]);
  const weights = [];
  for (const row of rows) {
    const down = sightMeetings(reading.rows, row, cell.row);
    for (const column of columns) {
      const across = sightMeetings(reading.columns, column, cell.column);
      for (const channel of channels) {
        let sum = 0;
        for (const [i, share] of down) {
          for (const [j, part] of across) {
            sum += share * part * made.weight(i, j, cell.channel, channel, row, column);
          }
        }
        weights.push(sum);
      }
    }
  }
  return Float64Array.from(weights);
}

/** Return by which taps, and with what share, an output of an axis reads a cell. */
function sightMeetings(axis, o, cell) {
  const { cells, taps, shares } = axis.at(o);
  return sightRange(cells.length).filter((i) => cells[i] === cell).map((i) => [taps[i], shares?.[i] ?? 1]);
}

/**
 * Return the steps from a cell back to the image, with what is seen of the map of each: for stepping back to
 * the pixels.
 *
 * @param {Array} steps of the program.
 * @param {number} slot where the cell lies.
 * @param {{row, column, channel}} cell in it.
 * @returns {Array} from the cell's own slot back to the image, every slot that it depends on: {slot,
 *   stepName, layer, kind, reads, shape, isVector, rows, columns, seen, count, bounds, beyond}; the image's
 *   stepName is null. See `fieldOf`.
 */
export function pathToPixels(steps, slot, cell) {
  const index = sightIndex(steps);
  const marks = sightMarks(steps, slot, cell);
  const order = [...steps.map((step) => step.fills)].reverse().filter((each) => marks.has(each));
  if (marks.has(index.image)) order.push(index.image);
  return order.map((each) => {
    const step = index.filledBy.get(each);
    return {
      slot: each, stepName: step?.name ?? null, layer: step ? sightLayerName(step) : null,
      kind: step?.kind ?? null, reads: step?.reads ?? [], shape: index.shapes.get(each), ...marks.get(each),
    };
  });
}
