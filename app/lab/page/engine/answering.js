// What a worker, or the page itself, answers: a network is loaded, an image is looked at.

import { engineFault } from "./faults.js";
import { likeliestClass, probabilitiesOf } from "./head.js";
import { Machine } from "./machine.js";
import { mapsOfClass } from "./maps.js";

/**
 * Return the function that takes messages {id, ask, …}; what it answers goes to `send(answer, buffers)`.
 *
 * - {id, ask: "load", program, model} → {id, answer: {name, steps}}: `program` is parsed JSON or its text;
 *   `model` is the name by which it is looked at, where there are several.
 * - {id, ask: "look", image, classIndex, against, methods, layer, values, gradients, model} → {id, answer} of
 *   `lookAt`.
 * - A look that has not begun when a newer one arrives is dropped: {id, dropped: true}.
 * - {id, error: {say, values, layer, kind, message}} where something is wrong.
 *
 * @param {Function} send takes an answer, and the buffers in it that may be handed over instead of copied
 * @param {Function} later calls a function once all messages that wait have been received
 */
export function makeAnswering(send, later = (work) => setTimeout(work, 0)) {
  const machines = new Map();
  let waiting = null;
  const drop = () => {
    if (waiting) send({ id: waiting.id, dropped: true }, []);
    waiting = null;
  };
  const begin = () => {
    const message = waiting;
    waiting = null;
    if (message) replyOfEngine(message, machines, send);
  };
  return (message) => {
    if (message.ask === "look") {
      drop();
      waiting = message;
      later(begin);
      return;
    }
    if (waiting && message.ask === "load" && modelOfMessage(waiting) === modelOfMessage(message)) drop();
    replyOfEngine(message, machines, send);
  };
}

function modelOfMessage(message) {
  return message.model ?? "model";
}

function replyOfEngine(message, machines, send) {
  try {
    const answer = answerToMessage(message, machines);
    send({ id: message.id, answer }, buffersIn(answer));
  } catch (error) {
    const { say = null, values = {}, layer = null, kind = null } = error;
    send({ id: message.id, error: { say, values, layer, kind, message: error.message } }, []);
  }
}

function answerToMessage(message, machines) {
  if (message.ask === "load") {
    const { program } = message;
    const machine = new Machine(typeof program === "string" ? JSON.parse(program) : program);
    machines.set(modelOfMessage(message), machine);
    return { name: machine.program.name, steps: machine.steps.length };
  }
  if (message.ask !== "look") throw engineFault("engineNoAsk", { ask: String(message.ask).slice(0, 40) });
  if (!machines.has(modelOfMessage(message))) throw engineFault("engineNotLoaded");
  return lookAt(machines.get(modelOfMessage(message)), message);
}

/**
 * Return everything that a page shows of one image: the network is run once, and each gradient is led back
 * once.
 *
 * @param {Machine} machine
 * @param {object} asked
 * @param {Float32Array} asked.image (rows, columns, channels), flat
 * @param {number|null} asked.classIndex what the maps explain; null: the likeliest class
 * @param {number|null} asked.against another class that it is held against
 * @param {string[]} asked.methods of `METHODS`
 * @param {string|null} asked.layer whose maps Grad-CAM uses
 * @param {"all"|number[]} asked.values slots whose values are wanted
 * @param {"all"|number[]} asked.gradients slots by which the plain gradient of the score is wanted
 * @returns {object} outputs, logits (units); probabilities (classes); predicted, classIndex, score; maps by
 *   method; values and gradients by slot (Map); ms it took
 */
export function lookAt(machine, asked) {
  const { image, classIndex = null, against = null, methods = [], layer = null } = asked;
  const { values = [], gradients = [] } = asked;
  const start = performance.now();
  const run = machine.forward(image);
  const outputs = run.values.get(machine.outputSlot);
  const probabilities = probabilitiesOf(machine.program.head, outputs);
  const predicted = likeliestClass(probabilities);
  const found = {
    outputs,
    logits: run.values.get(machine.logitsSlot),
    probabilities,
    predicted,
    classIndex: classIndex ?? predicted,
    score: null,
    maps: {},
    values: someBySlot(run.values, values),
    gradients: new Map(),
  };
  if (methods.length || gradients === "all" || gradients.length) {
    const made = mapsOfClass(machine, run, { classIndex: found.classIndex, against, methods, layer });
    Object.assign(found, { score: made.score, maps: made.maps });
    found.gradients = someBySlot(made.gradients, gradients);
  }
  return { ...found, ms: performance.now() - start };
}

/** Return the entries of some slots, or of all. */
function someBySlot(bySlot, slots) {
  if (slots === "all") return new Map(bySlot);
  return new Map(slots.filter((slot) => bySlot.has(slot)).map((slot) => [slot, bySlot.get(slot)]));
}

/** Return each buffer of an answer of `lookAt` once; layers that only pass values on share theirs. */
function buffersIn(answer) {
  if (!answer.values) return [];
  const maps = Object.values(answer.maps).map((map) => map.data);
  const arrays = [answer.outputs, answer.logits, answer.probabilities, ...maps];
  arrays.push(...answer.values.values(), ...answer.gradients.values());
  return [...new Set(arrays.map((array) => array.buffer))];
}
