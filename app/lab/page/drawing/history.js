/** What was drawn on a pad, step by step, so that it can be undone and done again. */

const MOST_DRAWING_STEPS = 300;

/** Return the history of a drawing: lists of strokes, each list as one step left it.
 * @example const drawn = drawingHistory(); drawn.change([stroke]); drawn.undo(); drawn.strokes() // [] */
export function drawingHistory() {
  let states = [[]];
  let now = 0;
  const go = (step) => {
    const next = now + step;
    if (next < 0 || next >= states.length) return false;
    now = next;
    return true;
  };
  return {
    strokes: () => states[now],
    change(strokes) {
      states = [...states.slice(0, now + 1), strokes].slice(-MOST_DRAWING_STEPS);
      now = states.length - 1;
    },
    undo: () => go(-1),
    redo: () => go(1),
    canUndo: () => now > 0,
    canRedo: () => now < states.length - 1,
  };
}
