/** Every sentence of the page, in each of its languages. */

import { drawingWords } from "./drawing.js";
import { engineWords } from "./engine.js";
import { pageWords } from "./page.js";
import { paperWords } from "./paper.js";
import { sightWords } from "./sight.js";

const PARTS = [pageWords, engineWords, drawingWords, sightWords, paperWords];
/** By language, by key. */
export const WORDS = Object.fromEntries(
  ["en", "zh"].map((language) => [language, Object.assign({}, ...PARTS.map((part) => part[language]))]),
);
export const LANGUAGES = Object.keys(WORDS);

let spoken = "en";

/** Choose the language; one that is not there is English. */
export function speak(language) {
  spoken = WORDS[language] ? language : "en";
  return spoken;
}

/** The language that is spoken. */
export function language() {
  return spoken;
}

/**
 * Return a sentence: `say("maps", {count: 3})`. A key that no table has is a mistake, and is shown as itself.
 * A value that is `{say, values}` is said too.
 */
export function say(key, values = {}) {
  const text = WORDS[spoken][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(saidValue(values[name])) : whole));
}

function saidValue(value) {
  return value && typeof value === "object" && "say" in value ? say(value.say, value.values) : value;
}
