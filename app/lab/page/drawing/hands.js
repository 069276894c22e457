/** Pointers and keys: movements of a pen on a pad. A hand is {put, move, lift, moveCursor, togglePen, …}. */

import { PAD_UNITS } from "./strokes.js";

const KEY_STEP = 24; // units that an arrow moves the cursor
const FINE_STEP = 6; // with Shift
const PEN_ERASER = 32; // the bit of a pen's other end

/** Let a mouse, a pen or one finger draw on a canvas; other fingers wait. */
export function listenToPointers(canvas, hand) {
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (held !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    hand.showCursor(false);
    held = event.pointerId;
    capturePointer(canvas, held);
    hand.put(pointOnPad(canvas, event), event.buttons & PEN_ERASER ? true : undefined);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held) return;
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const each of events.length ? events : [event]) hand.move(pointOnPad(canvas, each));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, (event) => {
      if (event.pointerId !== held) return;
      held = null;
      hand.lift();
    });
  }
}

/** Let keys draw: arrows move the cursor, the space bar puts the pen down and lifts it. */
export function listenToKeys(canvas, hand) {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const commands = {
    " ": hand.togglePen, Delete: hand.clear, Backspace: hand.clear, z: hand.undo, y: hand.redo, Z: hand.redo,
    e: hand.toggleEraser, Escape: hand.lift,
  };
  canvas.addEventListener("keydown", (event) => {
    const withControl = event.ctrlKey || event.metaKey;
    if (event.altKey || (withControl && !"zyZ".includes(event.key))) return; // the browser's own
    const command = commands[event.key];
    if (!arrows[event.key] && !command) return;
    event.preventDefault();
    if (command) {
      command();
    } else {
      const step = event.shiftKey ? FINE_STEP : KEY_STEP;
      hand.showCursor(true);
      hand.moveCursor(...arrows[event.key].map((n) => n * step));
    }
  });
  canvas.addEventListener("focus", () => hand.showCursor(canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => hand.showCursor(false));
}

function capturePointer(canvas, pointer) {
  try {
    canvas.setPointerCapture(pointer); // the stroke goes on outside the canvas
  } catch {
    // a pointer that has gone already cannot be held
  }
}

function pointOnPad(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.offsetWidth ? box.width / canvas.offsetWidth : 1;
  const left = box.left + canvas.clientLeft * scale;
  const top = box.top + canvas.clientTop * scale;
  const x = ((event.clientX - left) / (canvas.clientWidth * scale)) * PAD_UNITS;
  const y = ((event.clientY - top) / (canvas.clientHeight * scale)) * PAD_UNITS;
  return [x, y];
}
