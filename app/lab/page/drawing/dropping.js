/** Pictures from files: dropped on the page, pasted, or chosen; read safely, upright and no larger than is
 * needed. */

import { pictureHead } from "./heads.js";

const MOST_FILE_BYTES = 40_000_000;
const MOST_PICTURE_PIXELS = 30_000_000; // as the programs of this laboratory read at most
const LARGEST_SIDE = 1024; // a network sees far less
const LEAST_ON_WHITE = 1 / 3; // contrast on white, against that on black, below which transparency is black

/** Return the picture in a file.
 * @param {Blob} file
 * @returns {Promise<{picture: {width, height, channels: 3, data}|null, changes, refused: {say,
 * values}|null}>} upright, its longer side 1,024 pixels at most; transparency becomes white, or black
 * where little would be seen on white */
export async function pictureFromFile(file) {
  const refusal = (say, values = {}) => ({ picture: null, changes: [], refused: { say, values } });
  if (file.size > MOST_FILE_BYTES) return refusal("fileTooLarge", { most: MOST_FILE_BYTES / 1e6 });
  const head = pictureHead(new Uint8Array(await file.slice(0, 262144).arrayBuffer()));
  if (!head) return refusal("noPicture");
  if (head.width * head.height > MOST_PICTURE_PIXELS) {
    const { width, height } = head;
    return refusal("pictureTooLarge", { width, height, most: MOST_PICTURE_PIXELS / 1e6 });
  }
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return refusal("pictureDamaged");
  }
  if (bitmap.width * bitmap.height > MOST_PICTURE_PIXELS) return refusal("pictureDamaged");
  const shown = pixelsOfBitmap(bitmap);
  bitmap.close();
  const { picture, changes } = pictureOnPaper(shown);
  return { picture, changes, refused: null };
}

/** Return a picture of red, green, blue and transparency as one without.
 * @param {{width, height, data}} shown four bytes a pixel
 * @returns {{picture, changes: [{say, values}]}} */
export function pictureOnPaper({ width, height, data }) {
  const count = width * height;
  let isClear = false;
  for (let at = 3; at < 4 * count && !isClear; at += 4) isClear = data[at] < 255;
  const onWhite = flatPixels(data, count, 255);
  const picture = { width, height, channels: 3, data: onWhite };
  if (!isClear) return { picture, changes: [] };
  const onBlack = flatPixels(data, count, 0);
  if (spreadOfGrey(onWhite) >= LEAST_ON_WHITE * spreadOfGrey(onBlack)) return { picture, changes: [] };
  return { picture: { ...picture, data: onBlack }, changes: [{ say: "putOnBlack", values: {} }] };
}

/** Call back with each picture that is dropped on an element, pasted anywhere on the page, or chosen in a
 * field.
 * @param {{element: Element, field: HTMLInputElement|null, took: function, refused: function}} places
 * took(picture, name, changes); refused({say, values})
 * @returns {function} ends it */
export function takePictures({ element, field, took, refused }) {
  let latest = 0;
  const read = async (file) => {
    const turn = ++latest;
    if (!file) return refused({ say: "noPicture", values: {} });
    const found = await pictureFromFile(file);
    if (turn !== latest) return undefined; // another one came meanwhile
    return found.refused ? refused(found.refused) : took(found.picture, file.name || "", found.changes);
  };
  const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (isOver) => element.classList.toggle("dropping", isOver);
  const listeners = [
    [element, "dragover", (event) => hasFile(event) && (event.preventDefault(), mark(true))],
    [element, "dragleave", () => mark(false)],
    [element, "drop", (event) => {
      mark(false);
      if (!hasFile(event)) return;
      event.preventDefault();
      read(event.dataTransfer.files[0]);
    }],
    [document, "paste", (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
      if (!file) return; // text that is pasted into a field
      event.preventDefault();
      read(file);
    }],
  ];
  if (field) {
    listeners.push([field, "change", () => {
      if (field.files.length) read(field.files[0]);
      field.value = ""; // the same file may be chosen again
    }]);
  }
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  return () => listeners.forEach(([target, name, listener]) => target.removeEventListener(name, listener));
}

function pixelsOfBitmap(bitmap) {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((n) => Math.max(1, Math.round(n * scale)));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function flatPixels(data, count, paper) {
  const flat = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    const alpha = data[4 * i + 3];
    for (let channel = 0; channel < 3; channel++) {
      flat[3 * i + channel] = Math.round((data[4 * i + channel] * alpha + paper * (255 - alpha)) / 255);
    }
  }
  return flat;
}

function spreadOfGrey(flat) {
  let [sum, squares] = [0, 0];
  const count = flat.length / 3;
  for (let at = 0; at < flat.length; at += 3) {
    const grey = 0.299 * flat[at] + 0.587 * flat[at + 1] + 0.114 * flat[at + 2];
    sum += grey;
    squares += grey * grey;
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
