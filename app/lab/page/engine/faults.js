// Errors of the engine: each says by a key of the words what is wrong, so that the page can say it in any
// language.

import { engineWords } from "../words/engine.js";

/**
 * Return an error whose message is English, and whose `.say` and `.values` are for the page's words.
 *
 * @example throw engineFault("engineDamaged", { what: "base64" });
 */
export function engineFault(say, values = {}) {
  const message = engineWords.en[say].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  return Object.assign(new Error(message), { say, values });
}
