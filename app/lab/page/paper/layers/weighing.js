// Layers with weights that slide no window: fully connected, normalising, attention.

import { makeCount, makeSize, multiplyExactly, productCount, productText, valuesOf } from "../counts.js";
import { NO_COUNT, groupDigits } from "../counts.js";
import { collapseField, uniteFields } from "../fields.js";
import { ensurePaper } from "../problems.js";
import { flagSetting, usualSetting, valueText, wholeSetting } from "../settings.js";
import { axesList, findPaperAxis, keptWeight, plainLayer, trainedWeight, withBiases } from "./plain.js";
import { denseParameters } from "./sliding.js";

/** Fully connected along the last axis. */
export function denseLayer(settings, kind) {
  const units = wholeSetting(settings.units, "units");
  const useBias = flagSetting(settings.use_bias);
  const layer = plainLayer({
    outputShape([shape]) {
      ensurePaper(shape.length, "paperNotAVector", { kind });
      return [...shape.slice(0, -1), makeSize(units)];
    },
    weights: ([shape]) => [
      trainedWeight("kernel", [shape.at(-1).value, units]),
      ...(useBias ? [trainedWeight("bias", [units])] : []),
    ],
    trainable: ([shape]) => denseParameters(shape.at(-1).value, units, useBias),
    macs([shape]) {
      const values = valuesOf(shape);
      const positions = multiplyExactly(values.slice(0, -1));
      return productCount([...(positions === 1n ? [] : [positions]), values.at(-1), units]);
    },
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), useBias),
    field: ([shape], [field]) => field && (shape.length === 1 ? collapseField(field) : field),
  });
  return layer;
}

/** A table with one vector for each of `input_dim` whole numbers. */
export function embeddingLayer(settings) {
  const entries = wholeSetting(settings.input_dim, "input_dim");
  const length = wholeSetting(settings.output_dim, "output_dim");
  return plainLayer({
    outputShape: ([shape]) => [...shape, makeSize(length)],
    weights: () => [trainedWeight("embeddings", [entries, length])],
  });
}

/** Each channel shifted and scaled: γ·(x − mean)/√(variance + ε) + β. */
export function batchNormalizationLayer(settings, kind) {
  const axis = axesList(usualSetting(settings.axis, -1));
  const [center, scale] = [flagSetting(settings.center), flagSetting(settings.scale)];
  const isRenormed = flagSetting(settings.renorm, false);
  const channels = (shape) => shape[findPaperAxis(axis.length === 1 ? axis[0] : axis, shape, kind)].value;
  return plainLayer({
    weights([shape]) {
      const size = [channels(shape)];
      const kept = ["moving_mean", "moving_variance"];
      if (isRenormed) kept.push("moving_stddev", "renorm_mean", "renorm_stddev");
      const trained = [...(scale ? ["gamma"] : []), ...(center ? ["beta"] : [])];
      return [
        ...trained.map((name) => trainedWeight(name, size)),
        ...kept.map((name) => keptWeight(name, size)),
      ];
    },
    trainable([shape]) {
      const learned = Number(center) + Number(scale);
      return learned ? productCount([learned, channels(shape)]) : NO_COUNT;
    },
  });
}

/** Values divided by statistics or sums over some axes of their own: normalisations, softmax. */
export function scaledNormalizationLayer(settings, kind) {
  const axes = axesList(usualSetting(settings.axis, -1));
  const names = {
    Softmax: [],
    UnitNormalization: [],
    RMSNormalization: ["scale"],
  }[kind] ?? [
    ...(flagSetting(settings.scale) ? ["gamma"] : []),
    ...(flagSetting(settings.center) ? ["beta"] : []),
  ];
  const mixed = (shape) => axes.map((axis) => findPaperAxis(axis, shape, kind));
  const sizes = (shape) => mixed(shape).map((axis) => shape[axis].value);
  return plainLayer({
    weights: ([shape]) => names.map((name) => trainedWeight(name, sizes(shape))),
    field: ([shape], [field]) =>
      field && mixed(shape).some((axis) => axis < shape.length - 1) ? collapseField(field) : field,
  });
}

/** Each group of channels normalised over the whole map. */
export function groupNormalizationLayer(settings, kind) {
  const groups = usualSetting(settings.groups, 32);
  const axes = axesList(usualSetting(settings.axis, -1));
  const layer = scaledNormalizationLayer(settings, kind);
  return {
    ...layer,
    outputShape([shape]) {
      const channels = shape[findPaperAxis(axes[0], shape, kind)].value;
      const wanted = groups === -1 ? channels : wholeSetting(groups, "groups");
      ensurePaper(axes.length === 1 && channels % wanted === 0, "paperNormGroups", { groups, channels });
      return shape;
    },
    field: ([shape], [field]) => (field && shape.length > 1 ? collapseField(field) : field),
  };
}

/** (x − mean)/√variance with fixed figures, from the data or from the settings. */
export function normalizationLayer(settings, kind) {
  const axis = settings.axis === undefined ? -1 : settings.axis;
  const axes = axis === null ? [] : axesList(axis);
  const isGiven = (settings.mean ?? null) !== null;
  const sizes = (shape) =>
    axes
      .map((each) => findPaperAxis(each, shape, kind))
      .sort((a, b) => a - b)
      .map((index) => shape[index].value);
  return plainLayer({
    weights: ([shape]) =>
      isGiven
        ? []
        : [...["mean", "variance"].map((name) => keptWeight(name, sizes(shape))), keptWeight("count", [])],
    nonTrainable([shape]) {
      if (isGiven) return NO_COUNT;
      const size = multiplyExactly(sizes(shape));
      return makeCount(2n * size + 1n, `2·${groupDigits(size)} + 1`);
    },
  });
}

/** x for x > 0, α·x otherwise, with a learned α for each value, or for each along `shared_axes`. */
export function preluLayer(settings, kind) {
  const axes = axesList(settings.shared_axes ?? []);
  const shared = (shape) => axes.map((axis) => findPaperAxis(axis, shape, kind));
  const sizes = (shape) => shape.map((size, i) => (shared(shape).includes(i) ? 1 : size.value));
  return plainLayer({
    weights: ([shape]) => [trainedWeight("alpha", sizes(shape))],
    trainable: ([shape]) => productCount(sizes(shape)),
  });
}

/** Each channel times a learned number. */
export function layerScaleLayer(settings) {
  const size = wholeSetting(settings.projection_dim, "projection_dim");
  return plainLayer({ weights: () => [trainedWeight("gamma", [size])] });
}

/** Softmax(Q·Kᵀ/√d)·V in several heads, between learned projections. */
export function attentionLayer(settings, kind) {
  const heads = wholeSetting(settings.num_heads, "num_heads");
  const keys = wholeSetting(settings.key_dim, "key_dim");
  const values = wholeSetting(settings.value_dim || keys, "value_dim");
  const useBias = flagSetting(settings.use_bias);
  const wanted = axesList(settings.output_shape ?? null)[0];
  const layer = plainLayer({
    outputShape: ([query]) => [...query.slice(0, -1), wanted ? makeSize(wanted) : query.at(-1)],
    weights(shapes) {
      const [query, value, key] = attentionInputs(shapes, kind);
      const out = layer.outputShape(shapes).at(-1).value;
      const projections = [
        ["query", [query.at(-1), heads, keys], [heads, keys]],
        ["key", [key.at(-1), heads, keys], [heads, keys]],
        ["value", [value.at(-1), heads, values], [heads, values]],
        ["attention_output", [heads, values, out], [out]],
      ];
      return projections.flatMap(([name, kernel, bias]) => [
        trainedWeight(`${name} kernel`, kernel),
        ...(useBias ? [trainedWeight(`${name} bias`, bias)] : []),
      ]);
    },
    macs(shapes) {
      const [query, value, key] = attentionInputs(shapes, kind);
      const [asked, read] = [query, value].map((shape) => multiplyExactly(shape.slice(0, -1)));
      const terms = [
        [asked, query.at(-1), heads, keys],
        [read, key.at(-1), heads, keys],
        [read, value.at(-1), heads, values],
        [asked, read, heads, keys],
        [asked, read, heads, values],
        [asked, heads, values, layer.outputShape(shapes).at(-1).value],
      ];
      const sum = terms.reduce((total, term) => total + multiplyExactly(term), 0n);
      return makeCount(sum, terms.map(productText).join(" + "));
    },
    field: (shapes, fields) => uniteFields(fields.filter((field) => field).map(collapseField)),
  });
  return layer;
}

function attentionInputs(shapes, kind) {
  ensurePaper([2, 3].includes(shapes.length), "paperInputs", { kind, inputs: valueText(shapes.length) });
  return [shapes[0], shapes[1], shapes.at(-1)].map(valuesOf);
}
