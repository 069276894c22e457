/** The picture: drawn, taken from the test images, or somebody's own; and the steps by which it becomes the input. */

import { takePictures } from "../drawing/dropping.js";
import { createPad } from "../drawing/pad.js";
import { fitPicture, scaledPixels } from "../drawing/fitting.js";
import { PREPARING_STEPS, prepareSign } from "../drawing/preparing.js";
import { strokesAsText, strokesFromText } from "../drawing/strokes.js";
import { bytesOfBase64 } from "../engine/base64.js";
import { say } from "../words/index.js";
import { paintImage } from "./colours.js";
import { make, refill } from "./making.js";
import { numbersIn } from "./checking.js";

const PAD_PIXELS = 280;
const STAGES_REST = 200; // ms between two drawings of the steps while the hand moves
const PICTURE_CHANNELS = [1, 3];

/** The pad, the images on offer, and what the network gets. */
export class PictureView {
  constructor(lab) {
    Object.assign(this, { lab, input: null, given: null });
    this.ink = lab.contents.ink;
    this.isSign = this.ink !== null;
    this.pad = createPad({ say, changed: (drawing) => this.drawn(drawing) });
    this.stages = make("ol.stages");
    this.warnings = make("p.quiet", { role: "status" });
    this.switches = PREPARING_STEPS.map((step) => {
      const box = make("input", { type: "checkbox", checked: true, onchange: () => this.switched() });
      return { step, box, label: make("label.check", {}, box, say(`step${step[0].toUpperCase()}${step.slice(1)}`)) };
    });
    this.preparing = make("div", {}, make("h3", { text: say("asInput") }), this.stages, this.warnings);
    if (this.isSign) this.preparing.append(make("div.row.switches", { role: "group", "aria-label": say("switchedOff") }, ...this.switches.map(({ label }) => label)));
    const field = make("input", { type: "file", accept: "image/*", id: "own-picture" });
    this.dropping = make("div.taking", {}, make("label", { for: "own-picture", text: say("dropHere") }), field);
    lab.stopTaking?.(); // the page is built anew in another language
    lab.stopTaking = takePictures({
      element: this.dropping, field,
      took: (picture, name) => lab.change({ picture: { kind: "own", picture, name } }),
      refused: ({ say: key, values }) => lab.tell(say(key, values)),
    });
    const isOfPictures = PICTURE_CHANNELS.includes(lab.shape[2]);
    this.element = make(
      "section.panel.picture",
      {},
      make("h2", { text: say("picture") }),
      isOfPictures ? null : make("p", { text: say("otherChannels", { count: lab.shape[2] }) }),
      make("div.pad", { hidden: !isOfPictures }, this.pad.canvas, this.tools(), make("details.quiet", {}, make("summary", { text: say("howToDraw") }), this.pad.help), this.pad.status),
      this.preparing,
    );
    this.others = make(
      "section.panel.offers",
      { hidden: !isOfPictures && !lab.contents.images.length },
      lab.contents.images.length ? make("h3", { text: say("testImages") }) : null,
      make("ul.thumbs", {}, ...lab.contents.images.map((image, index) => this.thumb(image, index))),
      make("h3", { text: say("ownPicture"), hidden: !isOfPictures }),
      this.dropping,
    );
    this.dropping.hidden = !isOfPictures;
  }

  thumb(image, index) {
    const { lab } = this, [height, width] = lab.shape;
    const canvas = make("canvas", { width, height });
    canvas.getContext("2d").putImageData(new ImageData(paintImage(this.inputOf(image), lab.shape, lab.bounds), width, height), 0, 0);
    const label = this.nameOf(image);
    return make("li", {}, make("button", { type: "button", "aria-label": label, title: label, onclick: () => lab.change({ picture: { kind: "test", index } }) }, canvas));
  }

  /** Return what an image that the page offers is called, with its label. */
  nameOf({ title, index, label }) {
    const name = index === null ? title : say("testImage", { index });
    const isTold = label !== null && !this.lab.isHidden;
    return isTold ? say("labelled", { image: name, name: this.lab.classes[label] }) : name;
  }

  /** Return an image that the page offers as the network takes it. */
  inputOf(image) {
    return image.inputs ? numbersIn(image.inputs) : this.scaled(bytesOfBase64(image.bytes));
  }

  /** Return bytes (height, width, channels) as the network takes them. */
  scaled(bytes) {
    return scaledPixels(bytes, this.lab.shape[2], this.lab.contents.pixels);
  }

  /** Take the picture that the page's state names. */
  take(picture) {
    this.state = picture;
    if (picture.kind === "test") {
      const image = this.lab.contents.images[picture.index];
      this.given = null;
      this.input = this.inputOf(image);
      this.show([{ text: this.nameOf(image), input: this.input }], []);
      for (const { box } of this.switches) box.disabled = true;
      return;
    }
    if (picture.kind === "own") {
      this.given = picture.picture;
      this.prepare();
      return;
    }
    const { strokes, refused } = strokesFromText(picture.strokes || strokesAsText([]));
    if (refused) this.lab.tell(say(refused.say, refused.values));
    if (strokesAsText(strokes) === strokesAsText(this.pad.strokes())) this.drawn({ pixels: this.pad.grey(), side: PAD_PIXELS, isDrawing: false });
    else this.pad.draw(strokes);
  }

  /**
   * The pad was drawn on. While a stroke is drawn, only the newest drawing waits until the last one was answered: else
   * the page would prepare pictures that nobody sees, and answers would come late.
   */
  drawn(drawing) {
    this.newest = drawing;
    if (!drawing.isDrawing || !this.lab.underWay) this.goOn();
  }

  /** Take the newest drawing, if there is one that was not taken; while a stroke is drawn the address waits. */
  goOn() {
    if (!this.newest) return;
    const { lab } = this, { pixels, side, isDrawing } = this.newest;
    this.newest = null;
    const strokes = this.pad.strokes();
    const isEmpty = !strokes.length && !isDrawing;
    if (isEmpty && this.state && this.state.kind !== "drawn") return;
    this.given = isEmpty ? null : { width: side, height: side, channels: 1, data: pixels };
    this.state = { kind: "drawn", strokes: strokes.length ? strokesAsText(strokes) : "" };
    lab.state = { ...lab.state, picture: this.state };
    if (!isDrawing) lab.writeAddress();
    const now = performance.now();
    if (!this.isDrawing) this.shownAt = now;
    this.isDrawing = isDrawing;
    this.prepare(!isDrawing || now - this.shownAt > STAGES_REST);
    if (this.input || !isDrawing) lab.look(); // a pen that was only put down has drawn nothing yet
  }

  tools() {
    const { pad } = this;
    const button = (key, does) => make("button.small", { type: "button", text: say(key), onclick: does });
    const eraser = button("eraser", () => {
      this.isErasing = !this.isErasing;
      pad.setPen({ erases: this.isErasing });
      eraser.setAttribute("aria-pressed", String(this.isErasing));
    });
    eraser.setAttribute("aria-pressed", "false");
    const width = make("input", { type: "range", id: "pen-width", min: 20, max: 160, value: "70", oninput: () => pad.setPen({ width: Number(width.value) }) });
    return make(
      "div.row", {},
      button("clear", () => pad.clear()), button("undo", () => pad.undo()), button("redo", () => pad.redo()), eraser,
      make("label", { for: "pen-width" }, say("penWidth"), width),
      button("saveDrawing", () => this.saveDrawing()),
    );
  }

  saveDrawing() {
    const side = PAD_PIXELS, canvas = make("canvas", { width: side, height: side }); // without the keyboard's cursor
    const bytes = paintImage(this.pad.grey(), [side, side, 1], [0, 255]);
    canvas.getContext("2d").putImageData(new ImageData(bytes, side, side), 0, 0);
    canvas.toBlob((blob) => {
      const link = make("a", { href: URL.createObjectURL(blob), download: "drawing.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
  }

  switched() {
    this.lab.change({ without: this.switches.filter(({ box }) => !box.checked).map(({ step }) => step) });
  }

  /**
   * Make the network's input of the picture.
   * @param {boolean} isShown whether the steps are drawn, too; while a stroke is drawn, only now and then
   */
  prepare(isShown = true) {
    const { lab } = this, [height, width] = lab.shape;
    for (const { step, box } of this.switches) Object.assign(box, { disabled: false, checked: !lab.state.without.includes(step) });
    if (!this.given) {
      this.input = null;
      this.show([], []);
      return;
    }
    const made = this.isSign
      ? prepareSign(this.given, [height, width], this.ink, lab.state.without)
      : { warnings: [], refused: null, ...fitPicture(this.given, lab.shape) };
    this.input = made.refused ? null : this.scaled(made.pixels);
    if (!isShown) return;
    if (this.isDrawing) this.shownAt = performance.now();
    const stages = made.steps.map(({ say: key, values, picture }) => ({ text: say(key, values), picture }));
    this.show(stages, [made.refused, ...made.warnings].filter(Boolean).map(({ say: key, values }) => say(key, values)));
  }

  /** Show the steps; their canvases are painted anew, not made anew, for a stroke is shown at every movement. */
  show(stages, warnings) {
    const { shape, bounds } = this.lab, shown = [...this.stages.children];
    const items = stages.map(({ text, picture, input }, place) => {
      const item = shown[place] ?? make("li", {}, make("canvas", { role: "img" }), make("span"));
      const [canvas, name] = item.children;
      name.textContent = text;
      if (picture) paintOn(canvas, picture.data, [picture.height, picture.width, picture.channels], [0, 255]);
      else paintOn(canvas, input, shape, bounds);
      canvas.setAttribute(picture ? "aria-hidden" : "aria-label", picture ? "true" : say("asInput"));
      canvas.removeAttribute(picture ? "aria-label" : "aria-hidden");
      return item;
    });
    if (items.length !== shown.length) refill(this.stages, ...items);
    this.warnings.textContent = warnings.join(" ");
  }
}

/** Paint an image on a canvas, which becomes as large. */
function paintOn(canvas, values, [height, width, channels], bounds) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const bytes = paintImage(values, [height, width, channels], bounds);
  canvas.getContext("2d").putImageData(new ImageData(bytes, width, height), 0, 0);
}
