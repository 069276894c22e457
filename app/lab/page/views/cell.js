/** One number opened: what it sees in the image, its products, their sum, the bias, the activation, and where it goes. */

import { fieldOf } from "../sight/fields.js";
import { largestTerms, workCell } from "../sight/cells.js";
import { goesTo } from "../sight/paths.js";
import { say } from "../words/index.js";
import { cssColour, paintImage } from "./colours.js";
import { formulaLines } from "./formulas.js";
import { handOver } from "./handing.js";
import { make, makeTable, refill } from "./making.js";
import { shortNumber, sizesText, wholeText } from "./numbers.js";

const FIRST_TERMS = 12;
const MOST_TERMS = 400;
const MOST_GRID = 7;

/** Return where a cell lies, in words: `conv2: map 3, row 4, column 7`, or `hidden: unit 12`. */
export function cellName(step, { row, column, channel }) {
  const key = step && step.shape.length === 3 ? "cellOfMap" : "cellOfRow";
  return say(key, { layer: step ? step.name.replace(/:linear$/, "") : say("image"), row, column, channel });
}

/** The panel of an opened number. */
export class CellView {
  constructor(lab) {
    Object.assign(this, { lab, trail: [], count: FIRST_TERMS });
    this.heading = make("h2", { tabIndex: -1, text: say("openedNumber") });
    this.back = make("button", { type: "button", text: say("stepBack"), onclick: () => this.goBack() });
    this.close = make("button", { type: "button", text: say("close"), onclick: () => lab.close() });
    this.canvas = make("canvas.field", { width: lab.shape[1], height: lab.shape[0], role: "img", "aria-label": say("image") });
    this.window = make("div.window", { "aria-hidden": "true" });
    this.fieldText = make("p.quiet");
    this.body = make("div.working");
    this.next = make("div.next");
    this.form = this.makeForm();
    this.element = make(
      "section.panel.cell",
      { "aria-label": say("openedNumber") },
      make("div.row", {}, this.heading, this.back, this.close),
      this.form,
      make("div.cell-parts", {}, make("figure.card", {}, make("div.seen", {}, this.canvas, this.window), this.fieldText), this.body),
      this.next,
    );
  }

  /** Return the form by which a keyboard opens any number of any layer. */
  makeForm() {
    const number = (name) => make("input", { type: "number", min: 0, value: "0", name, id: `cell-${name}` });
    this.fields = { channel: number("channel"), row: number("row"), column: number("column") };
    this.layer = make("select", { id: "cell-layer" }, ...this.lab.shownSteps().map(({ name }) => make("option", { value: name, text: name })));
    const labelled = (id, key, control) => make("label", { for: id }, say(key), control);
    return make(
      "form.row",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const cell = Object.fromEntries(Object.entries(this.fields).map(([key, field]) => [key, Number(field.value)]));
          this.lab.open(this.layer.value, cell);
        },
      },
      labelled("cell-layer", "layer", this.layer),
      labelled("cell-channel", "mapOrUnit", this.fields.channel),
      labelled("cell-row", "row", this.fields.row),
      labelled("cell-column", "column", this.fields.column),
      make("button", { type: "submit", text: say("openNumber") }),
    );
  }

  goBack() {
    this.trail.pop();
    const before = this.trail.pop();
    if (before) this.lab.open(before.stepName, before.cell);
    else this.lab.close();
  }

  /** Show the cell that is open, on today's values; null: only the form. */
  draw(opened) {
    const isOpen = opened !== null;
    for (const part of [this.body.parentElement, this.next, this.back, this.close]) part.hidden = !isOpen;
    if (!isOpen) {
      Object.assign(this, { trail: [], shown: null });
      this.heading.textContent = say("openedNumber");
      return;
    }
    const last = this.trail.at(-1);
    if (!last || last.key !== keyOf(opened)) {
      this.trail.push({ ...opened, key: keyOf(opened) });
      this.count = FIRST_TERMS;
    }
    this.back.disabled = this.trail.length < 2;
    const { lab } = this;
    const shown = [keyOf(opened), lab.isHidden, lab.state.epoch, this.count].join();
    if (!lab.isServed && this.shown === shown && this.image === lab.answer.image) return; // a hand may be typing here
    Object.assign(this, { shown, image: lab.answer.image });
    this.layer.value = opened.stepName;
    for (const [key, field] of Object.entries(this.fields)) field.value = opened.cell[key];
    const work = lab.isServed ? null : workCell(lab.steps, lab.answer.values, opened.stepName, opened.cell);
    if (!work) {
      this.drawAsked(opened);
      return;
    }
    const step = lab.stepNamed(opened.stepName);
    const value = lab.isHidden ? "?" : shortNumber(work.value);
    this.heading.textContent = `${cellName(step, work.cell)} = ${value}`;
    this.drawField(work);
    this.drawWorking(work);
    this.drawNext(work);
  }

  drawField(work) {
    const { lab } = this, [height, width] = lab.shape;
    const field = fieldOf(lab.steps, work.slot, work.cell);
    const bytes = paintImage(lab.answer.image, lab.shape, lab.bounds);
    for (let i = 0; i < height * width; i += 1) {
      if (field.seen[i]) continue;
      for (let c = 0; c < 3; c += 1) bytes[4 * i + c] = 168 + 0.22 * bytes[4 * i + c] - ((i + Math.floor(i / width)) % 3 === 0 ? 18 : 0);
    }
    this.canvas.getContext("2d").putImageData(new ImageData(bytes, width, height), 0, 0);
    const { bounds, beyond } = field;
    const text = !bounds
      ? say("seesNothing")
      : say("seesPixels", {
          size: sizesText([bounds.bottom - bounds.top + 1, bounds.right - bounds.left + 1]),
          top: bounds.top, bottom: bounds.bottom, left: bounds.left, right: bounds.right,
          count: wholeText(field.count),
        });
    this.window.hidden = !bounds;
    if (bounds) {
      Object.assign(this.window.style, {
        left: `${(100 * bounds.left) / width}%`, top: `${(100 * bounds.top) / height}%`,
        width: `${(100 * (bounds.right - bounds.left + 1)) / width}%`,
        height: `${(100 * (bounds.bottom - bounds.top + 1)) / height}%`,
      });
    }
    const reach = Math.max(0, ...Object.values(beyond ?? {}));
    this.fieldText.textContent = reach > 0 ? `${text} ${say("reachesBeyond", { count: reach })}` : text;
    this.canvas.setAttribute("aria-label", this.fieldText.textContent);
  }

  drawWorking(work) {
    const parts = [];
    for (const stage of work.stages.length > 1 ? [work.stages[0]] : [work]) {
      if (stage.note) parts.push(make("p", { text: saidOf(stage.note) }));
      for (const hint of stage.hints ?? []) parts.push(make("p.quiet", { text: saidOf(hint) }));
    }
    const grids = this.grids(work);
    if (grids) parts.push(grids);
    parts.push(this.termTable(work));
    parts.push(this.sumLines(work));
    refill(this.body, ...parts);
  }

  /** Small windows over few maps are shown as grids: values × weights. */
  grids(work) {
    const { terms } = work;
    if (!terms.weights || work.rule !== "sum" || terms.length > MOST_GRID * MOST_GRID || terms.length < 2) return null;
    const from = Array.from({ length: terms.length }, (_, i) => terms.at(i));
    const cells = from.filter((term) => term.from);
    if (!cells.length || new Set(cells.map((term) => term.from.channel)).size !== 1) return null;
    const columns = new Set(from.map((term) => term.column)).size;
    const grid = (values, caption) => {
      const largest = Math.max(...values.map(Math.abs), 1e-30);
      const rows = [];
      for (let i = 0; i < values.length; i += columns) {
        rows.push(make("tr", {}, ...values.slice(i, i + columns).map((value) => {
          const { back, letters } = cssColour(value, largest);
          const cell = make("td", { text: shortNumber(value) });
          cell.style.background = back;
          cell.style.color = letters;
          return cell;
        })));
      }
      return make("table.grid", {}, make("caption", { text: caption }), make("tbody", {}, ...rows));
    };
    return make(
      "div.grids.scroll",
      { tabIndex: 0, role: "region", "aria-label": say("asGrids") },
      grid(from.map((t) => t.value), say("values")), make("span.sign", { text: "×" }),
      grid(from.map((t) => t.weight), say("weights")), make("span.sign", { text: "=" }),
      grid(from.map((t) => (this.lab.isHidden ? 0 : t.product)), say("products")),
    );
  }

  termTable(work) {
    const { terms, rest } = largestTerms(work, this.count);
    const isHidden = this.lab.isHidden;
    const rows = terms.map((term) => [
      term.from ? this.linkTo(term.from) : say("padding"),
      shortNumber(term.value),
      ...(term.weight === null || term.weight === undefined ? [] : [shortNumber(term.weight), isHidden ? "?" : shortNumber(term.product)]),
    ]);
    const heads = ["comesFrom", "value", ...(rows[0]?.length === 4 ? ["weight", "product"] : [])].map((key) => say(key));
    const parts = [make("div.scroll", { tabIndex: 0, role: "region", "aria-label": say("products") }, makeTable(heads, rows))];
    if (rest.count) {
      const key = rest.sum === null ? "furtherValues" : "furtherProducts";
      const text = say(key, { count: wholeText(rest.count), zeros: wholeText(rest.zeros), sum: rest.sum === null || isHidden ? "?" : shortNumber(rest.sum) });
      const more = make("button.small", { type: "button", text: say("showMore"), onclick: () => { this.count = Math.min(MOST_TERMS, 4 * this.count); this.drawWorking(work); } });
      parts.push(make("p", {}, text, " ", this.count < MOST_TERMS ? more : null));
    }
    return make("div", {}, ...parts);
  }

  linkTo({ slot, row, column, channel }) {
    const { lab } = this, step = lab.stepFilling(slot);
    const text = cellName(step, { row, column, channel });
    if (!step) return document.createTextNode(say("pixelAt", { row, column, channel }));
    return make("button.link", { type: "button", text, onclick: () => lab.open(step.name, { row, column, channel }) });
  }

  sumLines(work) {
    const { lab } = this, isHidden = lab.isHidden;
    const lines = [];
    const shown = (value) => (isHidden ? "?" : shortNumber(value));
    if (work.sum !== null && work.sum !== undefined) lines.push([say("sumOfProducts"), shown(work.sum)]);
    if (work.bias !== null && work.bias !== undefined) lines.push([say("bias"), shortNumber(work.bias)]);
    if (work.activation) lines.push([say("beforeActivation"), shown(work.before)], [say("afterActivation", { name: work.activation }), shown(work.value)]);
    else lines.push([say("value"), shown(work.value)]);
    if (!isHidden) lines.push(...formulaLines(work).map((line) => [say("formula"), line]));
    const witness = isHidden ? "" : say("networkHas", { value: shortNumber(work.kept), difference: shortNumber(work.difference) });
    const list = make("dl.sums", {}, ...lines.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]));
    const command = lab.commandOf(work);
    return make(
      "div", {}, list, make("p.quiet", { text: witness }),
      lab.isHidden ? lab.quiz.numberForm(work.value) : null,
      command && make("p", {}, make("code", { text: command }), " ", make("button.small", { type: "button", text: say("copy"), onclick: () => handOver(lab, command, "command.txt") })),
    );
  }

  drawNext(work) {
    const { lab } = this;
    const readers = goesTo(lab.steps, work.slot, work.cell);
    const items = readers.map((reader) => {
      const step = lab.stepNamed(reader.stepName), first = reader.first;
      const text = say("goesToCells", { layer: reader.stepName.replace(/:linear$/, ""), count: wholeText(reader.count ?? reader.cells) });
      const shown = lab.stepNamed(reader.stepName.replace(/:linear$/, "")) ?? step;
      return make("li", {}, text, " ", first ? make("button.link", { type: "button", text: cellName(shown, first), onclick: () => lab.open(shown.name, first) }) : null);
    });
    refill(this.next, make("h3", { text: say("goesTo") }), items.length ? make("ul", {}, ...items) : make("p", { text: say("isOutput") }));
  }

  /** Ask the server for a working, once for each number and picture; what comes too late is not shown. */
  async drawAsked(opened) {
    const { lab } = this, key = keyOf(opened), { image } = lab.answer;
    if (this.asked?.key !== key || this.asked.image !== image) {
      if (this.asked?.key !== key) this.drawServed({ title: opened.stepName, lines: [] });
      const refused = (error) => ({ title: opened.stepName, lines: [error.message] });
      this.asked = { key, image, facts: lab.askCell(opened).catch(refused) };
    }
    const { facts } = this.asked, told = await facts;
    if (lab.state.opened && this.asked.facts === facts) this.drawServed(told);
  }

  /** Show the working that the server sent as text lines. */
  drawServed({ title, lines }) {
    this.heading.textContent = title;
    this.canvas.hidden = true;
    this.fieldText.textContent = "";
    refill(this.body, ...(this.lab.isHidden ? ["?"] : lines).map((line) => make("p", { text: line })));
    refill(this.next);
  }
}

function keyOf({ stepName, cell }) {
  return `${stepName}.${cell.row}.${cell.column}.${cell.channel}`;
}

function saidOf({ say: key, values }) {
  return say(key, values);
}
