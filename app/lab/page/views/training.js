/** The story of a training run: a slider over the epochs that were kept, with the measures after each. */

import { say } from "../words/index.js";
import { shellWord } from "./handing.js";
import { make, makeSvg, refill } from "./making.js";
import { percentText, shortNumber } from "./numbers.js";

const [CURVE_WIDE, CURVE_HIGH] = [480, 140];

/** The slider, the curve, and what each epoch reached. */
export class TrainingView {
  constructor(lab) {
    this.lab = lab;
    const { epochs, model } = lab.contents;
    this.epochs = epochs;
    this.element = make("section.panel.training", {}, make("h2", { text: say("training") }));
    if (!epochs.length) {
      const name = model.argument.includes(".") ? "lenet5_modern" : model.argument; // a file is not trained again
      this.element.append(
        make("p", { text: say("noEpochs") }),
        make("p", {}, make("code", { text: `python -m app.train --model ${shellWord(name)} --keep-epochs` })),
      );
      return;
    }
    this.slider = make("input", {
      type: "range", min: 0, max: epochs.length - 1, step: 1, id: "epoch", value: String(epochs.length - 1),
      oninput: () => lab.change({ epoch: Number(this.slider.value) }),
    });
    this.label = make("label", { for: "epoch" });
    this.said = make("p", { role: "status", "aria-live": "polite" });
    this.element.append(make("p.quiet", { text: say("trainingHint") }), this.label, this.slider, this.said, this.curve());
  }

  /** Return the accuracy after each epoch as a line. */
  curve() {
    const known = this.epochs.map((each, i) => [i, each.accuracy]).filter(([, value]) => typeof value === "number");
    if (known.length < 2) return make("p");
    const low = Math.min(...known.map(([, value]) => value));
    const x = (i) => 8 + (i * (CURVE_WIDE - 16)) / Math.max(1, this.epochs.length - 1);
    const y = (value) => CURVE_HIGH - 22 - ((value - low) / Math.max(1 - low, 1e-9)) * (CURVE_HIGH - 44);
    this.marker = makeSvg("circle", { r: 6, class: "marker" });
    this.place = (index) => {
      const value = this.epochs[index].accuracy;
      this.marker.setAttribute("cx", x(index));
      this.marker.setAttribute("visibility", typeof value === "number" ? "visible" : "hidden");
      this.marker.setAttribute("cy", typeof value === "number" ? y(value) : 0);
    };
    const points = known.map(([i, value]) => `${x(i)},${y(value)}`).join(" ");
    return makeSvg(
      "svg",
      { viewBox: `0 0 ${CURVE_WIDE} ${CURVE_HIGH}`, class: "curve", role: "img", "aria-label": say("accuracyCurve") },
      makeSvg("polyline", { points, class: "line" }),
      ...known.map(([i, value]) => makeSvg("circle", { cx: x(i), cy: y(value), r: 3, class: "dot" })),
      makeSvg("text", { x: 8, y: 14, text: "100 %" }),
      makeSvg("text", { x: 8, y: CURVE_HIGH - 4, text: `${say("accuracy")} ≥ ${percentText(low)}` }),
      this.marker,
    );
  }

  draw() {
    if (!this.epochs.length) return;
    const index = this.lab.state.epoch ?? this.epochs.length - 1, epoch = this.epochs[index];
    this.slider.value = String(index);
    this.label.textContent = epoch.epoch === 0 ? say("beforeTraining") : say("afterEpoch", { epoch: epoch.epoch });
    const facts = typeof epoch.accuracy === "number" ? { accuracy: percentText(epoch.accuracy), loss: shortNumber(epoch.loss) } : null;
    const text = facts ? say("measuresOf", facts) : say("noMeasures");
    if (this.said.textContent !== text) refill(this.said, text);
    this.place?.(index);
  }
}
