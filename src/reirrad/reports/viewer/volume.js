/** Parts of a packed scene become arrays. */

import { hiddenCanvas } from "./nodes.js";

/** Code of a value that is not known. */
export const UNKNOWN_CODE = 65535;

/**
 * @param {Uint8Array} packed gzip
 * @returns {Promise<ArrayBuffer>}
 */
export async function unzipped(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/**
 * Sum up the differences along each row, in place.
 *
 * @param {Uint16Array} codes
 * @param {number} rowLength
 */
export function undelta(codes, rowLength) {
  for (let start = 0; start < codes.length; start += rowLength) {
    let code = 0;
    for (let at = start; at < start + rowLength; at++) {
      code = (code + codes[at]) & 65535;
      codes[at] = code;
    }
  }
  return codes;
}

/**
 * Grey values of an image kept as tiles of one picture.
 *
 * @param {Uint8Array} picture
 * @param {import("./types.js").VolumeEntry} entry
 */
async function tiledCodes(picture, entry) {
  const { x: nx, y: ny, z: nz } = entry.size;
  const columns = entry.tiles ? entry.tiles.columns : 1;
  const bitmap = await createImageBitmap(new Blob([picture], { type: "image/webp" }), { colorSpaceConversion: "none" });
  const { context } = hiddenCanvas(bitmap.width, ny, true);
  const codes = new Uint16Array(nx * ny * nz);
  for (let top = 0; top * columns < nz; top++) {
    context.drawImage(bitmap, 0, -top * ny);
    const row = context.getImageData(0, 0, bitmap.width, ny);
    for (let t = top * columns; t < Math.min(nz, (top + 1) * columns); t++) {
      copyTile(row, (t - top * columns) * nx, codes.subarray(t * nx * ny, (t + 1) * nx * ny), nx);
    }
  }
  bitmap.close();
  return codes;
}

/**
 * @param {ImageData} row
 * @param {number} left
 * @param {Uint16Array} slice
 * @param {number} nx
 */
function copyTile(row, left, slice, nx) {
  for (let at = 0; at < slice.length; at++) {
    const j = Math.floor(at / nx);
    slice[at] = row.data[4 * (j * row.width + left + (at - j * nx))];
  }
}

/**
 * @param {Uint16Array} codes
 * @param {import("./types.js").VolumeEntry} entry
 */
function knownValues(codes, entry) {
  const values = new Float32Array(codes.length);
  for (let at = 0; at < codes.length; at++) {
    values[at] = codes[at] === UNKNOWN_CODE ? NaN : entry.offset + entry.scale * codes[at];
  }
  return values;
}

/** @param {Float32Array} values */
function highestKnown(values) {
  let highest = 0;
  for (let at = 0; at < values.length; at++) {
    if (values[at] > highest) highest = values[at];
  }
  return highest;
}

/**
 * Mark what is not known in a picture that cannot say so itself.
 *
 * @param {Uint16Array} codes
 * @param {Uint8Array} bits one for each code, the least significant of a byte first
 */
function markUnknown(codes, bits) {
  for (let at = 0; at < codes.length; at++) {
    if ((bits[at >> 3] >> (at & 7)) & 1) codes[at] = UNKNOWN_CODE;
  }
  return codes;
}

/** @param {import("./types.js").VolumeEntry} entry */
export function isLossy(entry) {
  return entry.encoding === "webp";
}

/**
 * @param {import("./types.js").VolumeEntry} entry
 * @param {(name: string) => Promise<Uint8Array>} partOf
 * @returns {Promise<import("./types.js").Volume>}
 */
export async function readVolume(entry, partOf) {
  const part = await partOf(entry.part);
  const codes = isLossy(entry) ? await tiledCodes(part, entry) : undelta(new Uint16Array(await unzipped(part)), entry.size.x);
  if (entry.unknown_part) markUnknown(codes, new Uint8Array(await unzipped(await partOf(entry.unknown_part))));
  const values = entry.kind === "image" ? codes : knownValues(codes, entry);
  return {
    entry,
    size: [entry.size.x, entry.size.y, entry.size.z],
    origin: [entry.origin_mm.x, entry.origin_mm.y, entry.origin_mm.z],
    spacing: [entry.spacing_mm.x, entry.spacing_mm.y, entry.spacing_mm.z],
    values,
    highest: values instanceof Float32Array ? highestKnown(values) : 0,
  };
}

/**
 * Codes below which the given shares of an image's voxels lie, for a first window.
 *
 * @param {import("./types.js").Volume} volume
 * @param {number[]} shares ascending
 */
export function codeShares(volume, shares) {
  const counts = new Uint32Array(65536);
  const step = Math.max(1, Math.floor(volume.values.length / 200000));
  let total = 0;
  for (let at = 0; at < volume.values.length; at += step) {
    if (volume.values[at] === UNKNOWN_CODE || volume.values[at] === 0) continue;
    counts[volume.values[at]]++;
    total++;
  }
  return shares.map((share) => {
    let [code, seen] = [0, counts[0]];
    while (code < 65534 && seen < share * total) seen += counts[++code];
    return code;
  });
}
