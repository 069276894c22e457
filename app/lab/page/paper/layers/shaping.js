// Layers without weights that change the shape of a map: borders, resolution, order of the values.

import { commonDivisor } from "../axes.js";
import { groupDigits, makeSize, multiplyExactly, productSize, shapeText, valuesOf } from "../counts.js";
import { collapseField, isPlaced, readField, readPlaced, sameEverywhere } from "../fields.js";
import { ensurePaper } from "../problems.js";
import { axesSetting, borderSetting, flagSetting, usualSetting } from "../settings.js";
import { valueText, wholeSetting } from "../settings.js";
import { borderTaps } from "../windows.js";
import { plainLayer, rankOf, splitMap } from "./plain.js";

/** How far from its place an interpolated output reads, in cells. */
const INTERPOLATION_REACH = { bilinear: 1, bicubic: 2, lanczos3: 3, lanczos5: 5 };

/** Cells added at the borders, or taken away. */
export function borderLayer(settings, kind) {
  const isCropping = kind.startsWith("Cropping");
  const setting = isCropping ? "cropping" : "padding";
  const rank = rankOf(kind);
  const usual = kind === "Cropping2D" ? 0 : 1;
  const amounts = borderSetting(usualSetting(settings[setting], usual), rank, setting);
  const [sign, mark] = isCropping ? [-1, "−"] : [1, "+"];
  return plainLayer({
    outputShape([shape]) {
      const [sizes, channels] = splitMap(shape, rank, kind);
      const made = sizes.map(({ value }, i) => {
        const [before, after] = amounts[i];
        const left = value + sign * (before + after);
        ensurePaper(left >= 1, "paperCropsAll", { before, after, size: groupDigits(value) });
        return makeSize(left, `${groupDigits(value)} ${mark} ${before} ${mark} ${after}`);
      });
      return [...made, channels];
    },
    field: ([shape], [field]) =>
      readPlaced(
        shape,
        field,
        amounts.map(([before, after], i) => borderTaps(shape[i].value, sign * before, sign * after)),
      ),
  });
}

/** Each cell repeated, or interpolated, f times along each axis. */
export function upsamplingLayer(settings, kind) {
  const factors = axesSetting(usualSetting(settings.size, 2), rankOf(kind), "size");
  const interpolation = kind === "UpSampling2D" ? usualSetting(settings.interpolation, "nearest") : "nearest";
  const layer = plainLayer({
    outputShape([shape]) {
      const [sizes, channels] = splitMap(shape, factors.length, kind);
      const working = (value, factor) => `${groupDigits(value)}·${factor}`;
      const made = sizes.map(({ value }, i) => makeSize(value * factors[i], working(value, factors[i])));
      return [...made, channels];
    },
    field([shape], [field]) {
      if (!field || !isPlaced(shape, field)) return field && sameEverywhere(field);
      return resizeField(shape, layer.outputShape([shape]), field, interpolation);
    },
  });
  return layer;
}

/** A map resized or cropped to a wanted height and width. */
export function wantedSizeLayer(settings, kind) {
  const wanted = [wholeSetting(settings.height, "height"), wholeSetting(settings.width, "width")];
  const interpolation = usualSetting(settings.interpolation, "bilinear");
  const ratios = ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"];
  const isPlain = !ratios.some((name) => flagSetting(settings[name], false));
  const layer = plainLayer({
    outputShape: ([shape]) => [...wanted.map((size) => makeSize(size)), splitMap(shape, 2, kind)[1]],
    field([shape], [field]) {
      if (!field || !isPlaced(shape, field)) return null;
      if (kind !== "Resizing") return cropField(shape, wanted, field);
      return isPlain ? resizeField(shape, layer.outputShape([shape]), field, interpolation) : null;
    },
  });
  return layer;
}

function cropField(shape, wanted, field) {
  if (wanted.some((size, i) => shape[i].value < size)) return null;
  const taps = wanted.map((size, i) => {
    const more = shape[i].value - size;
    return borderTaps(shape[i].value, -Math.floor(more / 2), Math.floor(more / 2) - more);
  });
  return readField(field, taps);
}

function resizeField(shape, output, field, interpolation) {
  if (interpolation !== "nearest" && !(interpolation in INTERPOLATION_REACH)) return null;
  const pairs = shape.slice(0, -1).map((size, i) => [size.value, output[i].value]);
  return readField(field, pairs.map(([size, wanted]) => resizeTaps(size, wanted, interpolation)));
}

/** Output o lies at (o + ½)·n/m − ½ of the input, and reads the cells nearer than the reach. */
function resizeTaps(size, wanted, interpolation) {
  const common = commonDivisor(size, wanted);
  const unit = 2 * wanted;
  const nearest = (output) => ({ first: Math.floor(((2 * output + 1) * size) / unit), step: 1, count: 1 });
  const interpolated = (output) => {
    const place = (2 * output + 1) * size - wanted;
    if (place % unit === 0) return { first: place / unit, step: 1, count: 1 };
    const reach = INTERPOLATION_REACH[interpolation];
    return { first: Math.ceil(place / unit) - reach, step: 1, count: 2 * reach };
  };
  const name = `resize ${size} ${wanted} ${interpolation}`;
  const at = interpolation === "nearest" ? nearest : interpolated;
  return { name, at, count: wanted, outputs: wanted / common, cells: size / common, clamp: true };
}

/** The map as one vector; each value sees what its cell saw. */
export function flattenLayer() {
  return plainLayer({ outputShape: ([shape]) => [productSize(shape)] });
}

/** The values in another shape; one −1 stands for what is left. */
export function reshapeLayer(settings) {
  const target = settings.target_shape;
  return plainLayer({
    outputShape([shape]) {
      const values = multiplyExactly(valuesOf(shape));
      const isList = Array.isArray(target) && target.every(Number.isSafeInteger);
      const free = isList ? target.filter((size) => size === -1).length : 0;
      const known = isList ? multiplyExactly(target.filter((size) => size !== -1)) : 0n;
      const isFilled = free <= 1 && known !== 0n && values % known === 0n && (free > 0 || values === known);
      ensurePaper(isFilled, "paperReshape", { values: groupDigits(values), target: valueText(target) });
      return target.map((size) => makeSize(size === -1 ? Number(values / known) : size));
    },
  });
}

/** The axes in another order, counted from 1. */
export function permuteLayer(settings) {
  const dims = Array.isArray(settings.dims) ? settings.dims : [];
  const isInPlace = dims.every((dim, i) => dim === i + 1);
  return plainLayer({
    outputShape([shape]) {
      const isOrder = String([...dims].sort((a, b) => a - b)) === String(shape.map((_, i) => i + 1));
      const values = { dims: valueText(settings.dims), shape: shapeText(valuesOf(shape)) };
      ensurePaper(isOrder, "paperOrder", values);
      return dims.map((dim) => shape[dim - 1]);
    },
    field: (shapes, [field]) => (!field || isInPlace ? field : sameEverywhere(field)),
  });
}

/** The vector, n times one after the other. */
export function repeatVectorLayer(settings, kind) {
  const times = wholeSetting(settings.n, "n");
  return plainLayer({
    outputShape([shape]) {
      ensurePaper(shape.length === 1, "paperNotAVector", { kind });
      return [makeSize(times), ...shape];
    },
    field: (shapes, [field]) => field && collapseField(field),
  });
}
