/** One plane of the case on its canvas. */

import { ratioText } from "./case_state.js";
import { drawFused, drawRaster } from "./fusion.js";
import { PLANES, isOutOfPlace, movementOf, pixelX, pixelY, planeU, planeV } from "./geometry.js";
import { fillLevel, noSegments, traceLevel } from "./isolines.js";
import { DoseLayer, ImageLayer } from "./layers.js";
import {
  drawColourBar,
  drawCrossHair,
  drawLetters,
  drawLineLabel,
  drawScale,
  drawTitle,
  hatchPattern,
  placedLetters,
  placedTitle,
  planeTitle,
} from "./marks.js";
import { TEXTS, courseText } from "./texts.js";

/**
 * What all planes draw from.
 *
 * @typedef {Object} CaseModel
 * @property {import("./types.js").CaseState} state
 * @property {import("./types.js").Manifest} manifest
 * @property {import("./layers.js").SceneVolumes} scene
 * @property {import("./outlines.js").Outlines} outlines
 */

/** Directions of the labels of lines in turn: to the right and upwards is negative. */
const LABEL_ANGLES = [-0.35, -2.8, -1.0, -2.15, 0.45, 2.7, 1.1, 2.05];

export class PlaneView {
  /**
   * @param {import("./types.js").PlaneName} name
   * @param {HTMLCanvasElement} canvas
   * @param {CaseModel} model
   * @param {{u0: number, u1: number, v0: number, v1: number}} extent mm shown at the start
   */
  constructor(name, canvas, model, extent) {
    this.name = name;
    this.canvas = canvas;
    this.model = model;
    this.extent = extent;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.ground = document.createElement("canvas");
    this.groundContext = /** @type {CanvasRenderingContext2D} */ (this.ground.getContext("2d"));
    /** @type {Map<string, ImageLayer>} */
    this.imageLayers = new Map();
    this.doseLayer = new DoseLayer(model.scene, name);
    this.segments = noSegments();
    /** @type {Map<string, CanvasPattern>} */
    this.patterns = new Map();
    /** @type {import("./geometry.js").PlaneWindow} */
    this.place = { width: 0, height: 0, u: 0, v: 0, scale: 1, up: PLANES[name].up };
    this.unit = 12;
    this.zoom = 1;
    /** @type {{u: number, v: number} | null} */
    this.pointer = null;
    this.groundOf = "";
    /** @type {import("./marks.js").PlacedText[]} */
    this.title = [];
    /** @type {import("./marks.js").PlacedText[]} */
    this.letters = [];
    this.startView();
  }

  startView() {
    const { u0, u1, v0, v1 } = this.extent;
    this.zoom = 1;
    this.place.u = (u0 + u1) / 2;
    this.place.v = (v0 + v1) / 2;
    this.fit();
  }

  fit() {
    const { u0, u1, v0, v1 } = this.extent;
    const margin = 0.94;
    const fitting = Math.min(this.place.width / (u1 - u0), this.place.height / (v1 - v0)) * margin;
    this.place.scale = Math.max(fitting * this.zoom, 1e-3);
  }

  /** Take the size of the page; the canvas counts in pixels of the screen. */
  resize() {
    const ratio = window.devicePixelRatio || 1;
    const box = this.canvas.getBoundingClientRect();
    const [width, height] = [Math.max(1, Math.round(box.width * ratio)), Math.max(1, Math.round(box.height * ratio))];
    this.unit = parseFloat(getComputedStyle(this.canvas).fontSize) * ratio;
    if (width === this.place.width && height === this.place.height) return;
    for (const canvas of [this.canvas, this.ground]) {
      canvas.width = width;
      canvas.height = height;
    }
    this.place.width = width;
    this.place.height = height;
    this.patterns.clear();
    this.fit();
    this.groundOf = "";
  }

  /**
   * @param {number} factor
   * @param {{u: number, v: number}} about stays where it is on the screen
   */
  zoomBy(factor, about) {
    const zoom = Math.min(Math.max(this.zoom * factor, 0.5), 40);
    const share = this.zoom / zoom;
    this.zoom = zoom;
    this.place.u = about.u + (this.place.u - about.u) * share;
    this.place.v = about.v + (this.place.v - about.v) * share;
    this.fit();
  }

  /** @param {number} dx pixels of the canvas @param {number} dy */
  pan(dx, dy) {
    this.place.u -= dx / this.place.scale;
    this.place.v += (dy / this.place.scale) * this.place.up;
  }

  /** @param {{clientX: number, clientY: number}} event @returns {{u: number, v: number}} */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) * this.place.width) / box.width;
    const y = ((event.clientY - box.top) * this.place.height) / box.height;
    return { u: planeU(this.place, x), v: planeV(this.place, y) };
  }

  /** @param {import("./types.js").Point} point @returns {{x: number, y: number}} CSS pixels of the canvas */
  pixelOf(point) {
    const { u, v } = PLANES[this.name];
    const box = this.canvas.getBoundingClientRect();
    const share = this.place.width > 0 ? box.width / this.place.width : 1;
    return { x: pixelX(this.place, point[u]) * share, y: pixelY(this.place, point[v]) * share };
  }

  /** Keep the cross-hair in sight. */
  follow() {
    // Before it has a size, nothing is out of sight.
    if (this.place.width === 0) return;
    const { state } = this.model;
    const axes = PLANES[this.name];
    const [x, y] = [pixelX(this.place, state.point[axes.u]), pixelY(this.place, state.point[axes.v])];
    if (x >= 0 && y >= 0 && x <= this.place.width && y <= this.place.height) return;
    this.place.u = state.point[axes.u];
    this.place.v = state.point[axes.v];
  }

  /** @param {number} version grows with every change of the state but the point's */
  draw(version) {
    const { state } = this.model;
    const axes = PLANES[this.name];
    const w = state.point[axes.w];
    const glass = this.pointer || { u: state.point[axes.u], v: state.point[axes.v] };
    const isGlass = state.fusion === "spyglass";
    const groundOf = `${version} ${w} ${this.place.u} ${this.place.v} ${this.place.scale} ${isGlass ? `${glass.u} ${glass.v}` : ""}`;
    if (groundOf !== this.groundOf) {
      this.drawGround(w, glass);
      this.groundOf = groundOf;
    }
    this.context.drawImage(this.ground, 0, 0);
    drawCrossHair(this.context, this.place, { u: state.point[axes.u], v: state.point[axes.v] }, this.unit);
    drawLetters(this.context, this.letters, this.unit);
  }

  /** @param {number} w @param {{u: number, v: number}} glass */
  drawGround(w, glass) {
    const { state } = this.model;
    const context = this.groundContext;
    context.globalAlpha = 1;
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.place.width, this.place.height);
    this.drawImages(w, glass);
    if (this.model.scene.doses.size > 0) {
      this.doseLayer.moveTo(w, state);
      if (state.wash !== "off") this.drawWash();
      if (state.hatch) this.drawOverlaps();
    }
    this.title = placedTitle(context, this.titleLines(), this.unit);
    this.letters = placedLetters(this.name, this.place, this.title, this.unit);
    if (state.outlines) this.drawOutlines(w);
    if (state.lines) this.drawLines();
    this.drawMarks(glass);
  }

  /** @param {number} w @param {{u: number, v: number}} glass */
  drawImages(w, glass) {
    const { state } = this.model;
    const draw = { one: this.imageDrawing(state.image, w), other: this.imageDrawing(state.other, w) };
    drawFused(this.groundContext, this.place, state, draw, glass);
  }

  /** @param {string | null} key @param {number} w */
  imageDrawing(key, w) {
    const { state, scene } = this.model;
    const volume = key === null ? undefined : scene.images.get(key);
    if (key === null || !volume) return null;
    return () => {
      const layer = this.imageLayers.get(key) || new ImageLayer();
      this.imageLayers.set(key, layer);
      const picture = layer.draw(volume, this.name, w, movementOf(state, volume.entry.course), state.windows[key]);
      drawRaster(this.groundContext, this.place, layer.raster, picture.canvas);
    };
  }

  drawWash() {
    const { state } = this.model;
    const picture = this.doseLayer.wash(state.wash, state.ranges[state.wash]);
    if (!picture) return;
    const context = this.groundContext;
    context.globalAlpha = state.wash_opacity;
    drawRaster(context, this.place, this.doseLayer.raster, picture.canvas);
    context.globalAlpha = 1;
  }

  drawOverlaps() {
    const { state, manifest } = this.model;
    const context = this.groundContext;
    for (const choice of state.overlaps) {
      const values = choice.shown ? this.doseLayer.overlap(choice, manifest.levels_gy) : null;
      if (!values) continue;
      const pattern = this.patterns.get(choice.level) || hatchPattern(context, choice.level, this.unit);
      this.patterns.set(choice.level, pattern);
      context.beginPath();
      fillLevel(this.doseLayer.raster, values, 1, this);
      context.fillStyle = pattern;
      context.fill();
    }
  }

  /**
   * A polygon in mm joins the path (asked by `fillLevel`).
   *
   * @param {number[]} points
   */
  polygon(points) {
    const context = this.groundContext;
    context.moveTo(pixelX(this.place, points[0]), pixelY(this.place, points[1]));
    for (let at = 2; at < points.length; at += 2) {
      context.lineTo(pixelX(this.place, points[at]), pixelY(this.place, points[at + 1]));
    }
    context.closePath();
  }

  drawLines() {
    const { state } = this.model;
    const context = this.groundContext;
    context.lineCap = "round";
    /** @type {((taken: {left: number, right: number, y: number}[]) => void)[]} */
    const labels = [];
    /** @type {{left: number, right: number, y: number}[]} */
    const taken = [...this.title, ...this.letters];
    for (const level of state.levels) {
      const values = level.shown ? this.doseLayer.values(level.source) : null;
      if (!values) continue;
      traceLevel(this.doseLayer.raster, values, level.level, this.segments);
      if (this.segments.count === 0) continue;
      this.segmentPath();
      context.strokeStyle = level.colour;
      context.lineWidth = Math.max(1.4, this.unit / 8);
      context.stroke();
      labels.push(this.labelOf(level, labels.length));
    }
    // No line runs over a label.
    labels.forEach((label) => label(taken));
  }

  segmentPath() {
    const context = this.groundContext;
    const { count, ends } = this.segments;
    context.beginPath();
    for (let at = 0; at < 4 * count; at += 4) {
      context.moveTo(pixelX(this.place, ends[at]), pixelY(this.place, ends[at + 1]));
      context.lineTo(pixelX(this.place, ends[at + 2]), pixelY(this.place, ends[at + 3]));
    }
  }

  /**
   * Draws the label later: outside, where the line goes farthest in a direction of its own.
   *
   * @param {import("./types.js").IsodoseLevel} level
   * @param {number} order
   */
  labelOf(level, order) {
    const { count, ends } = this.segments;
    const angle = LABEL_ANGLES[order % LABEL_ANGLES.length];
    const [right, down] = [Math.cos(angle), Math.sin(angle)];
    let [best, farthest] = [0, -Infinity];
    for (let at = 0; at < 4 * count; at += 4) {
      const reach = ends[at] * right - ends[at + 1] * this.place.up * down;
      if (reach > farthest) [best, farthest] = [at, reach];
    }
    const x = pixelX(this.place, ends[best]) + right * this.unit * 0.5;
    const y = pixelY(this.place, ends[best + 1]) + down * this.unit * 0.8;
    const at = { x, y, isRight: right > 0 };
    return (/** @type {{left: number, right: number, y: number}[]} */ taken) =>
      drawLineLabel(this.groundContext, level, at, this.unit, taken);
  }

  /** @param {number} w */
  drawOutlines(w) {
    const { state, outlines } = this.model;
    const context = this.groundContext;
    context.lineJoin = "round";
    context.lineWidth = Math.max(1.2, this.unit / 9);
    for (const outline of outlines.all) {
      if (state.hidden.includes(outline.key) || isOutOfPlace(state, outline.entry)) continue;
      const loops = outlines.loopsAt(outline, this.name, w);
      if (loops.length === 0) continue;
      context.beginPath();
      outlines.addToPath(context, this.place, loops);
      context.strokeStyle = outline.entry.colour;
      context.setLineDash(outline.entry.carried_over ? [this.unit * 0.5, this.unit * 0.3] : []);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /** @param {{u: number, v: number}} glass */
  drawMarks(glass) {
    const { state } = this.model;
    const context = this.groundContext;
    if (state.fusion === "spyglass" && state.other) {
      context.strokeStyle = "rgba(255, 255, 255, 0.8)";
      context.lineWidth = Math.max(1, this.unit / 10);
      context.beginPath();
      context.arc(pixelX(this.place, glass.u), pixelY(this.place, glass.v), state.radius_mm * this.place.scale, 0, 2 * Math.PI);
      context.stroke();
    }
    drawScale(context, this.place, this.unit);
    drawTitle(context, this.title, this.unit);
    if (state.wash !== "off" && this.isMain()) this.drawBar();
  }

  /** Whether this is the largest plane on the page. */
  isMain() {
    const { full } = this.model.state;
    return full === null ? this.name === "axial" : full === this.name;
  }

  titleLines() {
    const { state, outlines } = this.model;
    const lines = [planeTitle(this.name, state.point), this.imageWords()];
    if (state.adjustment) lines.push(`${state.movable.map((course) => `C${course}`).join(", ")} ${TEXTS.moved}`);
    // Said once: the small planes keep their room.
    if (!this.isMain()) return lines;
    if (outlines.all.some((outline) => isOutOfPlace(state, outline.entry))) lines.push(TEXTS.outlinesAway);
    if (state.tool !== "cross-hair") lines.push(TEXTS.tools[state.tool]);
    return lines;
  }

  imageWords() {
    const { state, scene, manifest } = this.model;
    const name = (/** @type {string | null} */ key) => {
      const volume = key === null ? undefined : scene.images.get(key);
      return volume ? `${courseText(Number(volume.entry.course), scene.reference)} ${volume.entry.modality}` : "";
    };
    if (state.image === null) return TEXTS.noImage;
    const lossy = manifest.display_only ? ` (${TEXTS.lossy})` : "";
    if (state.fusion === "one" || state.other === null) return name(state.image) + lossy;
    if (state.fusion === "flicker") return name(state.flicker_other ? state.other : state.image) + lossy;
    return `${name(state.image)} + ${name(state.other)}${lossy}`;
  }

  drawBar() {
    const { state, scene } = this.model;
    const range = state.ranges[state.wash];
    const bar = { title: washTitle(state.wash, scene), ...range, isBudget: state.wash === "budget" };
    drawColourBar(this.groundContext, this.place, bar, this.unit);
  }
}

/**
 * @param {string} wash
 * @param {import("./layers.js").SceneVolumes} scene
 */
function washTitle(wash, scene) {
  if (wash === "sum") return `${TEXTS.washSum}, ${ratioText(scene)}, Gy`;
  const volume = scene.doses.get(wash);
  if (!volume) return "";
  if (wash === "budget") return `${TEXTS.washBudgetTitle(volume.entry.n_fractions)}, Gy`;
  return `${courseText(Number(volume.entry.course), scene.reference)}, Gy`;
}
