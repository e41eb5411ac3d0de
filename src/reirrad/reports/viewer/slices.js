/** Values of volumes in a plane, also of volumes that are moved. */

import { AXIS_INDEX, PLANES, movedPoint, planePoint, rigidInverse } from "./geometry.js";
import { UNKNOWN_CODE } from "./volume.js";

/** Largest number of values along one side of a raster. */
const LONGEST = 1024;

/** @returns {import("./types.js").Raster} */
export function emptyRaster() {
  return { nu: 0, nv: 0, u0: 0, v0: 0, du: 1, dv: 1, values: new Float32Array(0) };
}

/**
 * Corners of a volume, moved, as bounds [low, high] along two axes, and its finest steps.
 *
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").PlaneName} plane
 * @param {import("./types.js").Matrix | null} matrix
 */
function inPlaneBounds(volume, plane, matrix) {
  const { u, v } = PLANES[plane];
  const bounds = { u0: Infinity, u1: -Infinity, v0: Infinity, v1: -Infinity };
  const last = [0, 1, 2].map((a) => volume.origin[a] + (volume.size[a] - 1) * volume.spacing[a]);
  for (let corner = 0; corner < 8; corner++) {
    const [x, y, z] = [0, 1, 2].map((a) => ((corner >> a) & 1 ? last[a] : volume.origin[a]));
    const point = matrix ? movedPoint(matrix, { x, y, z }) : { x, y, z };
    bounds.u0 = Math.min(bounds.u0, point[u]);
    bounds.u1 = Math.max(bounds.u1, point[u]);
    bounds.v0 = Math.min(bounds.v0, point[v]);
    bounds.v1 = Math.max(bounds.v1, point[v]);
  }
  return bounds;
}

/**
 * Lay out a raster over volumes, some of them moved; its values are not yet asked.
 *
 * @param {import("./types.js").Raster} raster
 * @param {import("./types.js").PlaneName} plane
 * @param {{volume: import("./types.js").Volume, matrix: import("./types.js").Matrix | null}[]} placed
 */
export function layOut(raster, plane, placed) {
  const [a, b] = [AXIS_INDEX[PLANES[plane].u], AXIS_INDEX[PLANES[plane].v]];
  const all = { u0: Infinity, u1: -Infinity, v0: Infinity, v1: -Infinity };
  let [du, dv] = [Infinity, Infinity];
  for (const { volume, matrix } of placed) {
    const bounds = inPlaneBounds(volume, plane, matrix);
    all.u0 = Math.min(all.u0, bounds.u0);
    all.u1 = Math.max(all.u1, bounds.u1);
    all.v0 = Math.min(all.v0, bounds.v0);
    all.v1 = Math.max(all.v1, bounds.v1);
    du = Math.min(du, volume.spacing[a]);
    dv = Math.min(dv, volume.spacing[b]);
  }
  raster.du = Math.max(du, (all.u1 - all.u0) / LONGEST);
  raster.dv = Math.max(dv, (all.v1 - all.v0) / LONGEST);
  raster.u0 = all.u0;
  raster.v0 = all.v0;
  raster.nu = Math.ceil((all.u1 - all.u0) / raster.du - 1e-6) + 1;
  raster.nv = Math.ceil((all.v1 - all.v0) / raster.dv - 1e-6) + 1;
  if (raster.values.length < raster.nu * raster.nv) raster.values = new Float32Array(raster.nu * raster.nv);
}

/**
 * Place of a point of the reference frame in a volume's voxels.
 *
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").Matrix | null} inverse
 * @param {import("./types.js").Point} point
 */
function voxelPlace(volume, inverse, point) {
  const own = inverse ? movedPoint(inverse, point) : point;
  return [
    (own.x - volume.origin[0]) / volume.spacing[0],
    (own.y - volume.origin[1]) / volume.spacing[1],
    (own.z - volume.origin[2]) / volume.spacing[2],
  ];
}

/**
 * Ask a volume at every place of a raster (linear between voxels; NaN outside).
 *
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").Raster} raster
 * @param {import("./types.js").PlaneName} plane
 * @param {number} w position of the plane, mm
 * @param {import("./types.js").Matrix | null} matrix movement of the volume
 * @param {Float32Array} out
 */
export function askRaster(volume, raster, plane, w, matrix, out) {
  const inverse = matrix ? rigidInverse(matrix) : null;
  const start = voxelPlace(volume, inverse, planePoint(plane, raster.u0, raster.v0, w));
  const alongU = voxelPlace(volume, inverse, planePoint(plane, raster.u0 + raster.du, raster.v0, w));
  const alongV = voxelPlace(volume, inverse, planePoint(plane, raster.u0, raster.v0 + raster.dv, w));
  for (let a = 0; a < 3; a++) {
    alongU[a] -= start[a];
    alongV[a] -= start[a];
  }
  if (isOnVoxels(start, alongU, alongV, plane)) askOwnGrid(volume, raster, plane, start, out);
  else askBetween(volume, raster, { start, alongU, alongV }, out);
}

/**
 * The raster's places are voxels of the volume, but for the position across the plane.
 *
 * @param {number[]} start
 * @param {number[]} alongU
 * @param {number[]} alongV
 * @param {import("./types.js").PlaneName} plane
 */
function isOnVoxels(start, alongU, alongV, plane) {
  const [a, b] = [AXIS_INDEX[PLANES[plane].u], AXIS_INDEX[PLANES[plane].v]];
  const near = (/** @type {number} */ x, /** @type {number} */ whole) => Math.abs(x - whole) < 1e-5;
  return (
    near(start[a], Math.round(start[a])) &&
    near(start[b], Math.round(start[b])) &&
    alongU.every((step, axis) => near(step, axis === a ? 1 : 0)) &&
    alongV.every((step, axis) => near(step, axis === b ? 1 : 0))
  );
}

/**
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").Raster} raster
 * @param {import("./types.js").PlaneName} plane
 * @param {number[]} start
 * @param {Float32Array} out
 */
function askOwnGrid(volume, raster, plane, start, out) {
  const { values, size } = volume;
  const axes = PLANES[plane];
  const [a, b, c] = [AXIS_INDEX[axes.u], AXIS_INDEX[axes.v], AXIS_INDEX[axes.w]];
  const strides = [1, size[0], size[0] * size[1]];
  const [stepU, stepV] = [strides[a], strides[b]];
  const [u, v] = [Math.round(start[a]), Math.round(start[b])];
  const { low, share } = between(start[c], size[c]);
  out.fill(NaN, 0, raster.nu * raster.nv);
  if (low < 0) return;
  const across = share > 0 ? strides[c] : 0;
  const isCode = values instanceof Uint16Array;
  const [firstU, lastU] = [Math.max(0, -u), Math.min(raster.nu, size[a] - u)];
  for (let q = Math.max(0, -v); q < Math.min(raster.nv, size[b] - v); q++) {
    let from = low * strides[c] + (q + v) * stepV + (firstU + u) * stepU;
    const row = q * raster.nu;
    for (let p = firstU; p < lastU; p++, from += stepU) {
      const [one, two] = [values[from], values[from + across]];
      if (isCode && (one === UNKNOWN_CODE || two === UNKNOWN_CODE)) continue;
      out[row + p] = one + share * (two - one);
    }
  }
}

/**
 * Voxel below a place and the share of the next one; low is -1 outside.
 *
 * @param {number} place
 * @param {number} count
 */
function between(place, count) {
  const whole = Math.round(place);
  if (Math.abs(place - whole) < 1e-4) {
    return { low: whole >= 0 && whole < count ? whole : -1, share: 0 };
  }
  const low = Math.floor(place);
  return { low: low >= 0 && low < count - 1 ? low : -1, share: place - low };
}

/**
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").Raster} raster
 * @param {{start: number[], alongU: number[], alongV: number[]}} steps
 * @param {Float32Array} out
 */
function askBetween(volume, raster, { start, alongU, alongV }, out) {
  for (let q = 0; q < raster.nv; q++) {
    let x = start[0] + q * alongV[0];
    let y = start[1] + q * alongV[1];
    let z = start[2] + q * alongV[2];
    const row = q * raster.nu;
    for (let p = 0; p < raster.nu; p++) {
      out[row + p] = valueBetween(volume, x, y, z);
      x += alongU[0];
      y += alongU[1];
      z += alongU[2];
    }
  }
}

/**
 * Linear between the eight voxels around a place; NaN outside and beside unknown ones.
 *
 * @param {import("./types.js").Volume} volume
 * @param {number} x voxels
 * @param {number} y
 * @param {number} z
 */
function valueBetween(volume, x, y, z) {
  const { size, values } = volume;
  const [nx, ny, nz] = size;
  // A place on the very edge belongs to the volume in spite of rounding.
  const slack = 1e-4;
  if (x < -slack || y < -slack || z < -slack) return NaN;
  if (x > nx - 1 + slack || y > ny - 1 + slack || z > nz - 1 + slack) return NaN;
  let i = Math.floor(x + slack);
  let j = Math.floor(y + slack);
  let k = Math.floor(z + slack);
  const fx = x - i > slack ? x - i : 0;
  const fy = y - j > slack ? y - j : 0;
  const fz = z - k > slack ? z - k : 0;
  const at = (k * ny + j) * nx + i;
  const di = fx > 0 ? 1 : 0;
  const dj = fy > 0 ? nx : 0;
  const dk = fz > 0 ? nx * ny : 0;
  const a = values[at];
  const b = values[at + di];
  const c = values[at + dj];
  const d = values[at + dj + di];
  const e = values[at + dk];
  const f = values[at + dk + di];
  const g = values[at + dk + dj];
  const h = values[at + dk + dj + di];
  if (values instanceof Uint16Array && Math.max(a, b, c, d, e, f, g, h) === UNKNOWN_CODE) return NaN;
  const front = (a + fx * (b - a)) * (1 - fy) + (c + fx * (d - c)) * fy;
  if (fz === 0) return front;
  return front * (1 - fz) + ((e + fx * (f - e)) * (1 - fy) + (g + fx * (h - g)) * fy) * fz;
}

/**
 * Value of a volume at a point, in its unit; null where it is not known.
 *
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").Point} point
 * @param {import("./types.js").Matrix | null} matrix movement of the volume
 */
export function valueAt(volume, point, matrix) {
  const [x, y, z] = voxelPlace(volume, matrix ? rigidInverse(matrix) : null, point);
  const value = valueBetween(volume, x, y, z);
  if (Number.isNaN(value)) return null;
  const { offset, scale } = volume.entry;
  return volume.values instanceof Uint16Array ? offset + scale * value : value;
}
