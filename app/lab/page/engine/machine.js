// The machine that runs a written program (app/program/written.py) in a page, forward and backward.

import { decodeArray } from "./base64.js";
import { engineFault } from "./faults.js";
import { LAYERS, prepareLayer } from "./layers/index.js";
import { valuesInShape } from "./layers/shapes.js";

/** How a gradient passes the rectifiers: see app/program/steps.py. */
export const RULES = ["plain", "guided", "rectified"];

function stepFault(step, say, values) {
  const told = { layer: step.name, kind: step.kind };
  return Object.assign(engineFault(say, { ...told, ...values }), told);
}

function prepareStep(step, shapes) {
  if (!Object.hasOwn(LAYERS, step.kind)) throw stepFault(step, "engineNoLayer", {});
  try {
    return prepareLayer({ kind: step.kind, settings: step.settings, shapes, arrays: step.arrays });
  } catch (error) {
    if (error.setting) throw stepFault(step, "engineNoSetting", { setting: error.setting });
    throw stepFault(step, "engineWrongLayer", { why: error.message });
  }
}

function checkProgram(program) {
  if (program?.format !== "convlab program" || program.version !== 1) throw engineFault("engineNoProgram");
  const { image, head, steps, arrays } = program;
  const isWhole = image && head && Array.isArray(steps) && arrays && Array.isArray(image.shape);
  if (!isWhole) throw engineFault("engineDamaged", { what: "image, head, steps, arrays" });
}

function isSameShape(one, other) {
  return one.length === other.length && one.every((n, axis) => n === other[axis]);
}

/**
 * Runs a program on one image at a time.
 *
 * Arrays of images and maps are flat, row by row, (rows, columns, channels). No array that it hands out is
 * ever changed by it; slots of layers that only pass values on hold the same array.
 *
 * @example
 *   const machine = new Machine(program);
 *   const run = machine.forward(image);
 *   const seed = new Float32Array(10); seed[3] = 1;
 *   const byPixel = machine.pullBack(run, machine.logitsSlot, seed).get(machine.imageSlot);
 */
export class Machine {
  /**
   * @param {object} program the parsed JSON of a written program
   * @param {Function} Numbers the typed array of weights: Float32Array, or Float64Array for tests. Values are
   *   of the image's own type.
   * @throws {Error} with .say and .values; with .layer and .kind for a step that it lacks
   */
  constructor(program, Numbers = Float32Array) {
    checkProgram(program);
    this.program = program;
    this.imageSlot = program.image.slot;
    this.outputSlot = program.output;
    this.headSlot = program.head.slot ?? null;
    const decoded = new Map();
    const arrayOf = (stored) => {
      const found = Object.hasOwn(program.arrays, stored) ? program.arrays[stored] : null;
      if (!found) throw engineFault("engineDamaged", { what: String(stored).slice(0, 80) });
      if (!decoded.has(stored)) decoded.set(stored, decodeArray(found, program.dtype, Numbers));
      return { shape: found.shape, data: decoded.get(stored) };
    };
    this.shapes = new Map([[this.imageSlot, program.image.shape]]);
    /** {name, kind, settings, reads, fills, shape, inputShape, inputShapes, arrays: {name: {shape, data}}} */
    this.steps = [];
    this.layers = program.steps.map((written) => this.#take(written, arrayOf));
    for (const slot of [this.outputSlot, this.headSlot ?? this.outputSlot]) {
      if (!this.shapes.has(slot)) throw engineFault("engineDamaged", { what: `slot ${slot}` });
    }
    this.byFilled = new Map(this.steps.map((step) => [step.fills, step]));
    /** The slot whose values are the logits: what the head reads, or the output. */
    this.logitsSlot = this.byFilled.get(this.headSlot)?.reads[0] ?? this.outputSlot;
  }

  #take(written, arrayOf) {
    const { name, kind, settings, reads, fills, shape } = written;
    const isFilled = reads.length && reads.every((slot) => this.shapes.has(slot)) && !this.shapes.has(fills);
    if (!isFilled) throw stepFault(written, "engineWrongLayer", { why: `slots ${reads} → ${fills}` });
    const named = Object.entries(written.arrays).map(([key, stored]) => [key, arrayOf(stored)]);
    const arrays = Object.fromEntries(named);
    const inputShapes = reads.map((slot) => this.shapes.get(slot));
    const [inputShape] = inputShapes;
    const step = { name, kind, settings, reads, fills, shape, inputShape, inputShapes, arrays };
    const layer = prepareStep(step, inputShapes);
    if (!isSameShape(layer.shape, shape)) {
      throw stepFault(step, "engineWrongLayer", { why: `${layer.shape.join("×")}, not ${shape.join("×")}` });
    }
    this.shapes.set(fills, shape);
    this.steps.push(step);
    return layer;
  }

  /** Return the shape of what lies in a slot, without the batch axis. */
  shapeOf(slot) {
    if (!this.shapes.has(slot)) throw engineFault("engineNoSlot", { slot });
    return this.shapes.get(slot);
  }

  /** Return the step that fills a slot; null for the image's. */
  stepThatFills(slot) {
    this.shapeOf(slot);
    return this.byFilled.get(slot) ?? null;
  }

  /**
   * Run the program on an image.
   *
   * @param {Float32Array|number[]} image (rows, columns, channels), flat
   * @param {{head?: boolean, rule?: string, upto?: number|null}} how `head: false` passes the head's step
   *   through, so that logits come out; `rule` is how gradients pass the rectifiers; behind the slot `upto`
   *   nothing is run
   * @returns {{values: Map<number, Float32Array>, rule: string, ways: object[]}}
   */
  forward(image, { head = true, rule = "plain", upto = null } = {}) {
    const x = ArrayBuffer.isView(image) ? image : Float32Array.from(image);
    const wanted = valuesInShape(this.program.image.shape);
    if (x.length !== wanted) throw engineFault("engineWrongImage", { wanted, found: x.length });
    const values = new Map([[this.imageSlot, x]]);
    const ways = [];
    for (const [n, step] of this.steps.entries()) {
      if (upto !== null && values.has(upto)) break;
      const inputs = step.reads.map((slot) => values.get(slot));
      const isSkipped = !head && step.fills === this.headSlot;
      const [output, back] = isSkipped ? [inputs[0], (g) => [g]] : this.layers[n].forward(...inputs);
      values.set(step.fills, output);
      ways.push({ step, back });
    }
    return { values, rule, ways };
  }

  /** Return what the program puts out, (units). */
  outputs(image) {
    return this.forward(image).values.get(this.outputSlot);
  }

  /** Return what it puts out without its head, (units). */
  logits(image) {
    return this.forward(image, { head: false }).values.get(this.outputSlot);
  }

  /**
   * Lead a gradient back: ∂(Σ seed · v)/∂(value) for the values v of a slot, by every slot on the way to the
   * image.
   *
   * The gradient by a slot is by its values alone as later steps read them.
   *
   * @param {object} run what `forward` returned
   * @param {number} slot for scores of classes `logitsSlot`
   * @param {Float32Array|number[]} seed a number for each value of the slot
   * @param {{rule?: string, until?: number[]}} how `rule` instead of the run's; `until`: slots at which it is
   *   enough to arrive
   * @returns {Map<number, Float32Array>} by slot; slots on which the sum does not depend are not in it
   */
  pullBack(run, slot, seed, { rule = run.rule, until = [this.imageSlot] } = {}) {
    const value = run.values.get(slot);
    if (!value) throw engineFault("engineNoSlot", { slot });
    if (seed.length !== value.length) {
      throw engineFault("engineWrongSeed", { wanted: value.length, found: seed.length });
    }
    if (!RULES.includes(rule)) throw engineFault("engineNoRule", { rule, rules: RULES.join(", ") });
    const found = new Map([[slot, value.constructor.from(seed)]]);
    const behind = this.#behind(until);
    for (const { step, back } of [...run.ways].reverse()) {
      const g = found.get(step.fills);
      if (!g || !step.reads.some((read) => behind.has(read))) continue;
      const gradients = back(g, rule);
      step.reads.forEach((read, n) => {
        const before = found.get(read);
        found.set(read, before ? before.map((share, i) => share + gradients[n][i]) : gradients[n]);
      });
    }
    return found;
  }

  /** Return the slots that depend on some, those among them. */
  #behind(slots) {
    const behind = new Set(slots);
    for (const step of this.steps) if (step.reads.some((slot) => behind.has(slot))) behind.add(step.fills);
    return behind;
  }
}
