// Pooling: windows that keep the channels apart and store nothing.

import { commonDivisor } from "../axes.js";
import { makeSize, productCount, valuesOf } from "../counts.js";
import { collapseField, readPlaced } from "../fields.js";
import { axesSetting, flagSetting, usualSetting, wordSetting } from "../settings.js";
import { plainLayer, rankOf, splitMap } from "./plain.js";
import { readWindows, slidingLayer } from "./sliding.js";

/** A window that makes one value of each channel. */
export function poolingLayer(settings, kind) {
  const rank = rankOf(kind);
  const usual = kind.startsWith("Max") ? 2 : undefined;
  const pool = axesSetting(usualSetting(settings.pool_size, usual), rank, "pool_size");
  const strides = axesSetting(settings.strides ?? pool, rank, "strides");
  const padding = wordSetting(usualSetting(settings.padding, "valid"), ["valid", "same"], "padding");
  const windows = readWindows(pool, strides, padding, pool.map(() => 1));
  const layer = slidingLayer(kind, windows, (channels) => channels, {
    connections: (shapes) => productCount([...pool, ...valuesOf(layer.outputShape(shapes))]),
  });
  return layer;
}

/** One value a channel. */
export function globalPoolingLayer(settings, kind) {
  const rank = rankOf(kind);
  const keepdims = flagSetting(settings.keepdims, false);
  return plainLayer({
    outputShape([shape]) {
      const [sizes, channels] = splitMap(shape, rank, kind);
      return keepdims ? [...sizes.map(() => makeSize(1)), channels] : [channels];
    },
    connections: ([shape]) => productCount(valuesOf(shape)),
    field: (shapes, [field]) => field && collapseField(field),
  });
}

/** Windows chosen such that a wanted number of cells is left: from ⌊o·n/m⌋ to ⌈(o + 1)·n/m⌉. */
export function adaptivePoolingLayer(settings, kind) {
  const wanted = axesSetting(settings.output_size, rankOf(kind), "output_size");
  return plainLayer({
    outputShape: ([shape]) => [
      ...wanted.map((size) => makeSize(size)),
      splitMap(shape, wanted.length, kind)[1],
    ],
    field: ([shape], [field]) =>
      readPlaced(shape, field, wanted.map((size, i) => adaptiveTaps(shape[i].value, size))),
  });
}

function adaptiveTaps(size, wanted) {
  const common = commonDivisor(size, wanted);
  const at = (output) => {
    const first = Math.floor((output * size) / wanted);
    return { first, step: 1, count: Math.ceil(((output + 1) * size) / wanted) - first };
  };
  const period = { outputs: wanted / common, cells: size / common };
  return { name: `adaptive ${size} ${wanted}`, at, count: wanted, ...period };
}
