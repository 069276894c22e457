/**
 * The state of the page in its address, so that a link shows what the teacher sees:
 * `#image=3&class=5&cell=conv2.4.7.3&tab=paper`. What it says is a stranger's, and is taken only where it makes sense.
 */

const LINKED_TABS = ["inside", "paper", "training"];
const LINKED_METHODS = ["vanilla", "guided", "gradient-input"];
const MOST_TEXT = 64_000; // a full drawing, and what was changed on paper

/** Return the state as the text behind `#`. */
export function addressOf(state, language) {
  const told = new URLSearchParams();
  const { picture, opened } = state;
  if (picture.kind === "test") told.set("image", picture.index);
  if (picture.kind === "drawn") told.set("draw", picture.strokes);
  if (state.without.length) told.set("without", state.without.join("."));
  if (state.classIndex !== null) told.set("class", state.classIndex);
  if (state.method !== LINKED_METHODS[0]) told.set("method", state.method);
  if (state.isSigned) told.set("signs", "1");
  if (opened) told.set("cell", [opened.stepName, opened.cell.row, opened.cell.column, opened.cell.channel].join("."));
  if (state.tab !== LINKED_TABS[0]) told.set("tab", state.tab);
  if (state.epoch !== null) told.set("epoch", state.epoch);
  if (state.isQuiz) told.set("quiz", "1");
  if (state.paper) told.set("paper", state.paper);
  if (language !== "en") told.set("lang", language);
  return told.toString();
}

/**
 * Return what an address says, as changes of the state.
 * @param {object} limits {images, classes, epochs, steps: {isThere(name)}, stages: string[]}
 */
export function readAddress(text, limits) {
  const told = new URLSearchParams(text.slice(0, MOST_TEXT).replace(/^#/, ""));
  const whole = (name, most) => {
    const value = told.get(name);
    return value !== null && /^\d{1,6}$/.test(value) && Number(value) < most ? Number(value) : null;
  };
  const changes = {
    classIndex: whole("class", limits.classes),
    epoch: whole("epoch", limits.epochs),
    method: LINKED_METHODS.includes(told.get("method")) ? told.get("method") : LINKED_METHODS[0],
    isSigned: told.get("signs") === "1",
    isQuiz: told.get("quiz") === "1",
    tab: LINKED_TABS.includes(told.get("tab")) ? told.get("tab") : LINKED_TABS[0],
    without: (told.get("without") ?? "").split(".").filter((stage) => limits.stages.includes(stage)),
    opened: cellIn(told.get("cell"), limits),
    paper: told.get("paper") ?? "",
    language: told.get("lang"),
  };
  const index = whole("image", limits.images);
  if (told.has("draw")) changes.picture = { kind: "drawn", strokes: told.get("draw") };
  else if (index !== null) changes.picture = { kind: "test", index };
  return changes;
}

function cellIn(text, { steps }) {
  const parts = (text ?? "").split(".");
  if (parts.length < 4) return null;
  const numbers = parts.slice(-3), stepName = parts.slice(0, -3).join(".");
  if (!steps.isThere(stepName) || !numbers.every((part) => /^\d{1,6}$/.test(part))) return null;
  const [row, column, channel] = numbers.map(Number);
  return { stepName, cell: { row, column, channel } };
}
