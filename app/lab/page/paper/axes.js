// One axis of a receptive field: which pixels each position of a map sees along it.
//
// A set of pixels is a list of runs, [first, last, first, last …], both ends included; [] sees nothing.
// Each output reads evenly spaced cells ("taps"): {first, step, count}; cells outside are padding.

/** Cells along an axis, or taps of a window, beyond which no field is worked out. */
export const MOST_FIELD_CELLS = 2 ** 16;
/** Runs of an axis, or positions of a period, beyond which no field is worked out. */
const MOST_FIELD_RUNS = 2 ** 21;
/** Taps from which the cells of a window are united by halves. */
const WIDE_TAPS = 16;

/** A field that is too much to work out: it is then not known. */
export class FieldTooLarge extends Error {}

const greatestDivisor = (a, b) => (b ? greatestDivisor(b, a % b) : a);

/** The greatest common divisor of two whole numbers above zero. */
export function commonDivisor(a, b) {
  return greatestDivisor(a, b);
}

function addRun(into, first, last) {
  const end = into.length - 1;
  if (end > 0 && first <= into[end] + 1) {
    if (last > into[end]) into[end] = last;
  } else {
    into.push(first, last);
  }
}

/** The union of two lists of runs. */
export function uniteRuns(one, other) {
  if (!one.length || one === other) return other;
  if (!other.length) return one;
  const united = [];
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    if (j >= other.length || (i < one.length && one[i] <= other[j])) {
      addRun(united, one[i], one[i + 1]);
      i += 2;
    } else {
      addRun(united, other[j], other[j + 1]);
      j += 2;
    }
  }
  return united;
}

/** The union of many; quick where they come in order. */
export function uniteAllRuns(sets) {
  let united = [];
  for (const runs of sets) {
    if (!united.length || runs[0] >= united[united.length - 2]) {
      for (let i = 0; i < runs.length; i += 2) addRun(united, runs[i], runs[i + 1]);
    } else if (runs.length) {
      united = [...uniteRuns(united, runs)];
    }
  }
  return united;
}

/** Whether `one` holds every pixel of `other`. */
export function holdsRuns(one, other) {
  if (one === other) return true;
  let i = 0;
  for (let j = 0; j < other.length; j += 2) {
    while (i < one.length && one[i + 1] < other[j]) i += 2;
    if (i >= one.length || one[i] > other[j] || one[i + 1] < other[j + 1]) return false;
  }
  return true;
}

/** The axis of the image itself: each pixel sees itself. */
export function imageAxis(size) {
  const cells = Array.from({ length: size }, (_, i) => [i, i]);
  return { cells, phases: [[0, 0]], advance: 1, pixels: size };
}

/** Whether an axis is still the image's own. */
export function isImageAxis(axis, size) {
  const { cells, phases, advance, pixels } = axis;
  const isPlain = pixels === size && cells.length === size && advance === 1 && phases.length === 1;
  if (!isPlain || !phases[0] || phases[0][0] !== 0 || phases[0][1] !== 0) return false;
  return cells.every((runs, i) => runs.length === 2 && runs[0] === i && runs[1] === i);
}

/** The extents away from the borders, smallest first; several where they alternate. */
export function axisSizes(axis) {
  const sizes = axis.phases.map((extent) => (extent ? extent[1] - extent[0] + 1 : 0));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** The receptive field away from the borders, the largest where it alternates. */
export function axisSize(axis) {
  return axisSizes(axis).at(-1);
}

/** Pixels between neighbouring positions, on average. */
export function axisJump(axis) {
  return axis.advance / axis.phases.length;
}

/** Centre of the first position, borders ignored; pixel i has its centre at i. */
export function axisStart(axis) {
  const extent = endlessExtent(axis, 0);
  return extent ? (extent[0] + extent[1]) / 2 : 0;
}

function endlessExtent(axis, position) {
  const periods = Math.floor(position / axis.phases.length);
  const extent = axis.phases[position - periods * axis.phases.length];
  const shift = periods * axis.advance;
  return extent && [extent[0] + shift, extent[1] + shift];
}

/** The first and the last pixel that any position sees; null where none sees any. */
export function seenExtent(axis) {
  const seen = uniteAllRuns(axis.cells);
  return seen.length ? [seen[0], seen.at(-1)] : null;
}

/**
 * The axis of a map whose cells read cells of this one.
 * taps: {at(o) → {first, step, count}, count, outputs, cells, clamp}: `count` outputs, repeating with a
 * period of `outputs` that moves on by `cells`; with `clamp` the edge cell stands in for what is outside.
 */
export function readAxis(axis, taps) {
  const cells = taps.at(0).count > WIDE_TAPS && !taps.clamp ? readWide(axis, taps) : readEach(axis, taps);
  const runs = cells.reduce((sum, each) => sum + each.length, 0);
  if (runs > MOST_FIELD_RUNS) throw new FieldTooLarge();
  return { cells, ...readPhases(axis, taps), pixels: axis.pixels };
}

function readEach(axis, taps) {
  const last = axis.cells.length - 1;
  const cells = [];
  for (let output = 0; output < taps.count; output += 1) {
    const { first, step, count } = taps.at(output);
    const read = [];
    for (let t = 0, cell = first; t < count; t += 1, cell += step) {
      if (taps.clamp) read.push(axis.cells[Math.min(Math.max(cell, 0), last)]);
      else if (cell >= 0 && cell <= last) read.push(axis.cells[cell]);
    }
    cells.push(read.length === 1 ? read[0] : uniteAllRuns(read));
  }
  return cells;
}

/** Wide windows: unions over 1, 2, 4 … taps follow from each other; each window is the union of two. */
function readWide(axis, taps) {
  const size = axis.cells.length;
  const levels = new Map(); // by step: unions of 1, 2, 4 … cells from each cell on
  const unions = (step, power) => {
    const known = levels.get(step) ?? [axis.cells];
    levels.set(step, known);
    while (known.length <= power) {
      const below = known.at(-1);
      const shift = step * 2 ** (known.length - 1);
      known.push(below.map((runs, i) => (i + shift < size ? uniteRuns(runs, below[i + shift]) : runs)));
    }
    return known[power];
  };
  return Array.from({ length: taps.count }, (_, output) => {
    const { first, step, count } = taps.at(output);
    const skipped = first < 0 ? Math.ceil(-first / step) : 0;
    const from = first + skipped * step;
    const reached = Math.min(count - skipped, Math.floor((size - 1 - from) / step) + 1);
    if (reached < 1) return [];
    const power = Math.floor(Math.log2(reached));
    const level = unions(step, power);
    return uniteRuns(level[from], level[from + (reached - 2 ** power) * step]);
  });
}

function readPhases(axis, taps) {
  const repeat = axis.phases.length / commonDivisor(axis.phases.length, taps.cells);
  const positions = taps.outputs * repeat;
  if (positions > MOST_FIELD_RUNS) throw new FieldTooLarge();
  const advance = Math.floor((axis.advance * taps.cells * repeat) / axis.phases.length);
  const phases = Array.from({ length: positions }, (_, output) => unitePhases(axis, taps.at(output)));
  if (!Number.isSafeInteger(advance)) throw new FieldTooLarge();
  const isEven = phases.every((extent, i) => {
    const shifted = shiftExtent(phases[0], i * advance, positions);
    return extent === null || shifted === null
      ? extent === shifted
      : extent[0] === shifted[0] && extent[1] === shifted[1];
  });
  if (!isEven) return { phases, advance };
  return { phases: phases.slice(0, 1), advance: Math.floor(advance / positions) };
}

function shiftExtent(extent, distance, parts) {
  if (extent === null || distance % parts) return null;
  return [extent[0] + distance / parts, extent[1] + distance / parts];
}

function unitePhases(axis, { first, step, count }) {
  let united = null;
  for (let t = 0; t < count; t += 1) united = uniteExtents(united, endlessExtent(axis, first + t * step));
  if (united && !united.every(Number.isSafeInteger)) throw new FieldTooLarge();
  return united;
}

function uniteExtents(one, other) {
  if (!one || !other) return one ?? other;
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}

/** The axis of one cell that reads all positions, as global pooling does. */
export function collapseAxis(axis) {
  const count = axis.cells.length;
  return readAxis(axis, { at: () => ({ first: 0, step: 1, count }), count: 1, outputs: 1, cells: count });
}

/** The axis of a map that reads two maps of one size, cell by cell. */
export function mergeAxes(one, other) {
  if (one === other) return one;
  const cells = one.cells.map((runs, i) => uniteRuns(runs, other.cells[i]));
  const wider = axisSize(one) >= axisSize(other) ? one : other;
  const isApart = !one.cells.some((runs, i) => runs.length && other.cells[i].length);
  if (isApart || axisJump(one) !== axisJump(other)) return { ...wider, cells };
  const length = one.phases.length;
  const count = (length / commonDivisor(length, other.phases.length)) * other.phases.length;
  if (count > MOST_FIELD_RUNS) throw new FieldTooLarge();
  const phases = Array.from({ length: count }, (_, i) =>
    uniteExtents(endlessExtent(one, i), endlessExtent(other, i)),
  );
  return { cells, phases, advance: Math.floor((one.advance * count) / length), pixels: one.pixels };
}

/** Whether every cell sees all that the same cell of `other` sees. */
export function axisHolds(one, other) {
  return one === other || one.cells.every((runs, i) => holdsRuns(runs, other.cells[i]));
}
