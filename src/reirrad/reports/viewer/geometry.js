/** Planes, rigid movements, and the way between mm and pixels. LPS throughout. */

/**
 * Axes of the three planes. `up` is -1 where v grows downwards on the screen (toward
 * posterior) and 1 where it grows upwards (toward the head).
 *
 * @type {Record<import("./types.js").PlaneName,
 *   {u: import("./types.js").Axis, v: import("./types.js").Axis, w: import("./types.js").Axis,
 *    up: number, letters: {left: string, right: string, top: string, bottom: string}}>}
 */
export const PLANES = {
  axial: { u: "x", v: "y", w: "z", up: -1, letters: { left: "R", right: "L", top: "A", bottom: "P" } },
  sagittal: { u: "y", v: "z", w: "x", up: 1, letters: { left: "A", right: "P", top: "S", bottom: "I" } },
  coronal: { u: "x", v: "z", w: "y", up: 1, letters: { left: "R", right: "L", top: "S", bottom: "I" } },
};

/** @type {import("./types.js").PlaneName[]} */
export const PLANE_NAMES = ["axial", "sagittal", "coronal"];

/** @type {import("./types.js").Axis[]} */
export const AXES = ["x", "y", "z"];

/** Place of an axis in arrays of three. */
export const AXIS_INDEX = { x: 0, y: 1, z: 2 };

/** @returns {import("./types.js").Matrix} the movement that moves nothing */
export function identityMatrix() {
  return [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
}

/**
 * @param {import("./types.js").Matrix} a
 * @param {import("./types.js").Matrix} b
 * @returns {import("./types.js").Matrix} b first, then a
 */
export function matrixProduct(a, b) {
  return a.map((row) => [0, 1, 2, 3].map((c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)));
}

/**
 * @param {import("./types.js").Matrix} m a rigid movement
 * @returns {import("./types.js").Matrix}
 */
export function rigidInverse(m) {
  const rows = [0, 1, 2].map((r) => {
    const back = -(m[0][r] * m[0][3] + m[1][r] * m[1][3] + m[2][r] * m[2][3]);
    return [m[0][r], m[1][r], m[2][r], back];
  });
  return [...rows, [0, 0, 0, 1]];
}

/**
 * @param {import("./types.js").Matrix} m
 * @param {import("./types.js").Point} p
 * @returns {import("./types.js").Point}
 */
export function movedPoint(m, p) {
  const [x, y, z] = [0, 1, 2].map((r) => m[r][0] * p.x + m[r][1] * p.y + m[r][2] * p.z + m[r][3]);
  return { x, y, z };
}

/**
 * Movement by hand of what belongs to a course; null where it stays.
 *
 * @param {{adjustment: import("./types.js").Matrix | null, movable: number[]}} moving
 * @param {number | null} course
 */
export function movementOf({ adjustment, movable }, course) {
  return course !== null && movable.includes(course) ? adjustment : null;
}

/**
 * Whether an outline was carried over by a registration that is being moved by hand.
 *
 * @param {{adjustment: import("./types.js").Matrix | null, movable: number[]}} moving
 * @param {import("./types.js").StructureEntry} entry
 */
export function isOutOfPlace(moving, entry) {
  return entry.carried_over && movementOf(moving, entry.course) !== null;
}

/**
 * @param {import("./types.js").Point} shift mm
 * @returns {import("./types.js").Matrix}
 */
export function translationMatrix(shift) {
  const m = identityMatrix();
  m[0][3] = shift.x;
  m[1][3] = shift.y;
  m[2][3] = shift.z;
  return m;
}

/**
 * Turn from axis `from` toward axis `to` about a point.
 *
 * @param {import("./types.js").Axis} from
 * @param {import("./types.js").Axis} to
 * @param {number} degrees
 * @param {import("./types.js").Point} about
 * @returns {import("./types.js").Matrix}
 */
export function rotationMatrix(from, to, degrees, about) {
  const [a, b] = [AXIS_INDEX[from], AXIS_INDEX[to]];
  const angle = (degrees * Math.PI) / 180;
  const m = identityMatrix();
  m[a][a] = Math.cos(angle);
  m[b][b] = Math.cos(angle);
  m[b][a] = Math.sin(angle);
  m[a][b] = -Math.sin(angle);
  const turned = movedPoint(m, about);
  m[0][3] = about.x - turned.x;
  m[1][3] = about.y - turned.y;
  m[2][3] = about.z - turned.z;
  return m;
}

/**
 * @param {import("./types.js").PlaneName} plane
 * @param {number} u
 * @param {number} v
 * @param {number} w position of the plane
 * @returns {import("./types.js").Point}
 */
export function planePoint(plane, u, v, w) {
  const axes = PLANES[plane];
  const point = { x: 0, y: 0, z: 0 };
  point[axes.u] = u;
  point[axes.v] = v;
  point[axes.w] = w;
  return point;
}

/**
 * Where mm of a plane lie on its canvas.
 *
 * @typedef {Object} PlaneWindow
 * @property {number} width     canvas pixels
 * @property {number} height
 * @property {number} u         mm in the middle of the canvas
 * @property {number} v
 * @property {number} scale     pixels per mm
 * @property {number} up        1: v grows upwards; -1: downwards
 */

/** @param {PlaneWindow} place @param {number} u */
export function pixelX(place, u) {
  return place.width / 2 + (u - place.u) * place.scale;
}

/** @param {PlaneWindow} place @param {number} v */
export function pixelY(place, v) {
  return place.height / 2 - (v - place.v) * place.scale * place.up;
}

/** @param {PlaneWindow} place @param {number} x */
export function planeU(place, x) {
  return place.u + (x - place.width / 2) / place.scale;
}

/** @param {PlaneWindow} place @param {number} y */
export function planeV(place, y) {
  return place.v - ((y - place.height / 2) / place.scale) * place.up;
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamped(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
