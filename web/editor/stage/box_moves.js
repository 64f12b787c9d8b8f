/**
 * Boxes as a hand moves, resizes and draws them.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {import("../../plan_layout.js").Box} Box
 */

import { snap, snapBox } from "../../plan_layout.js";

/** One step of the keyboard, and of the grid. */
export const STEP = 0.05;
const LEAST = 0.01;

/** A coordinate without the noise of floating point. */
export function tidy(value) {
  return Math.round(value * 1e4) / 1e4;
}

/**
 * A box that is moved as a whole and stays in the picture; on the grid unless it is free.
 *
 * @param {Box} box
 * @param {number} dx to the right, in widths of the picture
 * @param {number} dy down
 * @param {boolean} isFree
 * @returns {Box}
 */
export function movedBox([x0, y0, x1, y1], dx, dy, isFree) {
  const [left, right] = movedSides(x0, x1, dx, isFree);
  const [top, bottom] = movedSides(y0, y1, dy, isFree);
  return [left, top, right, bottom];
}

/**
 * A box of which sides are moved; none passes the one opposite to it.
 *
 * @param {Box} box
 * @param {{x: -1|0|1, y: -1|0|1}} side which sides: -1 left or top, 1 right or bottom
 * @param {number} dx
 * @param {number} dy
 * @param {boolean} isFree
 * @returns {Box}
 */
export function resizedBox([x0, y0, x1, y1], side, dx, dy, isFree) {
  const [left, right] = resizedSides(x0, x1, side.x, dx, isFree);
  const [top, bottom] = resizedSides(y0, y1, side.y, dy, isFree);
  return [left, top, right, bottom];
}

/**
 * The box between two corners, in any order.
 *
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {boolean} isFree
 * @returns {Box}
 */
export function drawnBox(from, to, isFree) {
  const [x0, x1] = sides(from[0], to[0]);
  const [y0, y1] = sides(from[1], to[1]);
  return isFree ? [x0, y0, x1, y1].map(tidy) : snapBox([x0, y0, x1, y1]);
}

function movedSides(low, high, by, isFree) {
  if (by === 0) return [low, high];
  const size = high - low;
  const wanted = isFree ? low + by : snap(low + by);
  const first = Math.min(Math.max(wanted, 0), 1 - size);
  return [tidy(first), tidy(first + size)];
}

function resizedSides(low, high, side, by, isFree) {
  const least = isFree ? LEAST : STEP;
  const at = (value) => tidy(isFree ? Math.min(Math.max(value, 0), 1) : snap(value));
  if (side < 0 && by !== 0) return [Math.max(Math.min(at(low + by), tidy(high - least)), 0), high];
  if (side > 0 && by !== 0) return [low, Math.min(Math.max(at(high + by), tidy(low + least)), 1)];
  return [low, high];
}

function sides(one, other) {
  const low = Math.min(Math.max(Math.min(one, other), 0), 1 - LEAST);
  return [low, Math.max(Math.min(Math.max(one, other), 1), low + LEAST)];
}
