// Maps that explain the score of a class, from one forward run, by the arithmetic of app/maps/methods.

import { engineFault } from "./faults.js";
import { stepsOfClassMap } from "./features.js";
import { targetRow } from "./head.js";

/** Σ_k α_k A_k, α_k the mean of G_k (Selvaraju et al. 2017, eq. 1 and 2). */
function gradCamCells(maps, gradients, cells, channels) {
  const alphas = new Float64Array(channels);
  for (let i = 0; i < maps.length; i++) alphas[i % channels] += gradients[i] / cells;
  return sumOverMaps(maps, cells, channels, (i) => alphas[i % channels] * maps[i]);
}

/** Σ_k max(0, G_k) · A_k, cell by cell (Jiang et al. 2021, eq. 5 and 6). */
function layerCamCells(maps, gradients, cells, channels) {
  return sumOverMaps(maps, cells, channels, (i) => Math.max(gradients[i], 0) * maps[i]);
}

/** Σ_k G_k · A_k, cell by cell (Draelos and Carin 2020). */
function hiResCamCells(maps, gradients, cells, channels) {
  return sumOverMaps(maps, cells, channels, (i) => gradients[i] * maps[i]);
}

function sumOverMaps(maps, cells, channels, termAt) {
  const sums = new Float64Array(cells);
  for (let i = 0; i < maps.length; i++) sums[Math.floor(i / channels)] += termAt(i);
  return sums;
}

/**
 * The methods by the names of `python -m app.saliency`: `rule` for the rectifiers, `cells` for what makes
 * maps and gradients cells; `shows` says what a picture shows of the raw values unless signs are asked for.
 */
export const METHODS = {
  vanilla: { rule: "plain", shows: "magnitude" },
  "gradient-input": { rule: "plain", shows: "magnitude", isTimesInput: true },
  guided: { rule: "guided", shows: "magnitude" },
  relu: { rule: "rectified", shows: "magnitude" },
  gradcam: { rule: "plain", shows: "positive", cells: gradCamCells },
  layercam: { rule: "plain", shows: "positive", cells: layerCamCells },
  hirescam: { rule: "plain", shows: "positive", cells: hiResCamCells },
};

/**
 * Return maps of one class: raw, signed numbers, as `app.maps` has them.
 *
 * The network is not run again: one gradient is led back for each rule that the methods need.
 *
 * @example mapsOfClass(machine, machine.forward(image), { classIndex: 3, methods: ["vanilla", "gradcam"]
 *   }).maps.gradcam
 * @param {Machine} machine
 * @param {object} run of `machine.forward`, with its head or without
 * @param {{classIndex: number, against?: number|null, methods?: string[], layer?: string|null}} asked
 *   `layer`: whose maps the class-activation maps use; the last one with maps if it is null
 * @returns {{score: number, maps: object, gradients: Map<number, Float32Array>}} `maps` by method {shape,
 *   data, shows}: (rows, columns, channels) of the image, or (rows, columns) cells of the layer; `gradients`
 *   ∂S/∂v by slot, by the plain rule; S = Σ t_u z_u
 */
export function mapsOfClass(machine, run, asked) {
  const { classIndex, against = null, methods = ["vanilla"], layer = null } = asked;
  const unknown = methods.find((name) => !Object.hasOwn(METHODS, name));
  if (unknown !== undefined) {
    throw engineFault("engineNoMethod", { method: unknown, methods: Object.keys(METHODS).join(", ") });
  }
  const target = targetRow(machine.program, classIndex, against);
  const logits = run.values.get(machine.logitsSlot);
  const score = target.reduce((sum, t, u) => sum + t * logits[u], 0);
  const byRule = new Map();
  const gradientsBy = (rule) => {
    if (!byRule.has(rule)) byRule.set(rule, machine.pullBack(run, machine.logitsSlot, target, { rule }));
    return byRule.get(rule);
  };
  const maps = {};
  for (const name of methods) {
    const method = METHODS[name];
    const made = method.cells
      ? cellsOfClass(machine, run, gradientsBy(method.rule), method.cells, layer)
      : pixelsOfClass(machine, run, gradientsBy(method.rule), method.isTimesInput);
    maps[name] = { ...made, shows: method.shows };
  }
  return { score, maps, gradients: gradientsBy("plain") };
}

function pixelsOfClass(machine, run, gradients, isTimesInput) {
  const image = run.values.get(machine.imageSlot);
  const byPixel = gradients.get(machine.imageSlot) ?? new image.constructor(image.length);
  const data = isTimesInput ? byPixel.map((g, i) => g * image[i]) : byPixel.slice();
  return { shape: machine.shapeOf(machine.imageSlot), data };
}

function cellsOfClass(machine, run, gradients, make, layer) {
  const steps = stepsOfClassMap(machine, layer);
  const [rows, columns] = steps[0].shape;
  const total = new Float64Array(rows * columns);
  for (const step of steps) {
    const maps = run.values.get(step.fills);
    const by = gradients.get(step.fills) ?? new Float32Array(maps.length);
    make(maps, by, rows * columns, step.shape[2]).forEach((value, i) => { total[i] += value; });
  }
  return { shape: [rows, columns], data: Float32Array.from(total) };
}

/**
 * Return what is drawn of a map, (rows, columns).
 *
 * Cells: max(0, ·), as Grad-CAM has them. Pixels: the largest magnitude of the colour channels. With their
 * sign, cells stay as they are, and colour channels are summed: what speaks for the class, and what against
 * it.
 *
 * @param {{shape: number[], data: Float32Array}} map
 * @param {boolean} isSigned
 */
export function pictureOfMap({ shape, data }, isSigned = false) {
  if (shape.length === 2) return isSigned ? data : data.map((value) => Math.max(value, 0));
  const channels = shape[2];
  const picture = new Float32Array(shape[0] * shape[1]);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / channels);
    picture[at] = isSigned ? picture[at] + data[i] : Math.max(picture[at], Math.abs(data[i]));
  }
  return picture;
}
