/** All maps of a layer on one canvas, side by side; a place on it is a cell of a map. */

import { paintValue } from "./colours.js";
import { make } from "./making.js";

const GAP = 1;
const MAP_WIDTH = 52; // pixels of the screen for a map, about
const LEAST_MAPS = 8; // in a line, on a small screen
const WIDEST_MAP = 80;
const UNIT_WIDTH = 18; // of a layer of units
const FRAME_GREY = [222, 227, 231, 255];

/**
 * A canvas of maps.
 * @param {(cell: {row: number, column: number, channel: number}) => void} choose is told which cell was clicked.
 */
export class Mosaic {
  constructor([rows, columns, channels], label, choose) {
    Object.assign(this, { rows, columns, channels, choose, cursor: null, marked: null, perLine: 1, shown: channels });
    this.canvas = make("canvas.mosaic", { tabIndex: 0, role: "img", "aria-label": label });
    const frame = (kind) => make(`div.frame.${kind}`, { hidden: true, "aria-hidden": "true" }, make("div"), make("div"));
    [this.markedFrame, this.cursorFrame] = [frame("marked"), frame("cursor")];
    this.element = make("div.mosaic-box", {}, this.canvas, this.markedFrame, this.cursorFrame);
    this.canvas.addEventListener("click", (event) => this.clicked(event));
    this.canvas.addEventListener("keydown", (event) => this.pressed(event));
    this.canvas.addEventListener("blur", () => this.moveCursor(null));
  }

  /** Lay the maps out for a width in pixels of the screen. */
  fit(width, shown) {
    this.shown = Math.min(shown, this.channels);
    const wanted = Math.min(MAP_WIDTH, width / LEAST_MAPS);
    this.perLine = Math.max(1, Math.min(this.shown, Math.floor(width / Math.max(wanted, this.columns + GAP))));
    const lines = Math.ceil(this.shown / this.perLine);
    this.canvas.width = this.perLine * (this.columns + GAP) - GAP;
    this.canvas.height = lines * (this.rows + GAP) - GAP;
    const scale = Math.max(1, Math.min(width / this.canvas.width, this.rows === 1 ? UNIT_WIDTH : WIDEST_MAP / this.columns));
    this.canvas.style.width = `${Math.floor(this.canvas.width * scale)}px`;
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.paintGaps();
    if (this.values) this.draw(this.values, this.largest);
  }

  /** Draw the lines between the maps; behind the last one nothing is drawn. */
  paintGaps() {
    const { width, height, data } = this.image;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const channel = Math.floor(y / (this.rows + GAP)) * this.perLine + Math.floor(x / (this.columns + GAP));
        if (channel < this.shown) data.set(FRAME_GREY, 4 * (y * width + x));
      }
    }
  }

  /** Draw values (rows, columns, channels) on a scale up to `largest`. */
  draw(values, largest) {
    Object.assign(this, { values, largest });
    if (!this.image) return;
    const { rows, columns, channels, perLine, image } = this;
    const bytes = image.data;
    for (let channel = 0; channel < this.shown; channel += 1) {
      const top = Math.floor(channel / perLine) * (rows + GAP), left = (channel % perLine) * (columns + GAP);
      for (let row = 0; row < rows; row += 1) {
        let from = row * columns * channels + channel;
        let at = 4 * ((top + row) * image.width + left);
        for (let column = 0; column < columns; column += 1, from += channels, at += 4) {
          paintValue(bytes, at, values[from], largest);
        }
      }
    }
    this.context.putImageData(image, 0, 0);
    this.place(this.markedFrame, this.marked);
    this.place(this.cursorFrame, this.cursor);
  }

  /** Put a frame around a cell, and around its map. */
  place(frame, cell) {
    frame.hidden = !cell || cell.channel >= this.shown;
    if (frame.hidden) return;
    const { rows, columns, perLine, canvas } = this;
    const top = Math.floor(cell.channel / perLine) * (rows + GAP), left = (cell.channel % perLine) * (columns + GAP);
    const put = (element, x, y, width, height) => Object.assign(element.style, {
      left: `${(100 * x) / canvas.width}%`, top: `${(100 * y) / canvas.height}%`,
      width: `${(100 * width) / canvas.width}%`, height: `${(100 * height) / canvas.height}%`,
    });
    put(frame.children[0], left, top, columns, rows);
    put(frame.children[1], left + cell.column, top + cell.row, 1, 1);
  }

  /** Mark the cell that is open elsewhere on the page; null for none. */
  mark(cell) {
    this.marked = cell;
    this.place(this.markedFrame, cell);
  }

  moveCursor(cell) {
    this.cursor = cell;
    this.place(this.cursorFrame, cell);
  }

  clicked(event) {
    const box = this.canvas.getBoundingClientRect();
    const along = (share, size) => Math.max(0, Math.floor(share * size)); // a click's place is rounded down
    const x = along((event.clientX - box.left) / box.width, this.canvas.width);
    const y = along((event.clientY - box.top) / box.height, this.canvas.height);
    const channel = Math.floor(y / (this.rows + GAP)) * this.perLine + Math.floor(x / (this.columns + GAP));
    const row = y % (this.rows + GAP), column = x % (this.columns + GAP);
    if (channel < this.shown && row < this.rows && column < this.columns) this.choose({ row, column, channel });
  }

  pressed(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const cell = this.cursor ?? this.marked ?? { row: 0, column: 0, channel: 0 };
    if (event.key in moves) {
      const [down, right] = moves[event.key];
      const row = Math.min(this.rows - 1, Math.max(0, cell.row + down));
      const column = Math.min(this.columns - 1, Math.max(0, cell.column + right));
      this.moveCursor({ ...cell, row, column });
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      const step = event.key === "PageDown" ? 1 : -1;
      this.moveCursor({ ...cell, channel: (cell.channel + step + this.shown) % this.shown });
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(cell);
    } else {
      return;
    }
    event.preventDefault();
  }
}
