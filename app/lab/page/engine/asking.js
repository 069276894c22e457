// The engine as promises: in a worker, or in the page itself where workers are not allowed.

import { makeAnswering } from "./answering.js";
import { engineFault } from "./faults.js";

/**
 * Return who answers for the engine.
 *
 * @example
 *   const engine = askEngine({ source: URL.createObjectURL(blob) });
 *   await engine.load(program);
 *   const seen = await engine.look({ image, methods: ["vanilla", "gradcam"], values: "all" });
 *   if (seen !== null) show(seen.probabilities);  // null: a newer look came before this one began
 * @param {object} how
 * @param {string|null} how.source address of the worker's script; null: no worker
 * @param {Function} how.makeWorker makes a worker of an address
 * @returns {{load: Function, look: Function, stop: Function, isInWorker: Function}} `load(program, model)`
 *   and `look(asked)` return promises, which an error of the engine rejects: it has .say, .values, .layer and
 *   .kind
 */
export function askEngine({ source = null, makeWorker = (address) => new Worker(address) } = {}) {
  const open = new Map(); // what was asked and not answered, by id
  let next = 1;
  let worker = null;
  let hasAnswered = false;
  const settle = (reply) => {
    hasAnswered = true;
    const asked = open.get(reply.id);
    open.delete(reply.id);
    if (reply.error) asked?.reject(asErrorOfEngine(reply.error));
    else asked?.resolve(reply.dropped ? null : reply.answer);
  };
  const here = makeAnswering((reply) => settle(reply));
  const post = (message) => (worker ? worker.postMessage(message) : here(message));
  const fail = () => {
    worker?.terminate();
    worker = null;
    if (!hasAnswered) {
      for (const { message } of open.values()) here(message); // it never began: the page computes itself
      return;
    }
    for (const { reject } of open.values()) reject(engineFault("engineStopped"));
    open.clear();
  };
  try {
    worker = source === null ? null : makeWorker(source);
    worker?.addEventListener("message", (event) => settle(event.data));
    worker?.addEventListener("error", fail);
  } catch {
    worker = null; // workers are not allowed here
  }
  const ask = (message) =>
    new Promise((resolve, reject) => {
      const whole = { ...message, id: next++ };
      open.set(whole.id, { message: whole, resolve, reject });
      post(whole);
    });
  return {
    load: (program, model = "model") => ask({ ask: "load", program, model }),
    look: (asked) => ask({ ...asked, ask: "look" }),
    stop: () => worker?.terminate(),
    isInWorker: () => worker !== null,
  };
}

function asErrorOfEngine({ message, ...rest }) {
  return Object.assign(new Error(message), rest);
}
