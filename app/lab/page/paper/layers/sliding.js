// Layers that slide a window over a map: convolutions of all sorts.

import { addCounts, makeCount, makeSize, multiplyExactly, productCount, productText } from "../counts.js";
import { valuesOf } from "../counts.js";
import { isPlaced, readField, sameEverywhere } from "../fields.js";
import { PaperProblem, ensurePaper } from "../problems.js";
import { axesSetting, flagSetting, usualSetting, wholeSetting, wordSetting } from "../settings.js";
import { isEnormous, transposedOutput, transposedTaps, windowOutput, windowTaps } from "../windows.js";
import { plainLayer, rankOf, splitMap, trainedWeight, withBiases } from "./plain.js";

/** The window of a layer along each of `rank` axes, its settings checked. */
export function readWindows(kernel, strides, padding, dilation) {
  return kernel.map((k, i) => ({ kernel: k, stride: strides[i], padding, dilation: dilation[i] }));
}

/** A layer that slides windows; `channelsOut(channels)` says the size of what comes out. */
export function slidingLayer(kind, windows, channelsOut, own) {
  const layer = plainLayer({
    outputShape([shape]) {
      const [sizes, channels] = splitMap(shape, windows.length, kind);
      return [...sizes.map((size, i) => windowOutput(windows[i], size.value)), channelsOut(channels)];
    },
    field([shape], [field]) {
      if (!field || isEnormous(windows, shape, field)) return null;
      if (!isPlaced(shape, field)) return sameEverywhere(field);
      return readField(field, windows.map((window, i) => windowTaps(window, shape[i].value)));
    },
    ...own,
  });
  return layer;
}

/** What all convolutions are told: windows and bias. */
function readConvolution(kind, settings) {
  const rank = rankOf(kind);
  const kernel = axesSetting(settings.kernel_size, rank, "kernel_size");
  const strides = axesSetting(usualSetting(settings.strides, 1), rank, "strides");
  const dilation = axesSetting(usualSetting(settings.dilation_rate, 1), rank, "dilation_rate");
  const isTransposed = kind.endsWith("Transpose");
  const words = rank === 1 && !isTransposed ? ["valid", "same", "causal"] : ["valid", "same"];
  const padding = wordSetting(usualSetting(settings.padding, "valid"), words, "padding");
  if (Math.max(...strides) > 1 && Math.max(...dilation) > 1) {
    const values = { strides: String(Math.max(...strides)), dilation: String(Math.max(...dilation)) };
    throw new PaperProblem("paperDilationWithStride", values);
  }
  const useBias = flagSetting(settings.use_bias);
  return { kernel, useBias, windows: readWindows(kernel, strides, padding, dilation) };
}

function biasWeights(useBias, channels) {
  return useBias ? [trainedWeight("bias", [channels])] : [];
}

/** The weights of a convolution: (k·k·c_in/g + 1)·f. */
export function convolutionParameters(kernel, depth, filters, useBias) {
  const perFilter = multiplyExactly([...kernel, depth]) + (useBias ? 1n : 0n);
  const taps = productText([...kernel, depth]);
  const working = useBias ? `(${taps} + 1)·${productText([filters])}` : `${taps}·${productText([filters])}`;
  return makeCount(perFilter * BigInt(filters), working);
}

function depthwiseParameters(kernel, channels, multiplier, useBias) {
  const [taps, maps] = [productText(kernel), productText([channels, multiplier])];
  const perMap = multiplyExactly(kernel) + (useBias ? 1n : 0n);
  const working = `${useBias ? `(${taps} + 1)` : taps}·${maps}`;
  return makeCount(perMap * multiplyExactly([channels, multiplier]), working);
}

/** A convolution whose filters read their group of the channels. */
export function convolutionLayer(settings, kind) {
  const { kernel, useBias, windows } = readConvolution(kind, settings);
  const filters = wholeSetting(settings.filters, "filters");
  const groups = wholeSetting(usualSetting(settings.groups, 1), "groups");
  const depth = (shape) => Math.floor(shape.at(-1).value / groups);
  const sliding = slidingLayer(kind, windows, () => makeSize(filters));
  const layer = {
    ...sliding,
    outputShape(shapes) {
      const channels = shapes[0].at(-1)?.value;
      const isWhole = channels % groups === 0 && filters % groups === 0;
      ensurePaper(isWhole || shapes[0].length === 0, "paperGroups", { groups, channels, filters });
      return sliding.outputShape(shapes);
    },
    weights: ([shape]) => [
      trainedWeight("kernel", [...kernel, depth(shape), filters]),
      ...biasWeights(useBias, filters),
    ],
    trainable: ([shape]) => convolutionParameters(kernel, depth(shape), filters, useBias),
    nonTrainable: () => makeCount(0n),
    macs(shapes) {
      const output = valuesOf(layer.outputShape(shapes));
      const working = `${productText([...kernel, depth(shapes[0])])}·${productText(output)}`;
      return makeCount(multiplyExactly([...kernel, depth(shapes[0]), ...output]), working);
    },
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), useBias),
  };
  return layer;
}

/** A convolution with filters of its own for each channel, which it does not mix. */
export function depthwiseLayer(settings, kind) {
  const { kernel, useBias, windows } = readConvolution(kind, settings);
  const multiplier = wholeSetting(usualSetting(settings.depth_multiplier, 1), "depth_multiplier");
  const maps = (shape) => shape.at(-1).value * multiplier;
  const layer = slidingLayer(kind, windows, (channels) => makeSize(channels.value * multiplier), {
    weights: ([shape]) => [
      trainedWeight("kernel", [...kernel, shape.at(-1).value, multiplier]),
      ...biasWeights(useBias, maps(shape)),
    ],
    trainable: ([shape]) => depthwiseParameters(kernel, shape.at(-1).value, multiplier, useBias),
    macs: (shapes) => productCount([...kernel, ...valuesOf(layer.outputShape(shapes))]),
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), useBias),
  });
  return layer;
}

/** A depthwise convolution, then a 1×1 convolution that mixes the channels. */
export function separableLayer(settings, kind) {
  const { kernel, useBias, windows } = readConvolution(kind, settings);
  const filters = wholeSetting(settings.filters, "filters");
  const multiplier = wholeSetting(usualSetting(settings.depth_multiplier, 1), "depth_multiplier");
  const middle = (shape) => makeSize(shape.at(-1).value * multiplier).value;
  const layer = slidingLayer(kind, windows, () => makeSize(filters), {
    weights: ([shape]) => [
      trainedWeight("depthwise_kernel", [...kernel, shape.at(-1).value, multiplier]),
      trainedWeight("pointwise_kernel", [...kernel.map(() => 1), middle(shape), filters]),
      ...biasWeights(useBias, filters),
    ],
    trainable: ([shape]) =>
      addCounts(
        depthwiseParameters(kernel, shape.at(-1).value, multiplier, false),
        denseParameters(middle(shape), filters, useBias),
      ),
    macs(shapes) {
      const output = valuesOf(layer.outputShape(shapes));
      const between = [...output.slice(0, -1), middle(shapes[0])];
      return addCounts(productCount([...kernel, ...between]), productCount([between.at(-1), ...output]));
    },
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), useBias),
  });
  return layer;
}

/** The weights of a fully connected layer: (n + 1)·u. */
export function denseParameters(inputs, units, useBias) {
  if (!useBias) return productCount([inputs, units]);
  const working = `(${productText([inputs])} + 1)·${productText([units])}`;
  return makeCount((BigInt(inputs) + 1n) * BigInt(units), working);
}

/** A convolution run backwards: input cell i is added, weighted, to outputs i·s + t·d − p. */
export function transposedLayer(settings, kind) {
  const { kernel, useBias, windows } = readConvolution(kind, settings);
  const filters = wholeSetting(settings.filters, "filters");
  const given = settings.output_padding ?? null;
  const more = given === null ? null : axesSetting(given, windows.length, "output_padding", 0);
  const extra = (axis) => (more === null ? null : more[axis]);
  const layer = plainLayer({
    outputShape([shape]) {
      const [sizes] = splitMap(shape, windows.length, kind);
      const made = sizes.map((size, i) => transposedOutput(windows[i], size.value, extra(i)));
      return [...made, makeSize(filters)];
    },
    weights: ([shape]) => [
      trainedWeight("kernel", [...kernel, filters, shape.at(-1).value]),
      ...biasWeights(useBias, filters),
    ],
    trainable: ([shape]) => convolutionParameters(kernel, shape.at(-1).value, filters, useBias),
    macs([shape]) {
      const values = valuesOf(shape);
      return productCount([...kernel, values.at(-1), ...values.slice(0, -1), filters]);
    },
    connections: (shapes) => withBiases(layer.macs(shapes), layer.outputShape(shapes), useBias),
    field([shape], [field]) {
      if (!field || !isPlaced(shape, field)) return field && sameEverywhere(field);
      if (isEnormous(windows, shape, field)) return null;
      const taps = windows.map((window, i) => transposedTaps(window, shape[i].value, extra(i)));
      return readField(field, taps);
    },
  });
  return layer;
}
