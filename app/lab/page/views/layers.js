/** Every layer's maps, live: a row for each layer, and its numbers as a table for those who ask. */

import { say } from "../words/index.js";
import { figureButtons } from "./handing.js";
import { make, makeTable, refill } from "./making.js";
import { Mosaic } from "./mosaic.js";
import { percentText, shortNumber, sizesText, summaryOf } from "./numbers.js";

const FIRST_MAPS = 64;
const MOST_ROWS = 512;

/** The maps of one layer. */
class LayerRow {
  constructor(lab, step) {
    Object.assign(this, { lab, step, shown: FIRST_MAPS });
    this.shape = step.shape.length === 3 ? step.shape : [1, step.shape[0], 1];
    const channels = this.shape[2];
    const label = say("mapsOf", { name: step.name, shape: sizesText(step.shape) });
    this.mosaic = new Mosaic(this.shape, label, (cell) => lab.open(step.name, this.asCell(cell)));
    this.range = make("span.quiet");
    this.table = make("div.scroll", { tabIndex: 0, role: "region", "aria-label": say("numbersOf", { name: step.name }) });
    this.details = make("details", { ontoggle: () => this.fillTable() }, make("summary", { text: say("numbersOf", { name: step.name }) }), this.table);
    this.more = make("button", { type: "button", hidden: channels <= FIRST_MAPS, text: say("allMaps", { count: channels }), onclick: () => this.showAll() });
    const buttons = figureButtons(lab, () => this.mosaic.canvas, () => `${lab.contents.model.name}: ${label}`);
    this.element = make(
      "article.layer",
      { data: { step: step.name } },
      make(
        "div.row", {},
        make("h3", {}, make("span.name", { text: step.name }), ` `, make("span.quiet", { text: `${kindOf(lab, step)}, ${sizesText(step.shape)}` })),
        this.range, buttons,
      ),
      make("div.maps", {}, this.mosaic.element),
      this.more,
      step.wholeShape && String(step.wholeShape) !== String(step.shape) ? make("p.quiet", { text: say("someOfLayer", { shape: sizesText(step.shape), whole: sizesText(step.wholeShape) }) }) : null,
      this.details,
    );
  }

  /** A unit of a row of numbers is a channel of a map of one cell. */
  asCell(cell) {
    return this.step.shape.length === 3 ? cell : { row: 0, column: 0, channel: cell.column };
  }

  fit(width) {
    this.mosaic.fit(width, this.shown);
  }

  showAll() {
    this.shown = this.shape[2];
    this.more.hidden = true;
    this.fit(this.lab.widthOf(this.element));
  }

  draw(values) {
    this.values = values;
    const { low, high, zeros, largest } = summaryOf(values);
    this.mosaic.draw(values, largest);
    const facts = { low: shortNumber(low), high: shortNumber(high), zeros: percentText(zeros) };
    this.range.textContent = this.lab.isHidden ? "" : say("rangeOf", facts);
    if (this.details.open) this.fillTable();
  }

  fillTable() {
    if (!this.details.open || !this.values) return;
    const channels = this.shape[2], isRow = this.step.shape.length !== 3;
    const rows = [];
    if (isRow) {
      for (let i = 0; i < Math.min(this.values.length, MOST_ROWS); i += 1) rows.push([i, shortNumber(this.values[i])]);
      refill(this.table, makeTable([say("unit"), say("value")], rows));
      return;
    }
    for (let c = 0; c < Math.min(channels, MOST_ROWS); c += 1) {
      const { low, high, mean, zeros } = summaryOf(this.values, c, channels);
      rows.push([c, shortNumber(low), shortNumber(high), shortNumber(mean), percentText(zeros)]);
    }
    refill(this.table, makeTable(["map", "smallest", "largest", "mean", "zeros"].map((key) => say(key)), rows));
  }
}

/** A layer is called after what it does, and after its activation where that is a step of its own. */
function kindOf(lab, step) {
  const before = lab.stepNamed(`${step.name}:linear`);
  return before ? `${before.kind} + ${step.settings.activation ?? step.kind}` : step.kind;
}

/** All layers that are worth a look. */
export class LayersView {
  constructor(lab) {
    this.lab = lab;
    this.rows = lab.shownSteps().map((step) => new LayerRow(lab, step));
    this.element = make(
      "section.panel.layers",
      {},
      make("h2", { text: say("layers") }),
      make("p.quiet", { text: say("layersHint") }),
      make("p.legend", {}, make("span.swatch.below"), say("below0"), make("span.swatch.zero"), "0", make("span.swatch.above"), say("above0")),
      ...this.rows.map((row) => row.element),
    );
  }

  fit() {
    for (const row of this.rows) row.fit(this.lab.widthOf(row.element));
  }

  draw() {
    for (const row of this.rows) {
      const values = this.lab.answer.values.get(row.step.fills);
      if (values) row.draw(values);
    }
  }

  /** Mark the opened cell. */
  mark(stepName, cell) {
    for (const { step, mosaic } of this.rows) {
      const isHere = step.name === stepName;
      const placed = isHere && step.shape.length !== 3 ? { row: 0, column: cell.channel, channel: 0 } : cell;
      mosaic.mark(isHere ? placed : null);
    }
  }
}
