import { sightReading } from "./readings.js";
import { sightCellAt, sightPosition } from "./slots.js";

/*
 * The terms of a cell's working: values that are read, the weights by which they are multiplied, and where
 * they stand. They lie in typed arrays, as a unit may have thousands; `at(i)` makes an object of one.
 */

/** Return the values of a slot, from a Map or from an object by slot. */
export function sightValuesOf(values, slot) {
  return values instanceof Map ? values.get(slot) : values[slot];
}

/**
 * Return the terms of one cell of a step, in the order of the inputs, the kernel's rows and columns, and the
 * channels.
 *
 * @param {Array} steps of the program.
 * @param {Map|object} values by slot.
 * @param {object} step one of the steps.
 * @param {{row, column, channel}} cell of its output.
 * @param {Array|null} weights for each input what `sightWeights` returns; null where the layer makes no sum.
 * @param {number} edge the value of a cell of padding.
 * @returns {{length, values, weights, products, places, inputs, at}} places: where each value stands in the
 *   flat array of its slot, −1 for padding; inputs: which of `step.reads`; at(i): {value, weight, product,
 *   share, from, row, column, channel}, from being {slot, row, column, channel} or null for padding.
 */
export function sightTerms(steps, values, step, cell, weights, edge = 0) {
  const found = { values: [], weights: [], places: [], inputs: [], rows: [], columns: [], channels: [] };
  step.reads.forEach((slot, n) => {
    const reading = sightReading(steps, step, n);
    const held = sightValuesOf(values, slot);
    if (reading.turn) sightTurnedTerm(found, reading, held, cell, n);
    else sightWindowTerms(found, reading, held, cell, n, weights?.[n] ?? null, edge);
  });
  return sightAsTerms(steps, step, found, weights !== null);
}

function sightPush(found, value, weight, place, n, row, column, channel) {
  found.values.push(value);
  found.weights.push(weight);
  found.places.push(place);
  found.inputs.push(n);
  found.rows.push(row);
  found.columns.push(column);
  found.channels.push(channel);
}

function sightTurnedTerm(found, { turn, from, to }, held, cell, n) {
  const place = turn.back(sightPosition(to, cell.row, cell.column, cell.channel));
  const { row, column, channel } = sightCellAt(from, place);
  sightPush(found, held[place], 1, place, n, row, column, channel);
}

function sightWindowTerms(found, { rows, columns, channels, from }, held, cell, n, made, edge) {
  const [down, across, deep] = [rows.at(cell.row), columns.at(cell.column), channels.of(cell.channel)];
  const drops = rows.drops || columns.drops;
  down.cells.forEach((row, i) => {
    across.cells.forEach((column, j) => {
      const isInside = row >= 0 && row < from[0] && column >= 0 && column < from[1];
      if (!isInside && drops) return;
      const share = (down.shares?.[i] ?? 1) * (across.shares?.[j] ?? 1);
      for (const channel of deep) {
        const place = isInside ? sightPosition(from, row, column, channel) : -1;
        const weight = made
          ? share * made.weight(down.taps[i], across.taps[j], channel, cell.channel, cell.row, cell.column)
          : NaN;
        sightPush(found, isInside ? held[place] : edge, weight, place, n, row, column, channel);
      }
    });
  });
}

function sightAsTerms(steps, step, found, isSum) {
  const values = Float64Array.from(found.values);
  const weights = isSum ? Float64Array.from(found.weights) : null;
  const terms = {
    length: values.length, values, weights, products: weights && values.map((value, i) => value * weights[i]),
    places: Int32Array.from(found.places), inputs: Int32Array.from(found.inputs),
    rows: Int32Array.from(found.rows), columns: Int32Array.from(found.columns),
    channels: Int32Array.from(found.channels),
  };
  terms.at = (i) => {
    const [row, column, channel] = [terms.rows[i], terms.columns[i], terms.channels[i]];
    const from = terms.places[i] < 0 ? null : { slot: step.reads[terms.inputs[i]], row, column, channel };
    const [weight, product] = [terms.weights?.[i] ?? null, terms.products?.[i] ?? null];
    return { value: terms.values[i], weight, product, from, row, column, channel, input: terms.inputs[i] };
  };
  return terms;
}

/** Return the sum of numbers in double precision, with what rounding loses added at the end (Neumaier). */
export function sightSum(numbers) {
  let [sum, lost] = [0, 0];
  for (const x of numbers) {
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}
