/** Outlines of structures: found by plane, drawn, and asked what lies inside. */

import { PLANES, PLANE_NAMES } from "./geometry.js";
import { unzipped } from "./volume.js";

/** Steps of outlines are as close as those of images; beyond this share nothing is shown. */
const NEAR = 0.75;

/**
 * @typedef {{start: number, points: number}} Loop   in int16 words and in points
 * @typedef {Object} Outline
 * @property {import("./types.js").StructureEntry} entry
 * @property {string} key
 * @property {Record<import("./types.js").PlaneName, Map<number, Loop[]>>} loops
 */

/** @param {import("./types.js").StructureEntry} entry */
export function structureKey(entry) {
  return `${entry.course} ${entry.label}`;
}

export class Outlines {
  /**
   * @param {import("./types.js").Manifest} manifest
   * @param {Int16Array} words
   */
  constructor(manifest, words) {
    this.steps = manifest.planes;
    this.words = words;
    this.wordMm = manifest.outline_step_mm;
    /** @type {Outline[]} */
    this.all = manifest.structures.map((entry) => ({
      entry,
      key: structureKey(entry),
      loops: {
        axial: this.loopsOf(entry.axial),
        sagittal: this.loopsOf(entry.sagittal),
        coronal: this.loopsOf(entry.coronal),
      },
    }));
  }

  /** @param {import("./types.js").Run} run */
  loopsOf(run) {
    /** @type {Map<number, Loop[]>} */
    const loops = new Map();
    let at = run.first;
    while (at < run.first + run.words) {
      const [plane, points] = [this.words[at], this.words[at + 1]];
      const here = loops.get(plane);
      if (here) here.push({ start: at + 2, points });
      else loops.set(plane, [{ start: at + 2, points }]);
      at += 2 + 2 * points;
    }
    return loops;
  }

  /**
   * @param {Outline} outline
   * @param {import("./types.js").PlaneName} plane
   * @param {number} w mm
   */
  loopsAt(outline, plane, w) {
    const { first_mm, step_mm } = this.steps[plane];
    const index = Math.round((w - first_mm) / step_mm);
    if (Math.abs(first_mm + index * step_mm - w) > NEAR * step_mm) return [];
    return outline.loops[plane].get(index) || [];
  }

  /**
   * Add the outline to a path of the canvas.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {import("./geometry.js").PlaneWindow} place
   * @param {Loop[]} loops
   */
  addToPath(context, place, loops) {
    const { words } = this;
    const sx = place.scale * this.wordMm;
    const sy = -sx * place.up;
    const x0 = place.width / 2 - place.u * place.scale;
    const y0 = place.height / 2 + place.v * place.scale * place.up;
    for (const { start, points } of loops) {
      context.moveTo(x0 + sx * words[start], y0 + sy * words[start + 1]);
      for (let at = start + 2; at < start + 2 * points; at += 2) {
        context.lineTo(x0 + sx * words[at], y0 + sy * words[at + 1]);
      }
      context.closePath();
    }
  }

  /**
   * Labels of the structures that a point lies in, by their axial outlines.
   *
   * @param {import("./types.js").Point} point
   * @param {(entry: import("./types.js").StructureEntry) => boolean} isAsked
   */
  labelsAt(point, isAsked) {
    return this.all
      .filter(({ entry }) => isAsked(entry))
      .filter((outline) =>
        this.isInside(this.loopsAt(outline, "axial", point.z), point.x / this.wordMm, point.y / this.wordMm),
      )
      .map((outline) => outline.entry.label);
  }

  /**
   * @param {Loop[]} loops
   * @param {number} u in the unit of the outlines
   * @param {number} v
   */
  isInside(loops, u, v) {
    const { words } = this;
    let inside = false;
    for (const { start, points } of loops) {
      let [u0, v0] = [words[start + 2 * points - 2], words[start + 2 * points - 1]];
      for (let at = start; at < start + 2 * points; at += 2) {
        const [u1, v1] = [words[at], words[at + 1]];
        if (v0 > v !== v1 > v && u < u0 + ((v - v0) / (v1 - v0)) * (u1 - u0)) inside = !inside;
        [u0, v0] = [u1, v1];
      }
    }
    return inside;
  }

  /**
   * Range of the outlines along the axes, where there is no volume to look at.
   *
   * @returns {Record<import("./types.js").Axis, {first: number, last: number, step: number}>}
   */
  ranges() {
    const ranges = { x: { first: 0, last: 0, step: 1 }, y: { first: 0, last: 0, step: 1 }, z: { first: 0, last: 0, step: 1 } };
    for (const plane of PLANE_NAMES) {
      const { first_mm, step_mm, count } = this.steps[plane];
      ranges[PLANES[plane].w] = { first: first_mm, last: first_mm + (count - 1) * step_mm, step: step_mm };
    }
    return ranges;
  }
}

/**
 * @param {import("./types.js").Manifest} manifest
 * @param {Uint8Array} part
 */
export async function readOutlines(manifest, part) {
  return new Outlines(manifest, new Int16Array(await unzipped(part)));
}
