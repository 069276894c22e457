/** The server as the engine, for networks that the page does not compute: the same questions, asked by POST. */

import { decodeArray } from "./engine/base64.js";

/** Return what answers as `askEngine` does; one question waits at a time, a newer one takes its place. */
export function askServer() {
  let waiting = null, isBusy = false;
  const post = async (asked) => {
    const reply = await fetch("answer", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked),
    });
    if (!reply.ok) throw new Error((await reply.text()).trim() || `HTTP ${reply.status}`);
    return reply.json();
  };
  const next = async () => {
    if (isBusy || !waiting) return;
    const { asked, resolve, reject } = waiting;
    [waiting, isBusy] = [null, true];
    try {
      resolve(readLook(await post({ ask: "look", ...asked, image: Array.from(asked.image) })));
    } catch (error) {
      reject(error);
    }
    isBusy = false;
    next();
  };
  return {
    load: async () => null,
    look: (asked) =>
      new Promise((resolve, reject) => {
        waiting?.resolve(null);
        waiting = { asked: { image: asked.image, classIndex: asked.classIndex, methods: asked.methods }, resolve, reject };
        next();
      }),
    cell: ({ stepName, cell, image }) => post({ ask: "cell", stepName, cell, image: Array.from(image) }),
  };
}

function readLook(answer) {
  const numbers = (stored) => decodeArray(stored, "float32");
  return {
    ...answer,
    outputs: numbers(answer.outputs),
    values: new Map(Object.entries(answer.values).map(([slot, stored]) => [Number(slot), numbers(stored)])),
    maps: Object.fromEntries(Object.entries(answer.maps).map(([name, stored]) => [name, { ...stored, data: numbers(stored) }])),
  };
}
