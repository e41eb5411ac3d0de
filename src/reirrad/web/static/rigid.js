import { matrixProduct, movedPoint, rotationMatrix, translationMatrix } from "./viewer/geometry.js";

const DEGREES = 180 / Math.PI;

/**
 * A rigid movement as six numbers: the shift of a fixed point in mm, and rotations about
 * x, then y, then z through that point in degrees.
 *
 * @typedef {{x: number, y: number, z: number, rx: number, ry: number, rz: number}} Movement
 */

/** @type {(keyof Movement)[]} */
export const MOVEMENT_KEYS = ["x", "y", "z", "rx", "ry", "rz"];

/**
 * @param {Movement} movement
 * @param {import("./viewer/types.js").Point} about
 * @returns {number[][]}
 */
export function movementMatrix(movement, about) {
  const turns = [
    rotationMatrix("y", "z", movement.rx, about),
    rotationMatrix("z", "x", movement.ry, about),
    rotationMatrix("x", "y", movement.rz, about),
    translationMatrix(movement),
  ];
  return turns.reduce((done, next) => matrixProduct(next, done));
}

/**
 * The six numbers of a rigid matrix.
 *
 * @param {number[][]} matrix
 * @param {import("./viewer/types.js").Point} about
 * @returns {Movement}
 */
export function matrixMovement(matrix, about) {
  const there = movedPoint(matrix, about);
  return {
    x: there.x - about.x,
    y: there.y - about.y,
    z: there.z - about.z,
    rx: Math.atan2(matrix[2][1], matrix[2][2]) * DEGREES,
    ry: Math.asin(Math.min(1, Math.max(-1, -matrix[2][0]))) * DEGREES,
    rz: Math.atan2(matrix[1][0], matrix[0][0]) * DEGREES,
  };
}

/**
 * The one angle by which a rigid matrix rotates, in degrees.
 *
 * @param {number[][]} m
 * @returns {number}
 */
export function rotationAngle(m) {
  const twiceSine = Math.hypot(m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]);
  return Math.atan2(twiceSine, m[0][0] + m[1][1] + m[2][2] - 1) * DEGREES;
}

/**
 * @param {import("./viewer/types.js").Point} one
 * @param {import("./viewer/types.js").Point} other
 * @returns {number} mm
 */
export function distanceMm(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y, one.z - other.z);
}
