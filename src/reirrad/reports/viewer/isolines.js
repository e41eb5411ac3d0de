/** Lines and areas of a level on a raster: marching squares, linear along the edges. */

/**
 * Number of segments and their ends u1, v1, u2, v2 in mm. The array grows and is kept.
 *
 * @typedef {{count: number, ends: Float32Array}} Segments
 */

/** @returns {Segments} */
export function noSegments() {
  return { count: 0, ends: new Float32Array(4096) };
}

/**
 * Edges that a line crosses, for each of the 16 cases of corners at or above the level.
 * Corners: 1 at (p, q), 2 at (p+1, q), 4 at (p+1, q+1), 8 at (p, q+1). Edges: 0 from
 * corner 1 to 2, 1 from 2 to 4, 2 from 4 to 8, 3 from 8 to 1. Saddles (5, 10) are drawn
 * for a middle below the level; `SADDLE_ABOVE` holds the others.
 */
const CROSSED = [[], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2], [2, 3], [2, 0], [0, 1, 2, 3], [2, 1], [1, 3], [1, 0], [0, 3], []];
const SADDLE_ABOVE = { 5: [3, 2, 1, 0], 10: [0, 3, 2, 1] };

/**
 * @param {number} low
 * @param {number} high
 * @param {number} level
 */
function crossing(low, high, level) {
  return (level - low) / (high - low);
}

/**
 * @param {import("./types.js").Raster} raster
 * @param {Float32Array} values of the raster
 * @param {number} level
 * @param {Segments} out
 */
export function traceLevel(raster, values, level, out) {
  out.count = 0;
  const { nu, nv } = raster;
  for (let q = 0; q < nv - 1; q++) {
    for (let p = 0, at = q * nu; p < nu - 1; p++, at++) {
      const a = values[at];
      const b = values[at + 1];
      const c = values[at + nu + 1];
      const d = values[at + nu];
      const corners = (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0);
      if (corners === 0 || corners === 15) continue;
      // The sum is NaN where one of the corners is not known.
      const sum = a + b + c + d;
      if (sum !== sum) continue;
      const isSaddle = corners === 5 || corners === 10;
      const edges = isSaddle && sum >= 4 * level ? SADDLE_ABOVE[corners === 5 ? 5 : 10] : CROSSED[corners];
      for (let e = 0; e < edges.length; e += 2) addSegment(raster, out, p, q, [edges[e], edges[e + 1]], [a, b, c, d], level);
    }
  }
  return out;
}

/**
 * @param {import("./types.js").Raster} raster
 * @param {Segments} out
 * @param {number} p
 * @param {number} q
 * @param {number[]} edges
 * @param {number[]} corners
 * @param {number} level
 */
function addSegment(raster, out, p, q, edges, corners, level) {
  if (out.ends.length < 4 * (out.count + 1)) {
    const grown = new Float32Array(2 * out.ends.length);
    grown.set(out.ends);
    out.ends = grown;
  }
  let at = 4 * out.count++;
  for (const edge of edges) {
    const [du, dv] = edgePoint(edge, corners, level);
    out.ends[at++] = raster.u0 + (p + du) * raster.du;
    out.ends[at++] = raster.v0 + (q + dv) * raster.dv;
  }
}

/**
 * @param {number} edge
 * @param {number[]} corners
 * @param {number} level
 */
function edgePoint(edge, [a, b, c, d], level) {
  if (edge === 0) return [crossing(a, b, level), 0];
  if (edge === 1) return [1, crossing(b, c, level)];
  if (edge === 2) return [crossing(d, c, level), 1];
  return [0, crossing(a, d, level)];
}

/**
 * Put the area at or above a level into a path: runs of whole cells as rectangles, cells
 * on the edge as polygons.
 *
 * @param {import("./types.js").Raster} raster
 * @param {Float32Array} values of the raster
 * @param {number} level
 * @param {{polygon: (points: number[]) => void}} path takes polygons u1, v1, u2, v2, ... in mm
 */
export function fillLevel(raster, values, level, path) {
  const { nu, nv } = raster;
  for (let q = 0; q < nv - 1; q++) {
    let runStart = -1;
    for (let p = 0; p < nu; p++) {
      const at = q * nu + p;
      const corners = p < nu - 1 ? cornersAbove(values, at, nu, level) : 0;
      if (corners === 15) {
        if (runStart < 0) runStart = p;
        continue;
      }
      if (runStart >= 0) path.polygon(rectangle(raster, runStart, p, q));
      runStart = -1;
      if (corners > 0) {
        const cell = [values[at], values[at + 1], values[at + nu + 1], values[at + nu]];
        path.polygon(cutCell(raster, p, q, cell, level));
      }
    }
  }
}

/**
 * @param {Float32Array} values
 * @param {number} at
 * @param {number} nu
 * @param {number} level
 */
function cornersAbove(values, at, nu, level) {
  const a = values[at];
  const b = values[at + 1];
  const c = values[at + nu + 1];
  const d = values[at + nu];
  const sum = a + b + c + d;
  if (sum !== sum) return 0;
  return (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0);
}

/**
 * @param {import("./types.js").Raster} raster
 * @param {number} from
 * @param {number} to
 * @param {number} q
 */
function rectangle(raster, from, to, q) {
  const [u0, u1] = [raster.u0 + from * raster.du, raster.u0 + to * raster.du];
  const [v0, v1] = [raster.v0 + q * raster.dv, raster.v0 + (q + 1) * raster.dv];
  return [u0, v0, u1, v0, u1, v1, u0, v1];
}

const CORNER_AT = [[0, 0], [1, 0], [1, 1], [0, 1]];

/**
 * The part of a cell at or above the level.
 *
 * @param {import("./types.js").Raster} raster
 * @param {number} p
 * @param {number} q
 * @param {number[]} cell values at its corners, in turn
 * @param {number} level
 */
function cutCell(raster, p, q, cell, level) {
  /** @type {number[]} */
  const points = [];
  for (let corner = 0; corner < 4; corner++) {
    const next = (corner + 1) % 4;
    const [isIn, nextIsIn] = [cell[corner] >= level, cell[next] >= level];
    if (isIn) points.push(...cellPoint(raster, p, q, CORNER_AT[corner]));
    if (isIn !== nextIsIn) points.push(...cellPoint(raster, p, q, edgePoint(corner, cell, level)));
  }
  return points;
}

/**
 * @param {import("./types.js").Raster} raster
 * @param {number} p
 * @param {number} q
 * @param {number[]} within
 */
function cellPoint(raster, p, q, [du, dv]) {
  return [raster.u0 + (p + du) * raster.du, raster.v0 + (q + dv) * raster.dv];
}
