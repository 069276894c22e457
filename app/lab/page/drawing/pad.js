/** A pad to draw on with a mouse, a pen, a finger or the keyboard alone. What is drawn is data
 * (`strokes.js`); its pixels are computed here, not by the browser, so that the same strokes are the same
 * pixels everywhere. */

import { drawingHistory } from "./history.js";
import { listenToKeys, listenToPointers } from "./hands.js";
import {
  PAD_UNITS, drawPieces, drawStrokes, joinedBoxes, piecesOfStroke, strokeOf, strokesFit,
} from "./strokes.js";

const PAD_SIDE = 280; // grey pixels a side that are given back
const SHOWN_TIMES = 2; // pixels shown for one of these
const CURSOR_ARM = 14; // pixels shown, to each side
const LEAST_STEP = 6; // units between two points of a stroke: nearer ones are left out

/** Return a pad; put `pad.canvas`, `pad.help` and `pad.status` into the page.
 * @param {function} say say(key, values) → text: see drawingWords
 * @param {function} changed changed({pixels: Uint8Array, side, isDrawing}) after every change, at most
 * once for each frame that the screen shows: white ink on black, 280×280
 * @param {number} width of the pen, in units of a 1024th of the side
 * @returns {{canvas, help, status, grey, strokes, draw, setPen, undo, redo, clear, canUndo, canRedo}}
 * @example const pad = createPad({say, changed: ({pixels}) => predict(pixels)}); page.append(pad.canvas,
 * pad.help) */
export function createPad({ say, changed, width = 70 }) {
  const side = PAD_SIDE * SHOWN_TIMES;
  const state = {
    history: drawingHistory(), page: { side, data: new Uint8Array(side * side) }, current: null, drawn: 0,
    pen: { width, erases: false }, cursor: [PAD_UNITS / 2, PAD_UNITS / 2], hasCursor: false,
    dirty: [0, 0, side, side], isAsked: false, isChanged: false,
  };
  const elements = padElements(say, side);
  const context = elements.canvas.getContext("2d");
  const frame = () => {
    state.isAsked = false;
    showPage(context, state);
    if (!state.isChanged) return;
    state.isChanged = false;
    changed({ pixels: greyOfPage(state.page), side: PAD_SIDE, isDrawing: state.current !== null });
  };
  const ask = (isChanged) => {
    state.isChanged ||= isChanged;
    if (!state.isAsked) requestAnimationFrame(frame);
    state.isAsked = true;
  };
  const tell = (key, values = {}) => {
    elements.status.textContent = say(key, values);
  };
  const hand = { ...handOf(state, ask, tell), ...drawingOf(state, ask, tell) };
  listenToPointers(elements.canvas, hand);
  listenToKeys(elements.canvas, hand);
  ask(false);
  const { draw, setPen, undo, redo, clear, canUndo, canRedo } = hand;
  const strokes = () => state.history.strokes();
  const grey = () => greyOfPage(state.page);
  return { ...elements, grey, strokes, draw, setPen, undo, redo, clear, canUndo, canRedo };
}

/** What a hand does: put the pen down, move it, lift it; move the cursor of the keyboard. */
function handOf(state, ask, tell) {
  const extend = (isDone) => {
    const { points, width, erases } = state.current;
    const pieces = piecesOfStroke(points, state.drawn, isDone);
    state.drawn = Math.max(state.drawn, points.length - 1);
    state.dirty = joinedBoxes(state.dirty, drawPieces(state.page, pieces, width, erases));
    ask(true);
  };
  const lift = () => {
    if (!state.current) return;
    extend(true);
    state.history.change([...state.history.strokes(), state.current]);
    state.current = null;
  };
  const put = (point, erases = state.pen.erases) => {
    lift();
    const stroke = strokeOf(state.pen.width, [point], erases);
    if (!strokesFit([...state.history.strokes(), stroke])) return tell("padFull");
    state.current = stroke;
    state.drawn = 0;
    ask(true);
  };
  const move = (point) => {
    if (!state.current) return;
    const { points } = state.current;
    const [next] = strokeOf(state.pen.width, [point]).points;
    const last = points[points.length - 1];
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) < LEAST_STEP) return;
    if (!strokesFit([...state.history.strokes(), { ...state.current, points: [...points, next] }])) {
      tell("padFull");
      return;
    }
    points.push(next);
    extend(false);
  };
  const moveCursor = (right, down) => {
    const within = (n) => Math.min(Math.max(n, 0), PAD_UNITS - 1);
    state.cursor = [within(state.cursor[0] + right), within(state.cursor[1] + down)];
    state.dirty = [0, 0, state.page.side, state.page.side];
    move(state.cursor);
    ask(false);
  };
  const togglePen = () => {
    state.hasCursor = true;
    const isDown = state.current === null;
    if (isDown) put(state.cursor);
    else lift();
    const [column, row] = state.cursor.map((n) => Math.round((100 * n) / PAD_UNITS));
    if (isDown === (state.current !== null)) tell(isDown ? "penDown" : "penUp", { column, row });
  };
  const showCursor = (hasCursor) => {
    Object.assign(state, { hasCursor, dirty: [0, 0, state.page.side, state.page.side] });
    if (!hasCursor) lift();
    ask(false);
  };
  return { put, move, lift, moveCursor, togglePen, showCursor };
}

/** What is done to the whole drawing. */
function drawingOf(state, ask, tell) {
  const redraw = () => {
    state.page.data = drawStrokes(state.history.strokes(), state.page.side);
    state.dirty = [0, 0, state.page.side, state.page.side];
    ask(true);
  };
  const drop = () => {
    state.current = null; // what is being drawn is given up
  };
  const step = (which, said) => {
    if (state.current) {
      drop();
      redraw();
      return true;
    }
    const isDone = state.history[which]();
    if (isDone) redraw();
    tell(isDone ? said : "nothingToDo");
    return isDone;
  };
  const change = (strokes) => {
    drop();
    state.history.change(strokes);
    redraw();
  };
  return {
    undo: () => step("undo", "undone"),
    redo: () => step("redo", "redone"),
    clear() {
      if (state.history.strokes().length) change([]);
      else if (state.current) step("undo", "undone");
      tell("cleared");
    },
    draw: (strokes) => change(strokes.map(({ width, points, erases }) => strokeOf(width, points, erases))),
    setPen(pen) {
      Object.assign(state.pen, pen);
    },
    toggleEraser() {
      state.pen.erases = !state.pen.erases;
      tell(state.pen.erases ? "eraserTaken" : "penTaken");
    },
    canUndo: () => state.history.canUndo(),
    canRedo: () => state.history.canRedo(),
  };
}

function padElements(say, side) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: side, height: side, tabIndex: 0, className: "pad" });
  canvas.style.touchAction = "none"; // a finger draws, it does not scroll
  const help = document.createElement("p");
  Object.assign(help, { className: "pad-help", textContent: say("padHelp", {}) });
  help.id = `pad-help-${Math.random().toString(36).slice(2, 8)}`; // two pads may be on a page
  const status = document.createElement("p");
  Object.assign(status, { className: "pad-status" });
  status.setAttribute("role", "status");
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", say("padLabel", {}));
  canvas.setAttribute("aria-describedby", help.id);
  return { canvas, help, status };
}

function greyOfPage({ side, data }) {
  const small = side / SHOWN_TIMES;
  const grey = new Uint8Array(small * small);
  for (let row = 0, into = 0; row < small; row++) {
    for (let column = 0, at = row * SHOWN_TIMES * side; column < small; column++, at += SHOWN_TIMES) {
      grey[into++] = (data[at] + data[at + 1] + data[at + side] + data[at + side + 1] + 2) >> 2;
    }
  }
  return grey;
}

function showPage(context, state) {
  if (!state.dirty) return;
  const { page } = state;
  const [left, top, width, height] = state.dirty;
  const image = context.createImageData(width, height);
  const colours = new Uint32Array(image.data.buffer); // alpha, blue, green, red
  for (let row = 0, into = 0; row < height; row++) {
    const from = (top + row) * page.side + left;
    for (let at = from; at < from + width; at++) colours[into++] = 0xff000000 + page.data[at] * 0x010101;
  }
  context.putImageData(image, left, top);
  state.dirty = null;
  if (state.hasCursor) showCursorAt(context, state);
}

function showCursorAt(context, { cursor, current, page }) {
  const [x, y] = cursor.map((n) => (n / PAD_UNITS) * page.side);
  for (const [colour, thick] of [["#000", 6], ["#fff", 4], [current ? "#d55e00" : "#0072b2", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.beginPath();
    context.moveTo(x - CURSOR_ARM, y);
    context.lineTo(x + CURSOR_ARM, y);
    context.moveTo(x, y - CURSOR_ARM);
    context.lineTo(x, y + CURSOR_ARM);
    context.stroke();
  }
}
