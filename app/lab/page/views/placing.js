/** Cells of a map laid where they look, and the words that go with a map. */

/**
 * Return cells, (rows, columns), as a map of the image's size: linear between the cells' centres, the last value
 * beyond them, 0 where no cell sees.
 * @param {Float32Array} cells
 * @param {{rows: number[], columns: number[], unseen: ?Uint8Array}} placement centres in pixels
 */
export function placeCells(cells, placement, height, width) {
  const down = sharesOf(height, placement.rows), across = sharesOf(width, placement.columns);
  const columns = placement.columns.length;
  const placed = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (placement.unseen && placement.unseen[y * width + x]) continue;
      let sum = 0;
      for (const [row, rowShare] of down[y]) {
        for (const [column, share] of across[x]) sum += rowShare * share * cells[row * columns + column];
      }
      placed[y * width + x] = sum;
    }
  }
  return placed;
}

/** Return of each pixel the cells that it takes from, and their shares; cells of one place are averaged. */
function sharesOf(size, centres) {
  const places = [...new Set(centres)].sort((a, b) => a - b);
  const cellsAt = places.map((place) => centres.flatMap((centre, i) => (centre === place ? [i] : [])));
  const found = [];
  for (let pixel = 0; pixel < size; pixel += 1) {
    let right = places.findIndex((place) => place >= pixel);
    if (right === -1) right = places.length - 1;
    const left = right > 0 && places[right] > pixel ? right - 1 : right;
    const span = places[right] - places[left];
    const part = span > 0 ? (pixel - places[left]) / span : 0;
    const shares = new Map();
    for (const [place, share] of [[left, 1 - part], [right, part]]) {
      for (const cell of cellsAt[place]) {
        if (share > 0 || left === right) {
          shares.set(cell, (shares.get(cell) ?? 0) + (left === right ? 0.5 : share) / cellsAt[place].length);
        }
      }
    }
    found.push([...shares]);
  }
  return found;
}

/**
 * Return the verdict of a map as sentences, {say, values} each: what it shows, and what makes it doubtful.
 * @param {{shown: Float32Array, raw: Float32Array, explained: string, madeOf: ?string}} map
 */
export function verdictOf({ shown, raw, explained, madeOf }) {
  let high = -Infinity, low = Infinity, rawLow = Infinity;
  for (const value of shown) {
    high = Math.max(high, value);
    low = Math.min(low, value);
  }
  for (const value of raw) rawLow = Math.min(rawLow, value);
  const values = { explained, high, low, rawLow, madeOf: madeOf ?? "" };
  const headline =
    !Number.isFinite(high) || !Number.isFinite(low) ? "verdictNotFinite"
    : high === 0 && low === 0 && rawLow < 0 ? "verdictNoEvidence"
    : high === 0 && low === 0 ? "verdictBlank"
    : high === low ? "verdictConstant"
    : low < 0 ? "verdictRange"
    : "verdictLargest";
  return { headline, values, largest: Math.max(high, -low, 0) };
}
