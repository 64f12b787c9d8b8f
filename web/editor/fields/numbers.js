/**
 * Numbers as people write them into fields.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { textControl } from "../dom.js";

/**
 * Read a number; one that is out of its limits becomes the nearest that is not.
 *
 * @param {string} text
 * @param {{least: number, most: number, grid?: number}} limits `grid`: it must be a multiple of
 * @returns {number|null} null for what is no number
 */
export function readNumber(text, { least, most, grid }) {
  const number = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(number)) return null;
  const placed = grid === undefined ? number : Math.round(number / grid) * grid;
  return Math.min(Math.max(placed, least), most) + 0; // no minus before a zero
}

/**
 * A field for a number.
 *
 * @param {Object} properties of the element
 * @param {{least: number, most: number, step?: number, grid?: number, isOptional?: boolean}} limits
 *   `step`: of the keys and arrows; `isOptional`: it may be empty
 * @param {(number: number|undefined) => void} commit gets a number that can be taken, or
 *   undefined from an empty field
 * @param {() => void} back shows again what is there, after what is no number
 */
export function numberControl(properties, limits, commit, back) {
  const step = String(limits.grid ?? limits.step);
  const field = { type: "number", step, inputMode: "decimal", ...properties };
  return textControl("input", field, (text, control) => {
    const isEmpty = text === "" && !control.validity.badInput;
    const number = readNumber(text, limits);
    if (isEmpty && limits.isOptional) commit(undefined);
    else if (number === null) back();
    else commit(number);
  });
}
