/** The page begins: its contents are read, the engine is started, and the first picture is looked at. */

import { askEngine } from "./engine/asking.js";
import { Lab } from "./lab.js";
import { askServer } from "./serving.js";
import { speak } from "./words/index.js";

const contents = JSON.parse(document.getElementById("contents").textContent);
const told = new URLSearchParams(location.hash.slice(1)).get("lang") ?? new URLSearchParams(location.search).get("lang");
speak(told ?? contents.language);
const root = document.getElementById("lab");
root.append("…");

function workerAddress() {
  const script = JSON.parse(document.getElementById("worker").textContent);
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

const engine = contents.served ? askServer(contents) : askEngine({ source: workerAddress() });
new Lab(contents, engine, root).start();
