/** Quiz for the class: what the network says and what a number is are hidden until somebody has guessed. */

import { say } from "../words/index.js";
import { make, refill } from "./making.js";
import { shortNumber } from "./numbers.js";

const CLOSE = 0.02;

/** The score, and the forms in which answers are written. */
export class Quiz {
  constructor(lab) {
    Object.assign(this, { lab, right: 0, asked: 0, isRevealed: false });
    this.said = make("p", { role: "status", "aria-live": "polite" });
    this.guess = make("select", { id: "guess" }, ...lab.classes.map((name, i) => make("option", { value: String(i), text: name })));
    this.form = make(
      "form.row",
      { onsubmit: (event) => { event.preventDefault(); this.answerClass(); } },
      make("label", { for: "guess" }, say("quizWhichClass"), this.guess),
      make("button", { type: "submit", text: say("quizAnswer") }),
      make("button", { type: "button", text: say("quizShow"), onclick: () => this.reveal() }),
    );
    this.element = make("section.panel.quiz", {}, make("h2", { text: say("quiz") }), this.form, this.said);
  }

  /** Hide the answers again: there is another picture, or another number. */
  begin() {
    this.isRevealed = false;
    refill(this.said, this.asked ? say("quizScore", { right: this.right, asked: this.asked }) : "");
  }

  reveal() {
    this.isRevealed = true;
    this.lab.redraw();
  }

  answerClass() {
    const { answer, classes } = this.lab;
    if (!answer) return;
    const best = answer.shares.indexOf(Math.max(...answer.shares));
    this.count(Number(this.guess.value) === best, { name: classes[best] }, "quizClassWas");
  }

  /** Return a form that asks for a number. */
  numberForm(value) {
    const field = make("input", { type: "text", inputMode: "decimal", id: "number-guess", autocomplete: "off" });
    return make(
      "form.row",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const told = Number(field.value.trim().replace(",", ".").replace("−", "-"));
          const isRight = field.value.trim() !== "" && Math.abs(told - value) <= CLOSE * Math.max(Math.abs(value), 0.01);
          this.count(isRight, { value: shortNumber(value) }, "quizNumberWas");
        },
      },
      make("label", { for: "number-guess" }, say("quizWhichNumber"), field),
      make("button", { type: "submit", text: say("quizAnswer") }),
    );
  }

  count(isRight, values, key) {
    this.asked += 1;
    if (isRight) this.right += 1;
    this.reveal();
    refill(this.said, `${say(isRight ? "quizRight" : "quizWrong")} ${say(key, values)} ${say("quizScore", { right: this.right, asked: this.asked })}`);
  }
}
