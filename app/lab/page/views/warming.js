/** Before the first stroke: what it needs is run once or twice, because a first run takes ten times as long. */

import { prepareSign } from "../drawing/preparing.js";
import { drawStrokes, strokeOf } from "../drawing/strokes.js";

const WARM_ROUNDS = 6;
const SLOW_LOOK = 60; // ms
const WARM_SIDE = 280;

/** Let the browser compile what a stroke needs, while nobody asks for anything; a slow network is left alone. */
export async function warmUp(lab) {
  for (let round = 0; round < WARM_ROUNDS; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const image = lab.picture.input, model = lab.modelKey;
    if (lab.isServed || lab.underWay || !image) return;
    if (lab.picture.isSign && lab.shape[2] === 1) prepareUnseen(lab);
    const methods = lab.hasMaps ? ["vanilla", "gradcam"] : ["vanilla"];
    const found = await lab.engine.look({ image, methods, values: "all", model }).catch(() => null);
    if (!found || (round > 0 && found.ms > SLOW_LOOK)) return; // the first one is slow everywhere
    if (!lab.state.opened) lab.redraw(); // a number that is being read stays as it is
  }
}

/** Prepare a drawing that nobody sees. */
function prepareUnseen({ shape, picture }) {
  const data = drawStrokes([strokeOf(70, [[400, 300], [600, 700]])], WARM_SIDE);
  picture.pad.grey();
  prepareSign({ width: WARM_SIDE, height: WARM_SIDE, channels: 1, data }, shape.slice(0, 2), picture.ink);
}
