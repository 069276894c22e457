// A network counted layer by layer: shapes, parameters, multiply-accumulates, receptive fields.

import { FieldTooLarge, MOST_FIELD_CELLS } from "./axes.js";
import { NO_COUNT, addCounts, makeCount, makeSize, shapeText, showCount, valuesOf } from "./counts.js";
import { fieldCells, imageField, isImageField, isPlaced, showField } from "./fields.js";
import { channelsBackShape, channelsLastShape, makePaperLayer, takesChannelsFirst } from "./layers/index.js";
import { ensurePaper, problemData } from "./problems.js";
import { valueText, wholeSetting } from "./settings.js";

/** Axes of an input; a longer list is no shape. */
const MOST_INPUT_AXES = 8;

/**
 * Count a network by hand.
 *
 * network: {inputs: [{name, shape}], layers: [{name, kind, settings, reads: [names]}], outputs: [names]}, as
 * app/lab/layers_data.py makes it; shapes are without the batch axis. Short forms: `input: [h, w, c]`
 * for one input, and layers without `reads` read the layer before them.
 *
 * Returns {rows, totals, problem}. A row: {name, kind, reads, shape: [numbers] or null, sizes, trainable,
 * nonTrainable, parameters, macs, connections, weights, fields, field, sharedWith, unknown, problem, waits}.
 * Sizes and counts are {value, text, working, line}: `text` is exact, `line` is `(5·5·1 + 1)·10 = 260`.
 * `macs` and `connections` are null where they are not known. `fields` are the receptive fields by input
 * (see `showField`; null where it is not known), `field` that of the only one. `problem` and `unknown` are
 * {say, values}: what is wrong, why there is no formula; `waits` is said of the rows behind a problem.
 * Nothing throws.
 *
 * @example
 * countNetwork({ input: [28, 28, 1], layers: [{ name: "c", kind: "Conv2D",
 *   settings: { filters: 10, kernel_size: 5 } }] }).rows[1].parameters.line; // "(5·5·1 + 1)·10 = 260"
 */
export function countNetwork(network) {
  const states = new Map();
  const rows = [];
  const add = (state) => {
    states.set(state.name, state);
    rows.push(showRow(state));
  };
  try {
    for (const input of listPaperInputs(network)) add(countInput(input));
    for (const layer of network.layers ?? []) add(countLayer(withReads(layer, rows), states));
  } catch (error) {
    return { rows, totals: sumRows([]), problem: problemData(error) };
  }
  const problem = network.refused?.[0] ?? rows.find((row) => row.problem)?.problem ?? null;
  return { rows, totals: sumRows([...states.values()]), problem };
}

/** The inputs of a network, {name, shape}. */
export function listPaperInputs(network) {
  return network.inputs ?? [{ name: "input_layer", shape: network.input }];
}

function withReads(layer, rows) {
  return Array.isArray(layer.reads) ? layer : { ...layer, reads: [rows.at(-1).name] };
}

/** What is worked out of one call: shape: sizes, or null; fields: Map input → field, or null. */
function emptyState(layer) {
  return {
    name: layer.name,
    kind: layer.kind,
    reads: layer.reads ?? [],
    shape: null,
    fields: new Map(),
    trainable: NO_COUNT,
    nonTrainable: NO_COUNT,
    macs: null,
    connections: null,
    weights: [],
    sharedWith: layer.sharedWith ?? null,
    unknown: null,
    problem: null,
    waits: null,
  };
}

function countInput({ name, shape }) {
  const state = emptyState({ name, kind: "InputLayer" });
  try {
    const isShape = Array.isArray(shape) && shape.length <= MOST_INPUT_AXES;
    ensurePaper(isShape, "paperInputShape", { value: valueText(shape) });
    const sizes = shape.map((size) => makeSize(wholeSetting(size, "input")));
    const places = valuesOf(sizes).slice(0, -1);
    if (places.length && Math.max(...places) <= MOST_FIELD_CELLS) state.fields.set(name, imageField(places));
    return { ...state, shape: sizes, macs: NO_COUNT, connections: NO_COUNT };
  } catch (error) {
    return { ...state, problem: problemData(error) };
  }
}

function countLayer(layer, states) {
  const state = emptyState(layer);
  try {
    const inputs = layer.reads.map((name) => states.get(name));
    const missing = layer.reads.filter((_, i) => !inputs[i]);
    ensurePaper(!missing.length, "paperReadsMissing", { layer: missing[0] });
    const stopped = inputs.find((input) => input.problem || input.waits);
    if (stopped) {
      const origin = stopped.waits?.values.layer ?? stopped.name;
      return { ...state, waits: { say: "paperWaits", values: { layer: origin } } };
    }
    const isBlind = inputs.some((input) => !input.shape);
    if (isBlind) return withoutFormula(state, layer, inputs, "paperInputUnknown");
    const formulas = layer.unknown || layer.further ? null : makePaperLayer(layer);
    if (!formulas) return withoutFormula(state, layer, inputs, layer.further ? null : "paperNoFormula");
    return work(state, layer, formulas, inputs);
  } catch (error) {
    return { ...emptyState(layer), problem: problemData(error) };
  }
}

/** A row without a formula: its shape and its parameters only as the file states them. */
function withoutFormula(state, layer, inputs, say) {
  const shape = statedShape(layer, inputs);
  const { trainable, nonTrainable } = layer.weights ?? {};
  return {
    ...state,
    shape,
    fields: new Map(inputs.flatMap((input) => [...input.fields.keys()]).map((name) => [name, null])),
    trainable: trainable ? makeCount(trainable.value, trainable.working) : NO_COUNT,
    nonTrainable: nonTrainable ? makeCount(nonTrainable.value, nonTrainable.working) : NO_COUNT,
    isWeighed: layer.further || Boolean(layer.weights?.known),
    macs: layer.further ? NO_COUNT : null,
    connections: layer.further ? NO_COUNT : null,
    unknown: say ? { say, values: { kind: layer.kind } } : null,
  };
}

/** The shape that the file states for a call, as long as what it reads has the shapes it had there. */
function statedShape(layer, inputs) {
  const { stated } = layer;
  if (!stated) return null;
  const read = inputs.map((input) => input.shape && valuesOf(input.shape));
  const isSame = JSON.stringify(read) === JSON.stringify(stated.inputs);
  return isSame ? stated.shape.map((size) => makeSize(size)) : null;
}

function work(state, layer, formulas, inputs) {
  const channelsFirst = takesChannelsFirst(layer);
  const shapes = inputs.map((input) => channelsLastShape(input.shape, channelsFirst));
  const output = (layer.operation && statedShape(layer, inputs)) || formulas.outputShape(shapes);
  const isSomethingLeft = output.every((size) => size.value >= 1);
  const made = { shape: shapeText(valuesOf(output)) };
  ensurePaper(isSomethingLeft, "paperNothingLeft", made);
  let [trainable, nonTrainable] = [formulas.trainable(shapes), formulas.nonTrainable(shapes)];
  let weights = formulas.weights(shapes);
  if ((layer.inner ?? layer).settings?.trainable === false) {
    [trainable, nonTrainable] = [NO_COUNT, addCounts(trainable, nonTrainable)];
    weights = weights.map((weight) => ({ ...weight, trained: false }));
  }
  return {
    ...state,
    shape: channelsBackShape(output, channelsFirst),
    fields: readFields(formulas, inputs, shapes, output, channelsFirst),
    macs: formulas.macs(shapes),
    connections: formulas.connections(shapes),
    ...(state.sharedWith ? {} : { trainable, nonTrainable, weights }),
  };
}

/** The field of the output in each image that an input depends on. */
function readFields(formulas, inputs, shapes, output, channelsFirst) {
  const fields = new Map();
  const places = valuesOf(output).slice(0, -1);
  const isTooLarge = places.some((size) => size > MOST_FIELD_CELLS);
  for (const image of new Set(inputs.flatMap((input) => [...input.fields.keys()]))) {
    const isLost = inputs.some((input) => input.fields.has(image) && !input.fields.get(image));
    const known = inputs.map((input, i) =>
      turnField(input, shapes[i], input.fields.get(image), channelsFirst),
    );
    fields.set(image, isTooLarge || isLost ? null : workField(formulas, shapes, known));
  }
  return fields;
}

function workField(formulas, shapes, known) {
  try {
    return formulas.field(shapes, known) ?? null;
  } catch (error) {
    if (error instanceof FieldTooLarge) return null;
    throw error;
  }
}

/** A field as a channels-first layer reads it: an untouched image has its axes behind the channels. */
function turnField(input, shape, field, channelsFirst) {
  if (!field || !channelsFirst || isPlaced(shape, field)) return field ?? null;
  const isUntouched = isImageField(field, valuesOf(input.shape).slice(0, -1));
  return isUntouched ? imageField(valuesOf(shape).slice(0, -1)) : field;
}

function showRow(state) {
  const { trainable, nonTrainable, shape } = state;
  const terms = [trainable, nonTrainable].map((count) => count.working).filter((working) => working);
  const fields = new Map([...state.fields].filter(([, field]) => field && fieldCells(field)));
  const shown = Object.fromEntries([...fields].map(([image, field]) => [image, showSafely(field)]));
  return {
    ...state,
    isWeighed: state.isWeighed ?? !state.unknown,
    shape: shape && valuesOf(shape),
    sizes: shape && shape.map(({ value, working }) => showCount(makeCount(value, working))),
    trainable: showCount(trainable),
    nonTrainable: showCount(nonTrainable),
    parameters: showCount(makeCount(trainable.value + nonTrainable.value, terms.join(" + "))),
    macs: state.macs && showCount(state.macs),
    connections: state.connections && showCount(state.connections),
    fields: shown,
    field: fields.size === 1 ? Object.values(shown)[0] : null,
  };
}

function showSafely(field) {
  try {
    return showField(field);
  } catch (error) {
    if (error instanceof FieldTooLarge) return null;
    throw error;
  }
}

/** The sums over all rows; `exact` where every row could be counted. */
function sumRows(states) {
  const sum = (of) => states.reduce((total, state) => total + (of(state)?.value ?? 0n), 0n);
  const [trainable, nonTrainable] = [sum((state) => state.trainable), sum((state) => state.nonTrainable)];
  return {
    trainable: showCount(makeCount(trainable)),
    nonTrainable: showCount(makeCount(nonTrainable)),
    parameters: showCount(makeCount(trainable + nonTrainable)),
    macs: showCount(makeCount(sum((state) => state.macs))),
    connections: showCount(makeCount(sum((state) => state.connections))),
    exact: states.every((state) => !state.unknown && !state.problem && !state.waits),
  };
}
