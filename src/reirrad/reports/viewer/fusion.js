/** Two images in one plane: one, blended, as a checkerboard, through a spy-glass, in turn. */

import { pixelX, pixelY, planeU, planeV } from "./geometry.js";

/**
 * Draw a picture where its raster lies.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {import("./types.js").Raster} raster
 * @param {CanvasImageSource} picture
 */
export function drawRaster(context, place, raster, picture) {
  const width = raster.nu * raster.du * place.scale;
  const height = raster.nv * raster.dv * place.scale;
  context.save();
  context.translate(pixelX(place, raster.u0 - raster.du / 2), pixelY(place, raster.v0 - raster.dv / 2));
  context.scale(1, -place.up);
  context.imageSmoothingEnabled = true;
  context.drawImage(picture, 0, 0, width, height);
  context.restore();
}

/**
 * Squares of the checkerboard, counted from a fixed point so that they do not swim.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {number} tile_mm
 */
function checkerPath(context, place, tile_mm) {
  const u0 = Math.floor(planeU(place, 0) / tile_mm);
  const u1 = Math.floor(planeU(place, place.width) / tile_mm);
  const edges = [planeV(place, 0), planeV(place, place.height)];
  const v0 = Math.floor(Math.min(...edges) / tile_mm);
  const v1 = Math.floor(Math.max(...edges) / tile_mm);
  const side = tile_mm * place.scale;
  context.beginPath();
  for (let v = v0; v <= v1; v++) {
    for (let u = u0; u <= u1; u++) {
      if ((u + v) % 2 === 0) continue;
      const top = pixelY(place, place.up > 0 ? (v + 1) * tile_mm : v * tile_mm);
      context.rect(pixelX(place, u * tile_mm), top, side, side);
    }
  }
}

/**
 * Limit drawing to where the other image is shown; its ground is black, so that nothing of
 * the first image shines through where the other ends.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {import("./types.js").CaseState} state
 * @param {{u: number, v: number}} glass middle of the spy-glass, mm
 */
function clipToOther(context, place, state, glass) {
  if (state.fusion === "checkerboard") {
    checkerPath(context, place, state.tile_mm);
  } else {
    context.beginPath();
    context.arc(pixelX(place, glass.u), pixelY(place, glass.v), state.radius_mm * place.scale, 0, 2 * Math.PI);
  }
  context.clip();
  context.fillStyle = "#000";
  context.fillRect(0, 0, place.width, place.height);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {import("./types.js").CaseState} state
 * @param {{one: (() => void) | null, other: (() => void) | null}} draw the images
 * @param {{u: number, v: number}} glass
 */
export function drawFused(context, place, state, draw, glass) {
  const { one, other } = draw;
  if (!other || state.fusion === "one") {
    if (one) one();
  } else if (state.fusion === "flicker") {
    const now = state.flicker_other ? other : one;
    if (now) now();
  } else {
    if (one) one();
    context.save();
    if (state.fusion === "blend") context.globalAlpha = state.blend;
    else clipToOther(context, place, state, glass);
    other();
    context.restore();
  }
}
