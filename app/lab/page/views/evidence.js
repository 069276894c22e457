/** Where the network finds evidence for a class: a map of pixels and a map of cells, each with its verdict. */

import { pictureOfMap } from "../engine/maps.js";
import { say } from "../words/index.js";
import { overlay, paintImage } from "./colours.js";
import { figureButtons } from "./handing.js";
import { make, refill } from "./making.js";
import { percentText, shortNumber, sizesText } from "./numbers.js";
import { placeCells, verdictOf } from "./placing.js";

const SATURATED = 0.999;
const MOST_OF_CELLS = 0.62; // opacity of large cells, which would hide the image
const OF_PIXELS = ["vanilla", "guided", "gradient-input"];

/** One map over its image, with what is to be said of it. */
class MapCard {
  constructor(lab, title) {
    this.lab = lab;
    const [height, width] = lab.shape;
    this.canvas = make("canvas.map", { width, height, role: "img", "aria-label": title });
    this.title = make("h3", { text: title });
    this.headline = make("p.headline");
    this.notes = make("ul.notes");
    this.element = make("figure.card", {}, this.title, this.canvas, this.headline, this.notes);
    this.element.append(figureButtons(lab, () => this.canvas, () => `${this.title.textContent}. ${this.headline.textContent}`));
  }

  /** Draw a map, (height, width), over the image. */
  draw(image, shown, raw, explained, { madeOf = "", notes = [], unseen = null, most = 1 }) {
    const { shape, bounds } = this.lab;
    const verdict = verdictOf({ shown, raw, explained, madeOf });
    const bytes = overlay(paintImage(image, shape, bounds), shown, verdict.largest, most);
    if (unseen) hatch(bytes, unseen, shape);
    const context = this.canvas.getContext("2d");
    context.putImageData(new ImageData(bytes, shape[1], shape[0]), 0, 0);
    const values = Object.fromEntries(
      Object.entries(verdict.values).map(([key, value]) => [key, typeof value === "number" ? shortNumber(value) : value]),
    );
    const headline = say(verdict.headline, values);
    this.headline.textContent = madeOf ? say("headlineOf", { headline, madeOf }) : headline;
    this.canvas.setAttribute("aria-label", `${this.title.textContent}: ${this.headline.textContent}`);
    const texts = notes.filter(Boolean);
    if (this.notes.textContent !== texts.join("")) {
      refill(this.notes, ...texts.map((text) => make("li", { text })));
    }
  }
}

/** Make pixels that no cell sees quiet stripes. */
function hatch(bytes, unseen, [height, width]) {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!unseen[y * width + x]) continue;
      const shade = (x + y) % 3 === 0 ? 120 : 190;
      bytes.set([shade, shade, shade, 255], 4 * (y * width + x));
    }
  }
}

/** The two maps, the class that they explain, and which map of pixels is shown. */
export class EvidenceView {
  constructor(lab) {
    this.lab = lab;
    this.heading = make("h2", { text: say("evidence") });
    this.pixels = new MapCard(lab, say("vanilla"));
    this.cells = lab.hasMaps ? new MapCard(lab, say("gradcam")) : null;
    this.method = make(
      "select",
      { id: "method", onchange: () => lab.change({ method: this.method.value }) },
      ...OF_PIXELS.map((name) => make("option", { value: name, text: say(name) })),
    );
    this.signs = make("input", { type: "checkbox", id: "signs", onchange: () => lab.change({ isSigned: this.signs.checked }) });
    this.unpinned = make("button", { type: "button", text: say("followPrediction"), onclick: () => lab.change({ classIndex: null }) });
    const controls = make(
      "div.row",
      {},
      make("label", { for: "method", text: say("mapOfPixels") }),
      this.method,
      make("label.check", {}, this.signs, say("withSigns")),
      this.unpinned,
    );
    const cards = make("div.cards", {}, this.pixels.element, this.cells && this.cells.element);
    this.common = make("ul.notes");
    this.element = make("section.panel.evidence", {}, this.heading, controls, cards, this.common);
  }

  draw() {
    const { lab } = this, { state, answer } = lab;
    const name = lab.classes[answer.explained];
    this.heading.textContent = lab.isHidden ? say("evidence") : say("evidenceFor", { name });
    this.method.value = state.method;
    this.signs.checked = state.isSigned;
    this.unpinned.hidden = state.classIndex === null;
    const [height, width] = lab.shape;
    const shown = pictureOfMap({ shape: lab.shape, data: answer.pixels, shows: "magnitude" }, state.isSigned);
    this.pixels.title.textContent = say(state.method);
    this.pixels.draw(answer.image, shown, answer.pixels, name, {
      notes: [state.method === "guided" ? say("guidedNote") : "", state.method === "gradient-input" ? say("timesInputNote") : ""],
      unseen: lab.unseen,
    });
    if (this.cells && answer.cells) this.drawCells(answer, name, height, width);
    const share = answer.shares[answer.explained], largest = Math.max(...answer.shares);
    const isSaturated = ["softmax", "sigmoid"].includes(lab.head.kind) && (share >= SATURATED || share <= 1 - SATURATED);
    const why = largest >= SATURATED ? say("saturated") : say("probabilityNearZero");
    const texts = lab.isHidden ? [] : [isSaturated ? say("saturatedNote", { why, share: percentText(share) }) : "", lab.unseen ? say("unseenNote") : ""];
    refill(this.common, ...texts.filter(Boolean).map((text) => make("li", { text })));
  }

  drawCells({ image, cells }, name, height, width) {
    const { lab } = this, placement = lab.lastPlacement;
    const shownCells = lab.state.isSigned ? cells : cells.map((value) => Math.max(value, 0));
    const shown = placeCells(shownCells, placement, height, width);
    const note = placement.window === null ? say("cellsStretched")
      : placement.isSpread ? say("cellsSpread")
      : say("cellsSee", { size: sizesText(placement.window), count: cells.length });
    this.cells.draw(image, shown, cells, name, {
      madeOf: lab.lastNames, notes: [note], unseen: placement.unseen ?? lab.unseen, most: MOST_OF_CELLS,
    });
  }
}
