// Changes on paper: which settings of a layer can be changed, and the network after a change.

import { listPaperInputs } from "./network.js";
import { LARGEST_PAPER_SIZE } from "./settings.js";
import { rankOf } from "./layers/plain.js";

const BOTH_PADDINGS = ["valid", "same"];
const INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"];

/** Kinds and limits of settings, by Keras' names; `usual` is what holds where nothing is said. */
const SETTING_FORMS = {
  filters: { kind: "whole", least: 1 },
  units: { kind: "whole", least: 1 },
  kernel_size: { kind: "axes", least: 1 },
  pool_size: { kind: "axes", least: 1, usual: 2 },
  strides: { kind: "axes", least: 1, usual: 1 },
  dilation_rate: { kind: "axes", least: 1, usual: 1 },
  padding: { kind: "choice", choices: BOTH_PADDINGS, usual: "valid" },
  groups: { kind: "whole", least: 1, usual: 1 },
  depth_multiplier: { kind: "whole", least: 1, usual: 1 },
  output_padding: { kind: "axes", least: 0, usual: null },
  use_bias: { kind: "flag", usual: true },
  output_size: { kind: "axes", least: 1 },
  keepdims: { kind: "flag", usual: false },
  size: { kind: "axes", least: 1, usual: 2 },
  interpolation: { kind: "choice", choices: INTERPOLATIONS, usual: "nearest" },
  cropping: { kind: "border", least: 0, usual: 1 },
  height: { kind: "whole", least: 1 },
  width: { kind: "whole", least: 1 },
  center: { kind: "flag", usual: true },
  scale: { kind: "flag", usual: true },
  planes: { kind: "whole", least: 1 },
  shared_bias: { kind: "flag", usual: true },
  depth_radius: { kind: "whole", least: 1, usual: 5 },
  n: { kind: "whole", least: 1 },
  input_dim: { kind: "whole", least: 1 },
  output_dim: { kind: "whole", least: 1 },
  num_heads: { kind: "whole", least: 1 },
  key_dim: { kind: "whole", least: 1 },
};

/** Which settings the kinds have: a pattern of the kind's whole name, and the settings. */
const CHANGEABLE_SETTINGS = [
  [/(Grouped)?Conv\dD/, "filters kernel_size strides padding dilation_rate groups use_bias"],
  [/DepthwiseConv\dD/, "kernel_size strides padding dilation_rate depth_multiplier use_bias"],
  [/SeparableConv\dD/, "filters kernel_size strides padding dilation_rate depth_multiplier use_bias"],
  [/Conv\dDTranspose/, "filters kernel_size strides padding output_padding dilation_rate use_bias"],
  [/(Max|Average)Pooling\dD/, "pool_size strides padding"],
  [/Global(Max|Average)Pooling\dD/, "keepdims"],
  [/Adaptive(Max|Average)Pooling\dD/, "output_size"],
  [/Dense/, "units use_bias"],
  [/(Zero|Constant)Padding\dD/, "padding"],
  [/Cropping\dD/, "cropping"],
  [/UpSampling2D/, "size interpolation"],
  [/UpSampling[13]D/, "size"],
  [/Resizing/, "height width interpolation"],
  [/CenterCrop|RandomCrop/, "height width"],
  [/(Batch|Layer)Normalization/, "center scale"],
  [/GroupNormalization/, "groups center scale"],
  [/LocalResponseNormalization/, "depth_radius"],
  [/PartialConv2D/, "kernel_size strides padding shared_bias"],
  [/Subsampling2D/, "pool_size"],
  [/SCells/, "planes kernel_size"],
  [/CCells/, "kernel_size"],
  [/RepeatVector/, "n"],
  [/Embedding/, "input_dim output_dim"],
  [/MultiHeadAttention/, "num_heads key_dim use_bias"],
];

/** Settings that differ from kind to kind. */
function formOf(name, kind) {
  if (name === "padding" && /Padding\dD/.test(kind)) return { kind: "border", least: 0, usual: 1 };
  if (name === "padding" && /^(Depthwise|Separable)?Conv1D$/.test(kind)) {
    return { ...SETTING_FORMS.padding, choices: [...BOTH_PADDINGS, "causal"] };
  }
  if (name === "groups" && kind === "GroupNormalization") return { ...SETTING_FORMS.groups, usual: 32 };
  if (name === "interpolation" && kind === "Resizing") {
    return { ...SETTING_FORMS.interpolation, usual: "bilinear" };
  }
  if (name === "cropping" && kind === "Cropping2D") return { ...SETTING_FORMS.cropping, usual: 0 };
  return SETTING_FORMS[name];
}

/**
 * Which settings of a layer of the network's data can be changed, in the order of Keras' arguments.
 *
 * Returns [{name, kind, value, …}]. kind: `whole` (a whole number), `axes` (one for all `axes` axes or a list
 * of one each), `border` (cells before and after: 1, or [[1, 1], [1, 1]]), `choice` (one of `choices`),
 * `flag`. `least` and `most` are the limits of numbers; `value` is what holds now.
 *
 * @example
 * whatCanChange({ kind: "Dense", settings: { units: 10 } })[0];
 * // { name: "units", kind: "whole", least: 1, most: 1099511627775, value: 10 }
 */
export function whatCanChange(layer) {
  if (!layer || layer.unknown || layer.operation || layer.further) return [];
  const [, names] = CHANGEABLE_SETTINGS.find(([kind]) => kind.exec(layer.kind)?.[0] === layer.kind) ?? [];
  return (names?.split(" ") ?? []).map((name) => {
    const { usual, ...form } = formOf(name, layer.kind);
    const stated = layer.settings?.[name] ?? null;
    const value = stated ?? (name === "strides" ? poolOf(layer) : null) ?? usual ?? null;
    const limits = "least" in form ? { most: LARGEST_PAPER_SIZE - 1 } : {};
    const axes = ["axes", "border"].includes(form.kind) ? { axes: rankOf(layer.kind) } : {};
    return { name, ...form, ...limits, ...axes, value };
  });
}

/** A pool's stride is its size where nothing is said. */
function poolOf(layer) {
  return /Pooling/.test(layer.kind) ? (layer.settings?.pool_size ?? 2) : null;
}

/**
 * The network with other settings of one layer, all calls of it alike; the given network stays as it is.
 * A setting that is `undefined` is left to Keras' own value. What cannot be changed is told in `refused`.
 *
 * @example
 * changeLayer(network, "conv1", { kernel_size: 5, padding: "same" });
 */
export function changeLayer(network, name, changes) {
  const called = network.layers.find((layer) => layer.name === name);
  if (!called) return { ...network, refused: [{ say: "paperNoLayer", values: { layer: String(name) } }] };
  const known = whatCanChange(called).map((setting) => setting.name);
  const given = Object.entries(changes ?? {});
  const refused = given
    .filter(([setting]) => !known.includes(setting))
    .map(([setting]) => ({ say: "paperNoSetting", values: { layer: name, kind: called.kind, setting } }));
  const kept = given.filter(([setting]) => known.includes(setting));
  const first = called.sharedWith ?? called.name;
  const isCalled = (layer) => layer.name === first || layer.sharedWith === first;
  const change = (layer) => ({ ...layer, settings: withSettings(layer.settings ?? {}, kept) });
  const layers = network.layers.map((each) => (isCalled(each) ? change(each) : each));
  return { ...network, layers, refused };
}

function withSettings(settings, changes) {
  const made = { ...settings };
  for (const [name, value] of changes) {
    if (value === undefined) delete made[name];
    else made[name] = copySetting(value);
  }
  return made;
}

/** A setting of its own: later changes of the given list do not reach it. */
function copySetting(value) {
  return Array.isArray(value) ? value.map((each) => (Array.isArray(each) ? [...each] : each)) : value;
}

/**
 * The network on an input of another shape, [h, w, c] without the batch axis; the given network stays as
 * it is. `name` says which input, where there are several.
 */
export function changeInput(network, shape, name) {
  const inputs = listPaperInputs(network);
  const wanted = name ?? inputs[0].name;
  if (!inputs.some((input) => input.name === wanted)) {
    return { ...network, refused: [{ say: "paperNoLayer", values: { layer: String(wanted) } }] };
  }
  const made = Array.isArray(shape) ? [...shape] : shape;
  const changed = inputs.map((input) => (input.name === wanted ? { ...input, shape: made } : input));
  return { ...network, input: changed[0].shape, inputs: changed, refused: [] };
}
