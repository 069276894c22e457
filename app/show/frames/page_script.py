"""The script of a walk's page: it shows the step that is asked for, and plays them.

It makes the elements that `markup` writes, from the same data. Texts become text nodes, so that no name in them
can be markup.
"""

SCRIPT = r"""
"use strict";
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const count = data.frames.length;
const LEVELS = 24, LONG = 3, DEEP = 0.537, MIDDLE = 0.463;
const SPELLED = {NaN: "nan", Infinity: "inf", "-Infinity": "−inf"};
const ROLES = ["window", "result", "chosen"];
let step = 0, timer = 0;

/* Elements: attributes in the order in which they are written, texts as text nodes. */
const SVG = new Set(["svg", "g", "path"]);
function make(name, attributes, ...inside) {
  const element = SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

/* Numbers, as Python's number_text writes them. */
function numberText(value) {
  if (typeof value === "string") return SPELLED[value];
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value).replace("-", "−");
  let [digits, power] = value.toExponential(3).split("e");
  const [kept, tail] = /(-?\d\.\d{3})(\d+)/.exec(value.toExponential(20)).slice(1);
  if (/^50*$/.test(tail) && "02468".includes(kept.at(-1))) digits = kept; /* halves to the even digit */
  const exponent = Number(power);
  let text = String(Number(digits + "e" + power));
  if (exponent < -4 || exponent >= 4)
    text = Number(digits) + "e" + (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(2, "0");
  return text.replaceAll("-", "−");
}
const rounded = number => Math.floor(number + 0.5);

/* What is said of cells. */
function cellsOf(mark, rows, columns) {
  let cells = mark.cells;
  if (mark.window) {
    const [row, column, height, width, down, right] = mark.window;
    cells = [];
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) cells.push([row + i * down, column + j * right]);
  }
  return cells.filter(([row, column]) => row >= 0 && row < rows && column >= 0 && column < columns);
}
function markedOf(part, rows, columns) {
  const found = {window: new Set(), result: new Set(), chosen: new Set()};
  for (const mark of part.marks || [])
    for (const [row, column] of cellsOf(mark, rows, columns)) found[mark.role].add(row * columns + column);
  return found;
}
function known(part, values, row, column) {
  const isKnown = part.shown === undefined || row * values[0].length + column < part.shown;
  return isKnown ? values[row][column] : null;
}
function shareOf(part, value) {
  if (typeof value === "string") return value === "NaN" ? 0 : 1;
  if (part.tone === "plain" || (part.tone === "grey" && value < 0)) return 0;
  return Math.min(1, Math.abs(value) / part.largest);
}
function hueOf(part, value) {
  if (part.tone === "signed") return value === "-Infinity" || value < 0 ? "neg" : "pos";
  return part.tone === "grey" ? "ink" : "plain";
}
const borderOf = part => part.border || [0, 0, 0, 0], firstOf = part => part.first || [0, 0];
function openSides(cells, columns, row, column) {
  const has = (r, c) => c >= 0 && c < columns && cells.has(r * columns + c);
  return [["wt", row - 1, column], ["wr", row, column + 1], ["wb", row + 1, column], ["wl", row, column - 1]]
    .filter(([, r, c]) => !has(r, c)).map(([side]) => side);
}

/* A grid of few numbers: a table. */
function header(part, axis, number, total) {
  const [before, after] = borderOf(part).slice(2 * axis, 2 * axis + 2);
  const isInside = number >= before && number < total - after;
  const text = isInside ? numberText(number - before + firstOf(part)[axis]) : "border";
  const isSeen = isInside && total > 1;
  return make("th", {scope: ["row", "col"][axis]}, isSeen ? text : make("span", {class: "sr"}, text));
}
function makeCell(part, values, marked, row, column) {
  const rows = values.length, columns = values[0].length, value = known(part, values, row, column);
  const classes = [], said = [], inside = [];
  let share = 0;
  if (value === null) {
    classes.push("unknown");
    said.push("empty");
  } else {
    share = shareOf(part, value);
    classes.push(hueOf(part, value));
    if (part.tone === "grey" && share > MIDDLE) classes.push(share > DEEP ? "deep" : "middle");
    const [above, below, left, right] = borderOf(part);
    if (row < above || row >= rows - below || column < left || column >= columns - right) {
      classes.push("edge");
      said.push("border");
    }
    inside.push(make("span", {class: "n"}, numberText(value)));
  }
  for (const role of ROLES) if (marked[role].has(row * columns + column)) {
    classes.push(role);
    said.push(role);
    if (role === "window") classes.push(...openSides(marked.window, columns, row, column));
  }
  if (said.length) inside.push(make("span", {class: "sr"}, " " + said.join(", ")));
  return make("td", {class: classes.join(" "), style: `--s:${rounded(share * 100)}%`}, ...inside);
}
function makeTable(part, values) {
  const rows = values.length, columns = values[0].length, marked = markedOf(part, rows, columns);
  const numbers = [...values[0].keys()];
  const head = make("tr", {}, make("td", {}), ...numbers.map(column => header(part, 1, column, columns)));
  const lines = values.map((_, row) => make("tr", {}, header(part, 0, row, rows),
    ...numbers.map(column => makeCell(part, values, marked, row, column))));
  const letters = values.flat().filter(value => value !== null).map(value => numberText(value).length);
  const looks = {class: "cells " + part.tone, style: `--n:${Math.max(1, ...letters)}`};
  return make("table", {...looks, "aria-label": part.caption || "Numbers"},
    make("thead", {}, head), make("tbody", {}, ...lines));
}

/* A large grid: a picture. */
function shades(part, values) {
  const paths = new Map(), columns = values[0].length;
  values.forEach((_, row) => {
    let run = null, start = 0;
    for (let column = 0; column <= columns; column++) {
      const value = column < columns ? known(part, values, row, column) : null;
      const shade = value === null ? null
        : hueOf(part, value) + " " + rounded(shareOf(part, value) * LEVELS);
      if (shade === run) continue;
      if (run !== null) {
        const length = column - start;
        if (!paths.has(run)) paths.set(run, []);
        paths.get(run).push(`M${start} ${row}h${length}v1h-${length}z`);
      }
      [run, start] = [shade, column];
    }
  });
  return [...paths].map(([shade, runs]) => {
    const [hue, level] = shade.split(" ");
    return make("path", {class: hue, style: `--s:${rounded(100 * level / LEVELS)}%`, d: runs.join("")});
  });
}
function outline(cells, columns) {
  const lines = {wt: (r, c) => `M${c} ${r}h1`, wr: (r, c) => `M${c + 1} ${r}v1`,
    wb: (r, c) => `M${c} ${r + 1}h1`, wl: (r, c) => `M${c} ${r}v1`};
  return [...cells].sort((a, b) => a - b).map(cell => {
    const row = Math.floor(cell / columns), column = cell % columns;
    return openSides(cells, columns, row, column).map(side => lines[side](row, column)).join("");
  }).join("");
}
function pictureShape(rows, columns) {
  if (columns > 8 * rows) return ["strip", "1"];
  if (rows > 8 * columns) return ["pole", "0.1"];
  return ["whole", String(rounded(100 * Math.min(1, columns / rows)) / 100)];
}
function pictureLabel(part, values, marked) {
  const columns = values[0].length, [above, , left] = borderOf(part), [top, side] = firstOf(part);
  const span = (word, numbers) => {
    const first = numberText(Math.min(...numbers)), last = numberText(Math.max(...numbers));
    return first === last ? `${word} ${first}` : `${word}s ${first} to ${last}`;
  };
  const said = [`${part.caption || "Numbers"}: ${values.length} rows, ${columns} columns, drawn as a picture`];
  for (const role of ROLES) {
    const cells = [...marked[role]];
    if (!cells.length) continue;
    const rows = cells.map(cell => Math.floor(cell / columns) - above + top);
    let text = `${role}: ${span("row", rows)}, ${span("column", cells.map(c => c % columns - left + side))}`;
    if (cells.length === 1) {
      const value = known(part, values, Math.floor(cells[0] / columns), cells[0] % columns);
      if (value !== null) text += ", " + numberText(value);
    }
    said.push(text);
  }
  return said.join("; ");
}
function makePicture(part, values, made) {
  const rows = values.length, columns = values[0].length, marked = markedOf(part, rows, columns);
  const [shape, size] = pictureShape(rows, columns);
  const inside = [made || make("g", {class: "shades"}, ...shades(part, values))];
  const [above, below, left, right] = borderOf(part);
  if (above + below + left + right)
    inside.push(make("path", {class: "inner",
      d: `M${left} ${above}H${columns - right}V${rows - below}H${left}z`}));
  const outlines = [];
  for (const role of ROLES) if (marked[role].size)
    for (const kind of ["halo", role, ...(role === "result" ? ["core"] : [])])
      outlines.push(make("path", {class: kind, d: outline(marked[role], columns)}));
  inside.push(make("g", {class: "outlines"}, ...outlines));
  return make("svg", {class: `picture ${part.tone} ${shape}`, style: `--w:${size}`,
    viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none", role: "img",
    "aria-label": pictureLabel(part, values, marked)}, ...inside);
}

/* A step: what is as it was before keeps its elements, and so its place when it was scrolled. */
const hasNumbers = (rows, columns) => columns <= 20 && rows * columns <= 400 && rows <= 60;
let slots = [];
function fillSlot(slot, part) {
  if (typeof part === "string")
    return {part, node: make("span", {class: [...part].length > LONG ? "sign long" : "sign"}, part)};
  const values = data.numbers[part.numbers], isTable = hasNumbers(values.length, values[0].length);
  const {caption, note, numbers, shown, ...rest} = part;
  delete rest.marks;
  const shading = JSON.stringify([numbers, shown, rest]), isOld = slot && slot.node.tagName === "FIGURE";
  const old = isOld ? slot.node.querySelector(".shades") : null;
  const body = isTable ? makeTable(part, values)
    : makePicture(part, values, slot && slot.shading === shading ? old : null);
  const words = make("figcaption", {}, caption, ...(note ? [make("span", {class: "note"}, note)] : []));
  if (isOld) {
    slot.node.firstChild.replaceWith(words);
    slot.node.lastChild.replaceChildren(body);
    return {part, shading, node: slot.node};
  }
  return {part, shading, node: make("figure", {class: "grid"}, words, make("div", {class: "scroll"}, body))};
}
function paired(filled) { /* a sign stays beside the grid behind it */
  const groups = [];
  let signs = [];
  for (const {node} of filled) {
    if (node.tagName === "SPAN") signs.push(node);
    else {
      groups.push(signs.length ? make("div", {class: "pair"}, ...signs, node) : node);
      signs = [];
    }
  }
  return [...groups, ...signs];
}
function drawStep() {
  const frame = data.frames[step], stage = byId("stage");
  const place = count === 1 && frame.title ? "" : `Step ${step + 1} of ${count}`;
  stage.querySelector(".section").textContent = frame.section;
  stage.querySelector("h2").textContent = [place, frame.title].filter(Boolean).join(": ");
  const filled = frame.parts.map((part, i) => fillSlot(slots[i], part));
  if (filled.length !== slots.length || filled.some((slot, i) => slot.node !== slots[i].node))
    stage.querySelector(".parts").replaceChildren(...paired(filled));
  slots = filled;
  stage.querySelector(".working").replaceChildren(...frame.working.map(line => make("p", {}, line)));
  letScroll();
}
function letScroll() {
  for (const box of document.querySelectorAll("#stage .scroll")) {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.previousSibling.textContent + ", can be scrolled");
    } else for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
}

/* The controls. */
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const links = [];
function show(wanted) {
  step = Math.max(0, Math.min(count - 1, wanted));
  drawStep();
  const frame = data.frames[step], slider = byId("slider");
  slider.value = step + 1;
  slider.setAttribute("aria-valuetext", `step ${step + 1} of ${count}`);
  byId("first").disabled = byId("previous").disabled = step === 0;
  byId("next").disabled = byId("last").disabled = step === count - 1;
  for (const {link, from, to} of links)
    if (step >= from && step < to) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  if (!timer) {
    byId("said").textContent = [frame.section, frame.title, ...frame.working].filter(Boolean).join(". ");
    try { history.replaceState(null, "", "#" + (step + 1)); } catch { /* a page inside another has no address */ }
  }
}
function play() {
  if (step === count - 1) show(0);
  const pause = Math.max(Number(byId("pace").value), calm.matches ? 1000 : 0);
  timer = setTimeout(() => {
    if (step + 1 < count - 1) { show(step + 1); play(); } else { stop(); show(step + 1); }
  }, pause);
  byId("play").textContent = "Pause";
}
function stop() {
  clearTimeout(timer);
  timer = 0;
  byId("play").textContent = "Play";
}
function toggle() {
  if (timer) { stop(); show(step); } else play();
}
function jump(wanted) {
  stop();
  show(wanted);
}
function fromAddress() {
  const found = /^#(\d+)$/.exec(location.hash);
  return found ? Number(found[1]) - 1 : 0;
}
function makeSections() {
  const starts = [];
  data.frames.forEach((frame, i) => {
    if (frame.section && (i === 0 || frame.section !== data.frames[i - 1].section)) starts.push(i);
  });
  if (starts.length < 2) return;
  starts.forEach((from, i) => {
    const [short] = data.frames[from].section.split(": ");
    const link = make("a", {href: "#" + (from + 1)}, short);
    link.addEventListener("click", event => { event.preventDefault(); jump(from); });
    links.push({link, from, to: starts[i + 1] || count});
    byId("sections").append(link);
  });
  byId("sections").hidden = false;
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || count < 2) return;
  const at = event.target, wanted = {ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: count - 1}[event.key];
  if (at.closest("select") || (at.closest(".scroll[tabindex]") && event.key.startsWith("Arrow"))) return;
  if (wanted !== undefined) {
    event.preventDefault();
    jump(wanted);
  } else if (event.key === " " && !at.closest("button, a")) {
    event.preventDefault();
    toggle();
  }
});
byId("slider").addEventListener("input", event => jump(Number(event.target.value) - 1));
const BUTTONS = {first: () => 0, previous: () => step - 1, next: () => step + 1, last: () => count - 1};
for (const [id, wanted] of Object.entries(BUTTONS))
  byId(id).addEventListener("click", () => jump(wanted()));
byId("play").addEventListener("click", toggle);
byId("pace").addEventListener("change", () => { if (timer) { stop(); play(); } });
addEventListener("hashchange", () => jump(fromAddress()));
addEventListener("resize", letScroll);
byId("final").remove();
if (count > 1) byId("controls").hidden = false;
makeSections();
show(fromAddress());
byId("said").textContent = "";
"""
