// What a layer is told: its settings by Keras' names, their defaults, and those that change no value.

/** Stands for a setting that has to be told. */
export const TOLD = Object.freeze({});

const CHANGES_NOTHING = new Set(
  ("trainable dtype batch_input_shape epsilon momentum synchronized autocast build_config renorm_clipping " +
    "renorm_momentum fill_mode fill_value seed name").split(" "),
);
const CHANGES_NOTHING_ENDINGS = ["_initializer", "_regularizer", "_constraint"];
const WORDS_OF_SETTINGS = {
  padding: ["valid", "same", "full", "causal"],
  interpolation: ["nearest", "bilinear"],
};

/**
 * Return the settings of a layer with the defaults of what was not told.
 *
 * @param {object} takes names and defaults
 * @param {object} told settings as a written program holds them
 * @returns {object}
 * @throws {Error} with .setting where the layer has no such setting, or a word is none of its words
 */
export function settleSettings(takes, told) {
  const settings = {};
  for (const name of Object.keys(takes)) {
    settings[name] = Object.hasOwn(told, name) ? told[name] : takes[name];
  }
  const isKnown = (name) => Object.hasOwn(takes, name) || isNeutral(name, told[name]);
  const unknown = Object.keys(told).find((name) => !isKnown(name));
  const missing = Object.keys(settings).find((name) => settings[name] === TOLD);
  const isWord = (name) => typeof settings[name] === "string" && Object.hasOwn(WORDS_OF_SETTINGS, name);
  const wrong = Object.keys(settings).find(
    (name) => isWord(name) && !WORDS_OF_SETTINGS[name].includes(settings[name]),
  );
  const setting = unknown ?? missing ?? wrong;
  if (setting !== undefined) throw settingFault(setting);
  return settings;
}

/** Return the error for a setting that the layer does not have. */
export function settingFault(setting) {
  return Object.assign(new Error(`setting ${setting}`), { setting });
}

function isNeutral(name, value) {
  const isOff = value === null || value === false || value === "channels_last";
  return CHANGES_NOTHING.has(name) || CHANGES_NOTHING_ENDINGS.some((end) => name.endsWith(end)) || isOff;
}
