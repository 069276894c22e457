// Settings of layers: numbers checked, one number spread over all axes.

import { PaperProblem, ensurePaper } from "./problems.js";

/** Sizes from here on are taken for slips of the hand, as the chalkboard takes them. */
export const LARGEST_PAPER_SIZE = 2 ** 40;

/** A value as a message shows it, short. */
export function valueText(value) {
  let text = String(value);
  if (typeof value === "string" || Array.isArray(value)) text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** What a setting is where nothing is said. */
export function usualSetting(value, usual) {
  return value === undefined ? usual : value;
}

/** The whole number that a setting is, from `least` up. */
export function wholeSetting(value, setting, least = 1) {
  ensurePaper(Number.isFinite(value) && Number.isInteger(value), "paperNotWhole", {
    setting,
    value: valueText(value),
  });
  ensurePaper(value >= least, "paperTooSmall", { setting, value: valueText(value), least });
  ensurePaper(value < LARGEST_PAPER_SIZE, "paperTooLarge", { setting, value: valueText(value) });
  return value;
}

/** A setting for each of `rank` axes: 3 stands for [3, 3]. */
export function axesSetting(value, rank, setting, least = 1) {
  if (!Array.isArray(value)) return new Array(rank).fill(wholeSetting(value, setting, least));
  ensurePaper(value.length === rank, "paperAxes", { setting, value: valueText(value), rank });
  return value.map((each) => wholeSetting(each, setting, least));
}

/** Cells before and after along each axis: 1, [1, 2] or [[1, 2], [0, 0]]. */
export function borderSetting(value, rank, setting) {
  if (!Array.isArray(value)) {
    const cells = wholeSetting(value, setting, 0);
    return new Array(rank).fill([cells, cells]);
  }
  const axes = rank === 1 ? [value] : value;
  ensurePaper(axes.length === rank, "paperAxes", { setting, value: valueText(value), rank });
  return axes.map((each) => axesSetting(each, 2, setting, 0));
}

/** One of some words, in small letters. */
export function wordSetting(value, words, setting) {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (!words.includes(word)) {
    throw new PaperProblem("paperWord", { setting, value: valueText(value), words: words.join(", ") });
  }
  return word;
}

/** A switch: true unless it is said otherwise. */
export function flagSetting(value, usual = true) {
  return Boolean(usualSetting(value, usual));
}
