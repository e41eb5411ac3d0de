/** The rasters of one plane: images in grey, dose in colour, the values of lines and areas. */

import { doseTable, dotUnknown, fillGreyTable } from "./colours.js";
import { movementOf } from "./geometry.js";
import { hiddenCanvas } from "./nodes.js";
import { askRaster, emptyRaster, layOut } from "./slices.js";

/**
 * The scene, unpacked.
 *
 * @typedef {Object} SceneVolumes
 * @property {Map<string, import("./types.js").Volume>} images   "C2" to its volume
 * @property {Map<string, import("./types.js").Volume>} doses    "dose-1", "eqd2-1", "half-1", "budget"
 * @property {import("./types.js").Volume[]} eqd2                of all courses
 * @property {number[]} courses  all of the case, also those that are not placed
 * @property {number} reference
 * @property {boolean} hasSum    EQD2 is there of every course
 */

/**
 * A small canvas at the resolution of a raster, and its pixels.
 *
 * @typedef {Object} Picture
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} context
 * @property {ImageData} data
 * @property {Uint32Array} pixels
 */

/**
 * @param {Picture | null} picture
 * @param {number} nu
 * @param {number} nv
 * @returns {Picture}
 */
function sizedPicture(picture, nu, nv) {
  if (picture && picture.canvas.width === nu && picture.canvas.height === nv) return picture;
  const { canvas, context } = hiddenCanvas(nu, nv, true);
  const data = context.createImageData(nu, nv);
  return { canvas, context, data, pixels: new Uint32Array(data.data.buffer) };
}

/** Grey pictures of the images in one plane; what is unchanged is not made again. */
export class ImageLayer {
  constructor() {
    this.raster = emptyRaster();
    /** @type {Picture | null} */
    this.picture = null;
    this.table = new Uint32Array(65536);
    this.tableOf = "";
    this.madeOf = "";
  }

  /**
   * @param {import("./types.js").Volume} volume
   * @param {import("./types.js").PlaneName} plane
   * @param {number} w
   * @param {import("./types.js").Matrix | null} matrix
   * @param {import("./types.js").GreyWindow} window
   */
  draw(volume, plane, w, matrix, window) {
    const tableOf = `${volume.entry.name} ${window.black} ${window.white}`;
    const madeOf = `${tableOf} ${w} ${matrix}`;
    if (this.picture && madeOf === this.madeOf) return this.picture;
    if (tableOf !== this.tableOf) fillGreyTable(volume.entry, window, this.table);
    this.tableOf = tableOf;
    this.madeOf = madeOf;
    layOut(this.raster, plane, [{ volume, matrix }]);
    askRaster(volume, this.raster, plane, w, matrix, this.raster.values);
    this.picture = sizedPicture(this.picture, this.raster.nu, this.raster.nv);
    const { pixels } = this.picture;
    const { values } = this.raster;
    for (let at = 0; at < pixels.length; at++) {
      const code = values[at];
      // Beyond the image nothing is drawn.
      pixels[at] = code === code ? this.table[(code + 0.5) | 0] : 0;
    }
    this.picture.context.putImageData(this.picture.data, 0, 0);
    return this.picture;
  }
}

/** Dose in one plane: all volumes on one raster, each asked once for a position. */
export class DoseLayer {
  /** @param {SceneVolumes} scene @param {import("./types.js").PlaneName} plane */
  constructor(scene, plane) {
    this.scene = scene;
    this.plane = plane;
    this.raster = emptyRaster();
    /** @type {Map<string, {madeOf: string, values: Float32Array}>} */
    this.fields = new Map();
    /** @type {Picture | null} */
    this.picture = null;
    this.washOf = "";
    this.tables = { dose: doseTable(false), budget: doseTable(true) };
    this.position = "";
    this.w = 0;
    /** @type {{adjustment: import("./types.js").Matrix | null, movable: number[]}} */
    this.moving = { adjustment: null, movable: [] };
  }

  /**
   * @param {number} w
   * @param {{adjustment: import("./types.js").Matrix | null, movable: number[]}} moving
   */
  moveTo(w, { adjustment, movable }) {
    const position = `${w} ${adjustment} ${movable}`;
    if (position === this.position) return;
    this.position = position;
    this.w = w;
    this.moving = { adjustment, movable };
    const placed = [...this.scene.doses.values()].map((volume) => ({ volume, matrix: this.matrixOf(volume) }));
    if (placed.length > 0) layOut(this.raster, this.plane, placed);
  }

  /** @param {import("./types.js").Volume} volume */
  matrixOf(volume) {
    return movementOf(this.moving, volume.entry.course);
  }

  /**
   * Values on the raster of a volume, of the sum, or of an overlap; null where there is none.
   *
   * @param {string} name
   * @param {(out: Float32Array, count: number) => boolean} make
   */
  field(name, make) {
    const count = this.raster.nu * this.raster.nv;
    let field = this.fields.get(name);
    if (!field || field.values.length < count) {
      field = { madeOf: "", values: new Float32Array(count) };
      this.fields.set(name, field);
    }
    if (field.madeOf !== this.position) {
      if (!make(field.values, count)) return null;
      field.madeOf = this.position;
    }
    return field.values;
  }

  /** @param {string} name of a volume or "sum" @returns {Float32Array | null} */
  values(name) {
    if (name === "sum") return this.scene.hasSum ? this.field(name, (out, count) => this.addAll(out, count)) : null;
    const volume = this.scene.doses.get(name);
    // The budget was worked out with the earlier courses where they were assessed.
    if (!volume || (name === "budget" && this.moving.adjustment)) return null;
    return this.field(name, (out) => {
      askRaster(volume, this.raster, this.plane, this.w, this.matrixOf(volume), out);
      return true;
    });
  }

  /** @param {Float32Array} out @param {number} count */
  addAll(out, count) {
    out.fill(0, 0, count);
    for (const volume of this.scene.eqd2) {
      const part = this.values(volume.entry.name);
      for (let at = 0; part && at < count; at++) out[at] += part[at];
    }
    return true;
  }

  /**
   * Dose of a course as a multiple of a level.
   *
   * @param {number} course
   * @param {string} level
   * @param {number} gy
   * @returns {{values: Float32Array, divisor: number} | null}
   */
  ratio(course, level, gy) {
    const half = level === "50%" ? this.values(`half-${course}`) : null;
    if (half) return { values: half, divisor: 1 };
    const dose = this.values(`dose-${course}`);
    return dose && gy > 0 ? { values: dose, divisor: gy } : null;
  }

  /**
   * The smaller of the ratios of the later course and of the earlier ones (the highest of
   * them: their areas are united). At or above 1 the areas overlap.
   *
   * @param {import("./types.js").OverlapChoice} choice
   * @param {Record<string, Record<string, number>>} levels
   */
  overlap(choice, levels) {
    const ratioOf = (/** @type {number} */ course) =>
      this.ratio(course, choice.level, (levels[course] || {})[choice.level]);
    const later = ratioOf(choice.later);
    const earlier = choice.earlier.map(ratioOf);
    if (!later || earlier.some((one) => one === null)) return null;
    return this.field(`overlap ${choice.key}`, (out, count) => {
      for (let at = 0; at < count; at++) {
        let highest = NaN;
        for (const one of earlier) {
          const ratio = one ? one.values[at] / one.divisor : NaN;
          if (!(ratio <= highest)) highest = ratio === ratio ? ratio : highest;
        }
        const own = later.values[at] / later.divisor;
        out[at] = Math.min(own, highest);
      }
      return true;
    });
  }

  /**
   * @param {string} name
   * @param {{low: number, high: number}} range
   * @returns {Picture | null}
   */
  wash(name, range) {
    const values = this.values(name);
    if (!values) return null;
    const washOf = `${name} ${range.low} ${range.high} ${this.position}`;
    if (this.picture && washOf === this.washOf) return this.picture;
    this.washOf = washOf;
    this.picture = sizedPicture(this.picture, this.raster.nu, this.raster.nv);
    const table = name === "budget" ? this.tables.budget : this.tables.dose;
    const factor = 255 / Math.max(range.high - range.low, 1e-6);
    const { pixels } = this.picture;
    for (let at = 0; at < pixels.length; at++) {
      const share = (values[at] - range.low) * factor;
      pixels[at] = share >= 0 ? table[share > 255 ? 255 : share | 0] : 0;
    }
    // Outside of every organ with a limit there is no budget to know.
    if (name !== "budget") dotUnknown(values, this.raster, pixels);
    this.picture.context.putImageData(this.picture.data, 0, 0);
    return this.picture;
  }
}
