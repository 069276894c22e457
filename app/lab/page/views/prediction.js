/** What the network says: a bar for each class, and a sentence for those who listen. */

import { say } from "../words/index.js";
import { make, refill } from "./making.js";
import { percentText, shortNumber } from "./numbers.js";

const MOST_BARS = 10;

/** A list of classes with their probabilities. */
export class PredictionView {
  /**
   * @param {string[]} classes
   * @param {boolean} isQuantity whether numbers come out, and not probabilities.
   * @param {(index: number) => void} choose is told which class to explain.
   */
  constructor(classes, isQuantity, choose) {
    Object.assign(this, { classes, isQuantity, choose, rows: [], hidden: false });
    this.list = make("ol.bars");
    this.said = make("p.said", { role: "status", "aria-live": "polite" });
    this.element = make("section.panel.prediction", {}, make("h2", { text: say("prediction") }), this.said, this.list, this.anyClass());
  }

  /** Return a list of all classes, where more of them are there than bars; null where each has its bar. */
  anyClass() {
    if (this.classes.length <= MOST_BARS) return null;
    this.all = make(
      "select", { id: "any-class", onchange: () => this.choose(Number(this.all.value)) },
      ...this.classes.map((name, index) => make("option", { value: String(index), text: name })),
    );
    return make("p.row", {}, make("label", { for: "any-class" }, say("evidenceOf"), this.all));
  }

  /** Show shares, (classes,), and which class the maps explain. */
  draw(shares, explained, isChosen) {
    const order = [...shares.keys()];
    if (shares.length > MOST_BARS) order.sort((a, b) => shares[b] - shares[a]);
    const shown = order.slice(0, MOST_BARS);
    if (this.rows.length !== shown.length) this.build(shown.length);
    const best = shares.indexOf(Math.max(...shares));
    if (this.all && !this.hidden) this.all.value = String(explained);
    const largest = Math.max(...shares.map(Math.abs), 1e-12);
    shown.forEach((index, place) => {
      const { button, name, bar, number } = this.rows[place];
      button.dataset.index = index;
      button.setAttribute("aria-pressed", String(!this.hidden && index === explained));
      button.title = say("explainThis", { name: this.classes[index] });
      name.textContent = this.classes[index];
      bar.style.width = `${this.hidden ? 0 : 100 * (this.isQuantity ? Math.abs(shares[index]) / largest : shares[index])}%`;
      number.textContent = this.hidden ? "?" : this.valueText(shares[index]);
      button.classList.toggle("best", !this.hidden && index === best);
    });
    this.tell(shares, best, explained, isChosen);
  }

  valueText(value) {
    return this.isQuantity ? shortNumber(value) : percentText(value);
  }

  tell(shares, best, explained, isChosen) {
    const values = { name: this.classes[best], value: this.valueText(shares[best]) };
    const other = { name: this.classes[explained], value: this.valueText(shares[explained]) };
    let text = this.hidden ? say("quizGuessClass") : say(this.isQuantity ? "putsOut" : "predicts", values);
    if (!this.hidden && isChosen && explained !== best) text += ` ${say("explainedHere", other)}`;
    if (this.said.textContent === text) return;
    this.said.textContent = text;
  }

  build(count) {
    this.rows = Array.from({ length: count }, () => {
      const name = make("span.name"), bar = make("span.bar"), number = make("span.number");
      const button = make(
        "button.class",
        { type: "button", onclick: (event) => this.choose(Number(event.currentTarget.dataset.index)) },
        name,
        make("span.track", {}, bar),
        number,
      );
      return { button, name, bar, number };
    });
    refill(this.list, ...this.rows.map(({ button }) => make("li", {}, button)));
  }

  /** Say that there is nothing to say: no picture yet. */
  clear(text) {
    this.rows = [];
    refill(this.list);
    this.said.textContent = text;
  }
}
