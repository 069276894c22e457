/** The first bytes of a picture file: what it is, whatever its name says, and how large it will be
 * unpacked. */

/** Return what a file holds, or null where it is no PNG, JPEG, GIF, BMP or WEBP.
 * @param {Uint8Array} bytes the first ones of the file
 * @returns {{kind: string, width: number, height: number}|null} */
export function pictureHead(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [start, read] of [
    ["\x89PNG\r\n\x1a\n", headOfPng], ["\xff\xd8\xff", headOfJpeg], ["GIF87a", headOfGif],
    ["GIF89a", headOfGif], ["BM", headOfBmp], ["RIFF", headOfWebp],
  ]) {
    if (letters(bytes, 0, start.length) !== start) continue;
    try {
      const head = read(view, bytes);
      return head && head.width > 0 && head.height > 0 ? head : null;
    } catch {
      return null; // the file ends before its size is said
    }
  }
  return null;
}

function letters(bytes, from, count) {
  return String.fromCharCode(...bytes.subarray(from, from + count));
}

function headOfPng(view) {
  return { kind: "PNG", width: view.getUint32(16), height: view.getUint32(20) };
}

function headOfGif(view) {
  return { kind: "GIF", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function headOfBmp(view) {
  return { kind: "BMP", width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}

/** The frame (SOF) of a JPEG stands behind segments that each say how long they are. */
function headOfJpeg(view) {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const mark = view.getUint8(at + 1);
    const isFrame = mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark);
    if (isFrame) return { kind: "JPEG", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += mark === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

function headOfWebp(view, bytes) {
  if (letters(bytes, 8, 4) !== "WEBP") return null;
  const kind = letters(bytes, 12, 4);
  const three = (at) => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
  if (kind === "VP8X") return { kind: "WEBP", width: three(24) + 1, height: three(27) + 1 };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { kind: "WEBP", width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  const [width, height] = [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  return kind === "VP8 " ? { kind: "WEBP", width, height } : null;
}
