/** Figures to take along: a PNG or SVG on the clipboard, or as a file where there is none; and commands. */

import { say } from "../words/index.js";
import { make, makeSvg } from "./making.js";

const COPIED_WIDTH = 840;
const CAPTION = 64;
const MOST_CELLS = 40_000;

/** Return the buttons that copy the figure on a canvas, with its caption. */
export function figureButtons(lab, canvasOf, captionOf) {
  const copy = (kind) => async () => {
    const name = `convlab-${lab.contents.model.name}.${kind}`;
    if (kind === "png") await handOver(lab, await pngOf(canvasOf(), captionOf()), name);
    else await handOver(lab, new Blob([svgOf(canvasOf(), captionOf())], { type: "image/svg+xml" }), name);
  };
  return make(
    "span.copy",
    {},
    make("button.small", { type: "button", text: say("copyPng"), onclick: copy("png") }),
    make("button.small", { type: "button", text: say("copySvg"), onclick: copy("svg") }),
  );
}

/** Return a canvas enlarged without smoothing, with its caption below, as a PNG. */
function pngOf(canvas, caption) {
  const scale = Math.max(1, Math.floor(COPIED_WIDTH / canvas.width));
  const [width, height] = [canvas.width * scale, canvas.height * scale];
  const large = make("canvas", { width: Math.max(width, 320), height: height + CAPTION });
  const context = large.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, large.width, large.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, width, height);
  context.fillStyle = "#1d2327";
  context.font = "16px system-ui, sans-serif";
  linesOf(caption, Math.floor(large.width / 8)).slice(0, 2).forEach((line, i) => context.fillText(line, 4, height + 24 + 22 * i));
  return new Promise((resolve) => large.toBlob(resolve, "image/png"));
}

/** Return a canvas as SVG: a rectangle for each run of cells of one colour. */
function svgOf(canvas, caption) {
  const { width, height } = canvas;
  const scale = Math.max(1, Math.floor(COPIED_WIDTH / width));
  const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const lines = linesOf(caption, Math.max(40, Math.floor((width * scale) / 8)));
  const root = makeSvg("svg", {
    xmlns: "http://www.w3.org/2000/svg", "shape-rendering": "crispEdges",
    viewBox: `0 0 ${width * scale} ${height * scale + 24 * lines.length + 16}`,
    width: width * scale, height: height * scale + 24 * lines.length + 16,
  });
  root.append(makeSvg("title", { text: caption }));
  if (width * height > MOST_CELLS) {
    root.append(makeSvg("image", { href: canvas.toDataURL(), width: width * scale, height: height * scale }));
  } else {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; ) {
        const colour = colourAt(bytes, y * width + x);
        let end = x + 1;
        while (end < width && colourAt(bytes, y * width + end) === colour) end += 1;
        if (colour) root.append(makeSvg("rect", { x: x * scale, y: y * scale, width: (end - x) * scale, height: scale, fill: colour }));
        x = end;
      }
    }
  }
  lines.forEach((line, i) => root.append(makeSvg("text", {
    x: 4, y: height * scale + 24 * (i + 1), "font-size": 16, "font-family": "system-ui, sans-serif", text: line,
  })));
  return new XMLSerializer().serializeToString(root);
}

function colourAt(bytes, index) {
  const [r, g, b, a] = bytes.subarray(4 * index, 4 * index + 4);
  return a ? `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}` : "";
}

function linesOf(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length > width && lines.at(-1)) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) ? " " : ""}${word}`;
  }
  return lines;
}

/** Put something on the clipboard, or, where the browser does not allow that, save it as a file; and say so. */
export async function handOver(lab, content, name) {
  try {
    if (typeof content === "string") await navigator.clipboard.writeText(content);
    else await navigator.clipboard.write([new ClipboardItem({ [content.type]: content })]);
    lab.tell(say("copied"));
  } catch {
    const blob = typeof content === "string" ? new Blob([content], { type: "text/plain" }) : content;
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    lab.tell(say("savedAs", { name }));
  }
}

/**
 * Return a name as one word of a command, in any shell: it may come from a stranger's file. Signs that mean something
 * between double quotes become question marks.
 * @example shellWord("my layer; rm x") // '"my layer; rm x"'
 */
export function shellWord(name) {
  if (/^[\p{L}\p{N}_@+=:,./-]+$/u.test(name)) return name;
  return `"${name.replace(/["$`\\!%^\p{C}\p{Zl}\p{Zp}]/gu, "?")}"`;
}
