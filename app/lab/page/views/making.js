/** Elements made of plain values; what a stranger named is only ever text. */

/**
 * Return an element.
 * @param {string} tag with classes, as `button.small`.
 * @param {object} facts attributes; `on…` functions listen, `text` is its text, `data` becomes data-… attributes.
 * @param {...(Node|string|null)} children what stands in it.
 */
export function make(tag, facts = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Return an SVG element. */
export function makeSvg(tag, facts = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(facts)) {
    if (key === "text") element.textContent = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Put children into an element in place of what is there. */
export function refill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Return a table of rows of texts or nodes; the first cell of each row is its heading. */
export function makeTable(heads, rows, facts = {}) {
  return make(
    "table",
    facts,
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col", text: head })))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(tableCell)))),
  );
}

function tableCell(value, index) {
  const cell = index === 0 ? make("th", { scope: "row" }) : make("td");
  cell.append(value instanceof Node ? value : String(value));
  return cell;
}
