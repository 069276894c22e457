/** The network on paper: each layer counted by formula, and changed to see what becomes of all that follow. */

import { changeInput, changeLayer, whatCanChange } from "../paper/changing.js";
import { countNetwork, listPaperInputs } from "../paper/network.js";
import { say } from "../words/index.js";
import { make, refill } from "./making.js";
import { sizesText } from "./numbers.js";

/** The table of a network, with a form in the row that is open. */
export class PaperView {
  constructor(lab) {
    Object.assign(this, { lab, original: lab.contents.network, open: null, text: null });
    this.element = make("section.panel.paper", {}, make("h2", { text: say("onPaper") }));
    if (!this.original) {
      this.element.append(make("p", { text: say("notOnPaper", { why: lab.contents.notOnPaper }) }));
      return;
    }
    this.reset = make("button", { type: "button", text: say("asItIs"), onclick: () => this.apply([]) });
    this.said = make("p.said", { role: "status", "aria-live": "polite" });
    this.form = make("div.change");
    this.table = make("div.scroll", { tabIndex: 0, role: "region", "aria-label": say("onPaper") });
    this.working = make("div.workings");
    const { drawing, model } = lab.contents;
    if (drawing) {
      const source = `data:image/svg+xml;base64,${drawing}`;
      this.element.append(make("img.network", { src: source, alt: say("drawingOf", { name: model.name }) }));
    }
    this.element.append(
      make("p.quiet", { text: say("paperHint") }), make("div.row", {}, this.reset), this.said, this.form, this.table, this.working,
    );
    this.before = new Map(countNetwork(this.original).rows.map((row) => [row.name, row]));
  }

  /** Return the changes that the page's address holds: [[layer, setting, value]]; "input" is the image. */
  changes() {
    try {
      const told = JSON.parse(this.lab.state.paper || "[]");
      return Array.isArray(told) ? told.filter((each) => Array.isArray(each) && each.length === 3).slice(0, 200) : [];
    } catch {
      return [];
    }
  }

  apply(changes) {
    this.lab.change({ paper: changes.length ? JSON.stringify(changes) : "" });
  }

  set(layer, setting, value) {
    const others = this.changes().filter(([name, key]) => name !== layer || key !== setting);
    this.apply([...others, [layer, setting, value]]);
  }

  network() {
    let network = this.original;
    for (const [layer, setting, value] of this.changes()) {
      network = setting === "input" ? changeInput(network, value, layer) : changeLayer(network, layer, { [setting]: value });
    }
    return network;
  }

  draw() {
    if (!this.original) return;
    const network = this.network(), { rows, totals, problem } = countNetwork(network);
    this.counted = new Map(rows.map((row) => [row.name, row]));
    const text = problem ? say(problem.say, problem.values) : say("paperTotals", {
      parameters: totals.parameters.text, macs: totals.macs.text, atLeast: totals.exact ? "" : say("atLeast"),
    });
    this.said.textContent = text;
    this.said.classList.toggle("wrong", Boolean(problem));
    this.reset.disabled = !this.lab.state.paper;
    refill(this.table, this.makeRows(network, rows));
    this.drawForm(network);
    this.drawWorking();
  }

  makeRows(network, rows) {
    const heads = ["layer", "kind", "outputShape", "parameters", "macs", "sees"];
    const body = rows.map((row) => {
      const before = this.before.get(row.name);
      const button = make("button.link", {
        type: "button", text: row.name, "aria-expanded": String(this.open === row.name),
        onclick: () => { this.open = this.open === row.name ? null : row.name; this.draw(); },
      });
      const stop = row.problem ?? row.waits;
      const cells = stop
        ? [make("td", { colSpan: 4, text: say(stop.say, stop.values) })]
        : [
            this.cell(row.shape ? sizesText(row.shape) : "?", before?.shape ? sizesText(before.shape) : "?"),
            this.cell(row.isWeighed ? row.parameters.text : "?", before?.parameters?.text),
            this.cell(row.macs?.text ?? "?", before?.macs?.text ?? "?"),
            this.cell(fieldText(row), before ? fieldText(before) : ""),
          ];
      return make("tr", { class: row.problem ? "problem" : row.waits ? "waits" : null }, make("th", { scope: "row" }, button), make("td", { text: row.kind }), ...cells);
    });
    return make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...heads.map((key) => make("th", { scope: "col", text: say(key) })))),
      make("tbody", {}, ...body),
    );
  }

  /** A value that differs from the network's own is marked, and says what it was. */
  cell(text, before) {
    if (before === undefined || text === before) return make("td.number", { text });
    return make("td.number.changed", {}, make("strong", { text }), " ", make("s", { text: before }));
  }

  drawForm(network) {
    const input = listPaperInputs(network).find(({ name }) => name === this.open);
    const layer = network.layers.find(({ name }) => name === this.open);
    if (input) {
      refill(this.form, make("h3", { text: say("changeInput") }), this.field({ name: "input", kind: "axes", value: input.shape }, input.name));
      return;
    }
    const settings = layer ? whatCanChange(layer) : [];
    if (!layer) refill(this.form);
    else if (!settings.length) refill(this.form, make("p.quiet", { text: say("nothingToChange", { name: layer.name }) }));
    else refill(this.form, make("h3", { text: say("changeLayer", { name: layer.name }) }), make("div.row", {}, ...settings.map((setting) => this.field(setting, layer.name))));
  }

  /** Return the control of one setting. */
  field({ name, kind, value, choices, least }, layer) {
    const id = `set-${name}`;
    const put = (made) => this.set(layer, name, made);
    let control;
    if (kind === "choice") {
      control = make("select", { id, onchange: () => put(control.value) }, ...choices.map((choice) => make("option", { value: choice, text: choice })));
      control.value = value;
    } else if (kind === "flag") {
      control = make("input", { id, type: "checkbox", checked: Boolean(value), onchange: () => put(control.checked) });
    } else {
      const isOne = kind === "whole";
      control = make("input", {
        id, type: isOne ? "number" : "text", value: writtenSizes(value), min: isOne ? least : null,
        autocomplete: "off", onchange: () => put(readSizes(control.value)),
      });
    }
    return make("label.field", { for: id }, make("span", { text: name === "input" ? say("inputShape") : name }), control);
  }

  drawWorking() {
    const row = this.counted.get(this.open);
    if (!row || row.problem || row.waits) {
      refill(this.working);
      return;
    }
    const lines = [
      ...(row.sizes ?? []).map((size, axis) => (size.working ? [say("sizeOfAxis", { axis }), size.line] : null)),
      row.parameters.working ? [say("parameters"), row.parameters.line] : null,
      row.macs?.working ? [say("macs"), row.macs.line] : null,
      row.connections?.working ? [say("connections"), row.connections.line] : null,
      [say("sees"), fieldText(row)],
    ].filter(Boolean);
    refill(
      this.working,
      make("h3", { text: say("workingOf", { name: row.name }) }),
      make("dl.sums", {}, ...lines.flatMap(([name, line]) => [make("dt", { text: name }), make("dd", { text: line })])),
    );
  }
}

function fieldText(row) {
  const { field } = row;
  if (!field) return "?";
  if (!field.whole) return field.text;
  const [size, image] = [sizesText(field.size), sizesText(field.image)];
  return size === image ? say("seesAll") : say("seesPart", { size, image });
}

/** Return sizes as they are typed: `3`, `3 3`. */
function writtenSizes(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.flat().join(" ") : String(value);
}

/** Return what was typed: one number, several, or, where it is none, the text itself, which is then explained. */
function readSizes(text) {
  const parts = text.trim().split(/[\s,x×]+/).filter(Boolean);
  const numbers = parts.map(Number);
  if (!numbers.length || numbers.some(Number.isNaN)) return text.trim();
  if (numbers.length === 4) return [numbers.slice(0, 2), numbers.slice(2)];
  return numbers.length === 1 ? numbers[0] : numbers;
}
