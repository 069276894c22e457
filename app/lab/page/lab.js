/** The page's state, and who is told when it changes: a picture is looked at, and every view draws what was found. */

import { lookAt } from "./engine/answering.js";
import { Machine } from "./engine/machine.js";
import { PictureView } from "./views/picture.js";
import { addressOf, readAddress } from "./views/address.js";
import { CellView } from "./views/cell.js";
import { checkItself, numbersIn } from "./views/checking.js";
import { EvidenceView } from "./views/evidence.js";
import { LayersView } from "./views/layers.js";
import { make, refill } from "./views/making.js";
import { shortNumber, sizesText } from "./views/numbers.js";
import { PaperView } from "./views/paper.js";
import { PredictionView } from "./views/prediction.js";
import { Quiz } from "./views/quiz.js";
import { TrainingView } from "./views/training.js";
import { warmUp } from "./views/warming.js";
import { handOver, shellWord } from "./views/handing.js";
import { PREPARING_STEPS } from "./drawing/preparing.js";
import { LANGUAGES, language, say, speak } from "./words/index.js";

const HIDDEN_KINDS = new Set(["Flatten", "Reshape", "Dropout", "Identity", "Rescaling", "Permute"]);
const NO_CHANGE = { picture: { kind: "none" }, without: [], classIndex: null, method: "vanilla" };

/** One page: its contents, its state, its views. */
export class Lab {
  /**
   * @param {object} contents what the page was told
   * @param {object} engine asked by promises: `load(program, name)`, `look(asked)`, `cell(opened)` where a server answers
   * @param {HTMLElement} root
   */
  constructor(contents, engine, root) {
    Object.assign(this, { contents, engine, root, answer: null, views: {}, machines: new Map(), loaded: new Map() });
    this.classes = contents.classes;
    this.shape = contents.shape;
    this.bounds = contents.pixels.bounds;
    this.head = contents.program.head;
    this.isServed = Boolean(contents.served);
    this.unseen = maskIn(contents.placements.unseen);
    this.readPlacements();
    this.byName = new Map(this.steps.map((step) => [step.name, step]));
    this.bySlot = new Map(this.steps.map((step) => [step.fills, step]));
    this.state = { ...NO_CHANGE, isSigned: false, opened: null, tab: "inside", epoch: null, isQuiz: false, paper: "" };
    this.counter = 0; // looks that were asked
    this.oldest = 1; // the first of them whose answer is still shown
    this.underWay = 0; // those that are not answered yet
  }

  readPlacements() {
    const { layers, last } = this.contents.placements;
    const found = layers.filter((layer) => last.includes(layer.slot));
    this.hasMaps = found.length > 0;
    if (!this.hasMaps) return;
    this.lastPlacement = { ...found[0], unseen: maskIn(found[0].unseen) };
    this.lastNames = found.map((layer) => layer.name).join(" + ");
    const step = this.contents.program.steps.find((each) => each.fills === found[0].slot);
    if (step) this.lastNames += `, ${sizesText(step.shape)}`;
  }

  /** The steps of the network, with the weights that the slider asks for. */
  get steps() {
    return this.isServed ? this.contents.program.steps : this.machine.steps;
  }

  /** The machine with the weights that the slider asks for; the last ones without it. */
  get machine() {
    return this.machineOf(this.modelKey);
  }

  /** The number of the epoch that the slider asks for, by which its machine is kept; "model": the last one. */
  get modelKey() {
    const epoch = this.state?.epoch ?? null;
    return epoch === null || epoch === this.contents.epochs.length - 1 ? "model" : epoch;
  }

  machineOf(key) {
    const { epochs, program } = this.contents;
    if (!this.machines.has(key)) {
      const arrays = key === "model" ? program.arrays : epochs[key].arrays;
      this.machines.set(key, new Machine({ ...program, arrays }));
    }
    return this.machines.get(key);
  }

  stepNamed(name) {
    return this.byName.get(name);
  }

  stepFilling(slot) {
    const step = this.bySlot.get(slot);
    return step && this.byName.has(step.name.replace(/:linear$/, "")) ? this.byName.get(step.name.replace(/:linear$/, "")) : step;
  }

  /** Return the steps that have a row of their own: what is drawn before its activation is not drawn twice. */
  shownSteps() {
    return this.steps.filter(
      ({ name, kind, shape }) =>
        !(name.endsWith(":linear") && this.byName.has(name.slice(0, -7))) &&
        !HIDDEN_KINDS.has(kind) && (shape.length === 3 || shape.length === 1),
    );
  }

  widthOf(element) {
    return Math.max(240, element.clientWidth - 8);
  }

  /** Whether answers are hidden for a quiz. */
  get isHidden() {
    return this.state.isQuiz && !this.quiz.isRevealed;
  }

  /** Build the views in the language that is spoken, and show what the address says. */
  build() {
    const { contents } = this;
    document.documentElement.lang = language();
    this.toast = make("p.toast", { role: "status", "aria-live": "polite" });
    this.status = make("span.check", { text: say("checking") });
    this.quiz = new Quiz(this);
    this.picture = new PictureView(this);
    this.prediction = new PredictionView(this.classes, this.head.kind === "value", (index) => this.change({ classIndex: index }));
    this.evidence = new EvidenceView(this);
    this.layers = new LayersView(this);
    this.cell = new CellView(this);
    this.paper = new PaperView(this);
    this.training = new TrainingView(this);
    const inside = make(
      "div.inside", { id: "tab-inside" },
      make("div.columns", {}, this.picture.element, make("div.stack", {}, this.quiz.element, this.prediction.element, this.picture.others), this.evidence.element),
      this.cell.element, this.layers.element,
    );
    this.tabs = {
      training: { element: make("div", {}, this.training.element), isShown: (tab) => tab === "training" },
      inside: { element: inside, isShown: (tab) => tab !== "paper" },
      paper: { element: make("div", {}, this.paper.element), isShown: (tab) => tab === "paper" },
    };
    const notes = [contents.served ? say("servedNote", { why: contents.served }) : "", contents.isHalf ? say("halfNote") : "", ...contents.model.notes].filter(Boolean);
    refill(
      this.root,
      this.header(),
      make("main", {}, make("p.status", {}, this.status), ...notes.map((text) => make("p.note", { text })), ...Object.values(this.tabs).map(({ element }) => element)),
      this.footer(),
      this.toast,
    );
    this.layers.fit();
  }

  header() {
    const { contents } = this;
    const tab = (name) => make("button.tab", { type: "button", data: { tab: name }, text: say(`tab-${name}`), onclick: () => this.change({ tab: name }) });
    this.tabButtons = ["inside", "paper", "training"].map(tab);
    this.quizButton = make("button", { type: "button", text: say("quiz"), onclick: () => this.change({ isQuiz: !this.state.isQuiz }) });
    const words = LANGUAGES.filter((name) => name !== language()).map((name) =>
      make("button", { type: "button", lang: name, text: { en: "English", zh: "中文" }[name], onclick: () => this.changeLanguage(name) }));
    const link = make("button", { type: "button", text: say("copyLink"), onclick: () => this.copyLink() });
    return make(
      "header",
      {},
      make("h1", {}, make("span.brand", { text: "ConvLab" }), " ", make("span", { text: contents.model.name })),
      make("nav", { "aria-label": say("parts") }, ...this.tabButtons),
      make("div.row.tools", {}, this.quizButton, link, ...words),
    );
  }

  footer() {
    this.command = make("code");
    const copy = make("button.small", { type: "button", text: say("copy"), onclick: () => handOver(this, this.command.textContent, "command.txt") });
    return make("footer", {}, make("p", {}, say("sameInTerminal"), " ", this.command, " ", copy));
  }

  changeLanguage(name) {
    speak(name);
    this.build();
    this.restore();
    this.runCheckText();
  }

  /** Take what the address says, or the first image. */
  start() {
    this.build();
    const told = this.readAddress();
    this.change(told, true);
    window.addEventListener("hashchange", () => {
      if (location.hash.slice(1) === this.written) return;
      this.change(this.readAddress(), true);
    });
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      this.layers.fit();
    });
    this.check().then(() => warmUp(this));
  }

  readAddress() {
    const { images, epochs } = this.contents;
    const told = readAddress(location.hash, {
      images: images.length, classes: this.classes.length, epochs: epochs.length, stages: PREPARING_STEPS,
      steps: { isThere: (name) => this.byName.has(name) },
    });
    if (told.language && told.language !== language()) {
      speak(told.language);
      this.build();
    }
    delete told.language;
    if (told.opened && !this.isCell(told.opened)) told.opened = null;
    if (!told.picture) told.picture = images.length ? { kind: "test", index: 0 } : { kind: "drawn", strokes: "" };
    return told;
  }

  isCell({ stepName, cell }) {
    const shape = this.stepNamed(stepName).shape;
    const [rows, columns, channels] = shape.length === 3 ? shape : [1, 1, shape.at(-1)];
    return cell.row < rows && cell.column < columns && cell.channel < channels;
  }

  /** Change some of the state; what depends on it is worked out and drawn. */
  change(changes, isNew = false) {
    const before = this.state;
    this.state = { ...before, ...changes };
    const { state } = this;
    if (isNew || state.picture !== before.picture || state.without !== before.without) {
      this.picture.take(state.picture);
      this.quiz.begin();
    }
    if (state.isQuiz !== before.isQuiz) this.quiz.begin();
    this.writeAddress();
    for (const { element, isShown } of Object.values(this.tabs)) element.hidden = !isShown(state.tab);
    for (const button of this.tabButtons) button.setAttribute("aria-current", String(button.dataset.tab === state.tab));
    if (state.tab !== before.tab) this.layers.fit(); // the window may have been resized meanwhile
    this.quizButton.setAttribute("aria-pressed", String(state.isQuiz));
    this.quiz.element.hidden = !state.isQuiz;
    if (state.tab === "paper") this.paper.draw();
    if (state.tab === "training") this.training.draw();
    this.oldest = this.counter + 1; // what was asked before is answered no more
    this.look();
    this.redraw();
    this.command.textContent = this.commandOf(null);
  }

  restore() {
    this.change({}, true);
  }

  writeAddress() {
    this.written = addressOf(this.state, language());
    try {
      history.replaceState(null, "", `#${this.written}`);
    } catch {
      // a page in a frame without an address of its own keeps its state to itself
    }
  }

  async copyLink() {
    await handOver(this, location.href, "link.txt");
  }

  /**
   * Ask what the network makes of the picture; a newer question replaces one that waits. While a stroke is drawn, each
   * answer is shown although a newer question is on its way: else nothing would be seen until the hand rests.
   */
  async look() {
    const image = this.picture.input;
    if (!image) {
      this.oldest = this.counter + 1;
      this.answer = null;
      this.prediction.clear(say("drawSomething"));
      this.showAnswer(false);
      return;
    }
    const number = (this.counter += 1);
    const { classIndex, method } = this.state;
    try {
      const machine = this.isServed ? null : this.machine, model = machine ? this.modelKey : "model";
      if (machine && !this.loaded.has(model)) this.loaded.set(model, this.engine.load({ ...machine.program }, model));
      await this.loaded.get(model);
      const methods = this.hasMaps ? [method, "gradcam"] : [method];
      this.underWay += 1;
      const asked = this.engine.look({ image, classIndex, methods, values: "all", model });
      const found = await asked.finally(() => (this.underWay -= 1));
      if (!found || number < this.oldest) {
        this.picture.goOn();
        return;
      }
      this.oldest = number;
      this.answer = {
        image, outputs: found.outputs, values: found.values, explained: found.classIndex,
        shares: Array.from(found.probabilities), pixels: found.maps[method].data, cells: found.maps.gradcam?.data ?? null,
        ms: found.ms,
      };
      this.redraw();
      this.picture.goOn();
    } catch (error) {
      this.tell(error.say ? say(error.say, error.values) : error.message);
    }
  }

  /** Without an answer there is no evidence, no map and no number to be seen. */
  showAnswer(isThere) {
    for (const { element } of [this.evidence, this.layers, this.cell]) element.hidden = !isThere;
  }

  /** Draw everything again from what is known. */
  redraw() {
    if (!this.answer) return;
    const { state, answer } = this;
    this.prediction.hidden = this.isHidden;
    this.prediction.draw(answer.shares, answer.explained, state.classIndex !== null);
    if (state.tab === "paper") return;
    this.showAnswer(true);
    this.evidence.draw();
    this.layers.draw();
    this.cell.draw(state.opened);
    if (state.opened) this.layers.mark(state.opened.stepName, state.opened.cell);
    document.body.dataset.drawn = String(Number(document.body.dataset.drawn ?? 0) + 1);
  }

  /** Open one number. */
  open(stepName, cell) {
    const opened = { stepName, cell };
    if (!this.byName.has(stepName) || !this.isCell(opened)) {
      this.tell(say("noSuchCell"));
      return;
    }
    this.quiz.isRevealed = this.quiz.isRevealed && this.state.opened === null;
    this.change({ opened, tab: this.state.tab === "paper" ? "inside" : this.state.tab });
    this.cell.heading.focus({ preventScroll: true });
    this.cell.element.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.layers.mark(null, null);
    this.change({ opened: null });
  }

  /** Ask the server for the working of a number. */
  async askCell(opened) {
    return this.engine.cell({ ...opened, image: this.answer.image });
  }

  /** Return the command that shows the same in a terminal: of a number, or of the maps. */
  commandOf(work) {
    const { state, contents } = this, argument = shellWord(contents.model.argument);
    const test = state.picture.kind === "test" ? contents.images[state.picture.index] : null;
    const which = test && test.index !== null && test.index !== undefined ? `--index ${test.index}` : "--image drawing.png";
    if (work) {
      const { row, column, channel } = work.cell;
      const cell = this.stepNamed(work.stepName).shape.length === 3 ? ` --cell ${row},${column}` : "";
      const network = argument.includes(".") ? `network --model ${argument}` : argument;
      return `python -m app.walk ${network} ${which} --layer ${shellWord(work.stepName.replace(/:linear$/, ""))}${cell} --filter ${channel}`;
    }
    if (state.tab === "paper") return `python -m app.params ${argument}`;
    const wanted = state.classIndex === null ? "" : ` --class ${state.classIndex}`;
    const cam = this.hasMaps ? " --method gradcam" : "";
    return `python -m app.saliency --model ${argument} ${which}${wanted} --method ${state.method}${cam}${state.isSigned ? " --signed" : ""}`;
  }

  /** Say something that passes. */
  tell(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => (this.toast.hidden = true), 6000);
  }

  /** Hold the page's own numbers against Keras'. */
  async check() {
    const { contents } = this;
    if (this.isServed) {
      this.checked = { say: "servedCheck", values: { by: contents.check.by }, isRight: true };
      this.runCheckText();
      return;
    }
    const inputs = contents.check.inputs
      ? splitImages(numbersIn(contents.check.inputs), contents.check.count)
      : contents.images.slice(0, contents.check.count).map((image) => this.picture.inputOf(image));
    try {
      const result = await checkItself(contents, inputs, (asked) => this.lookForCheck(asked));
      const values = { worst: shortNumber(result.worst), count: result.count, by: result.of, names: result.damaged.join(", ") };
      const key = result.damaged.length ? "checkDamaged" : result.isRight ? (contents.check.isOfImages ? "checkRight" : "checkRightRandom") : "checkWrong";
      this.checked = { say: key, values, isRight: result.isRight };
    } catch (error) {
      this.checked = { say: "checkFailed", values: { why: error.say ? say(error.say, error.values) : error.message }, isRight: false };
    }
    this.runCheckText();
  }

  async lookForCheck({ image, classIndex, method }) {
    const found = lookAt(this.machineOf("model"), { image, classIndex, methods: this.hasMaps ? [method, "gradcam"] : [method] });
    await new Promise((resolve) => setTimeout(resolve, 0));
    return { outputs: found.outputs, pixels: found.maps[method].data, cells: found.maps.gradcam?.data };
  }

  runCheckText() {
    if (!this.checked) return;
    this.status.textContent = say(this.checked.say, this.checked.values);
    this.status.classList.toggle("wrong", !this.checked.isRight);
    this.status.dataset.isRight = String(this.checked.isRight);
  }
}

function maskIn(text) {
  if (!text) return null;
  const bytes = atob(text);
  return Uint8Array.from(bytes, (sign) => sign.charCodeAt(0));
}

function splitImages(values, count) {
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
