// The worker: the engine in a thread of its own, so that drawing never waits.

import { makeAnswering } from "./answering.js";

const receive = makeAnswering((answer, buffers) => self.postMessage(answer, buffers));
self.addEventListener("message", (event) => receive(event.data));
