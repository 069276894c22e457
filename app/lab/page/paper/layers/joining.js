// Layers that make one map of several, and operations of keras.ops.

import { groupDigits, makeSize, productCount, valuesOf } from "../counts.js";
import { collapseField, isPlaced, joinFields, readField, uniteFields } from "../fields.js";
import { ensurePaper } from "../problems.js";
import { flagSetting, usualSetting } from "../settings.js";
import { borderTaps } from "../windows.js";
import { axesList, findPaperAxis, plainLayer } from "./plain.js";

function listShapes(shapes) {
  return shapes.map((shape) => `(${valuesOf(shape).join(", ")})`).join(", ");
}

/** The shape of a value-by-value combination: axes of size 1 are repeated. */
function broadcastShapes(shapes, kind) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const there = shapes.map((shape) => shape.at(axis - rank)).filter((size) => size);
    const found = there.filter((size) => size.value !== 1);
    const isOne = found.every((size) => size.value === found[0].value);
    ensurePaper(isOne, "paperShapesDiffer", { kind, shapes: listShapes(shapes) });
    return found[0] ?? makeSize(1);
  });
}

/** Several maps combined value by value. */
export function mergeLayer(settings, kind) {
  const layer = plainLayer({
    outputShape: (shapes) =>
      shapes.length < 2 && kind !== "Subtract" ? shapes[0] : broadcastShapes(shapes, kind),
    field: (shapes, fields) => joinFields(shapes, fields, layer.outputShape(shapes)),
  });
  return layer;
}

/** Several maps one after the other along one axis. */
export function concatenateLayer(settings, kind) {
  const along = (shapes) => findPaperAxis(usualSetting(settings.axis, -1), shapes[0], kind);
  const layer = plainLayer({
    outputShape(shapes) {
      const index = along(shapes);
      const rest = (shape) => `${shape.length}: ${valuesOf(shape.filter((_, i) => i !== index))}`;
      const isAlike = new Set(shapes.map(rest)).size === 1;
      ensurePaper(isAlike, "paperShapesDiffer", { kind, shapes: listShapes(shapes) });
      const parts = shapes.map((shape) => shape[index].value);
      const joined = makeSize(
        parts.reduce((sum, part) => sum + part, 0),
        parts.map(groupDigits).join(" + "),
      );
      return shapes[0].map((size, i) => (i === index ? joined : size));
    },
    field(shapes, fields) {
      const index = along(shapes);
      const arePlaced = fields.every((field, i) => !field || isPlaced(shapes[i], field));
      if (index === shapes[0].length - 1 || !arePlaced) {
        return joinFields(shapes, fields, layer.outputShape(shapes));
      }
      return uniteFields(standSideBySide(shapes, fields, index));
    },
  });
  return layer;
}

function standSideBySide(shapes, fields, index) {
  const total = shapes.reduce((sum, shape) => sum + shape[index].value, 0);
  const standing = [];
  let before = 0;
  shapes.forEach((shape, i) => {
    const size = shape[index].value;
    const shift = borderTaps(size, before, total - before - size);
    if (fields[i]) {
      const taps = shape.slice(0, -1).map((_, axis) => (axis === index ? shift : null));
      standing.push(readField(fields[i], taps));
    }
    before += size;
  });
  return standing;
}

/** Sums of products of two maps along one axis of each. */
export function dotLayer(settings, kind) {
  const axes = Array.isArray(settings.axes) ? settings.axes : [settings.axes, settings.axes];
  const indices = (shapes) => {
    ensurePaper(shapes.length === 2, "paperInputs", { kind, inputs: shapes.length });
    return shapes.map((shape, i) => findPaperAxis(axes[i], shape, kind));
  };
  const layer = plainLayer({
    outputShape(shapes) {
      const [left, right] = indices(shapes);
      const isOne = shapes[0][left].value === shapes[1][right].value;
      ensurePaper(isOne, "paperShapesDiffer", { kind, shapes: listShapes(shapes) });
      const rest = shapes.flatMap((shape, i) => shape.filter((_, axis) => axis !== [left, right][i]));
      return rest.length ? rest : [makeSize(1)];
    },
    macs: (shapes) =>
      productCount([shapes[0][indices(shapes)[0]].value, ...valuesOf(layer.outputShape(shapes))]),
    field: (shapes, fields) => uniteFields(fields.filter((field) => field).map(collapseField)),
  });
  return layer;
}

/** An operation on each value, or on the values of several maps at one place. */
export function elementwiseOperation(settings, kind) {
  const layer = plainLayer({
    outputShape: (shapes) => (shapes.length === 1 ? shapes[0] : broadcastShapes(shapes, kind)),
    field: (shapes, fields) => joinFields(shapes, fields, layer.outputShape(shapes)),
  });
  return layer;
}

/** A mean, sum or maximum over some axes, which disappear or become 1. */
export function reductionOperation(settings) {
  const keepdims = flagSetting(settings.keepdims, false);
  const reduced = (shape) => {
    const axes = axesList(settings.axis).filter(Number.isInteger);
    return new Set(axes.map((axis) => (axis > 0 ? axis - 1 : axis + shape.length)));
  };
  return plainLayer({
    outputShape([shape]) {
      const gone = reduced(shape);
      const made = shape.map((size, i) => (gone.has(i) ? makeSize(1) : size));
      return keepdims ? made : made.filter((_, i) => !gone.has(i));
    },
    field([shape], [field]) {
      const gone = reduced(shape);
      const places = shape.slice(0, -1).map((_, i) => i);
      if (!field || places.every((i) => gone.has(i))) return field && collapseField(field);
      return keepdims && !places.some((i) => gone.has(i)) ? field : null;
    },
  });
}
