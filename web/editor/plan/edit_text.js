/**
 * The text that holds edits of a plan, as planning/edit_text.py reads and writes it.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {import("../../plan_edits.js").Edit} Edit
 * @typedef {{base: string|null, edits: Edit[], approved: string|null}} PlanEdits
 */

import { readJson, writeJson } from "../../plan_json.js";

/** The node refuses longer texts. */
export const MOST_BYTES = 2 ** 20;

/**
 * Read the text of edits; an empty one has none. Places are checked where edits are made.
 *
 * @param {string} text
 * @returns {PlanEdits}
 * @throws {SyntaxError} it is no JSON, or not of this form
 */
export function readEdits(text) {
  if (text.trim() === "") return { base: null, edits: [], approved: null };
  const { version, base = null, edits = [], approved = null } = readJson(text) ?? {};
  const list = Array.isArray(edits) && edits.every(isEdit);
  const hashes = [base, approved].every((hash) => hash === null || typeof hash === "string");
  if (version !== 1 || !list || !hashes) {
    throw new SyntaxError('it must look like {"version": 1, "edits": [{"at": […], "to": …}]}');
  }
  return { base, edits, approved };
}

/** Write edits as `readEdits` reads them; "" where there is nothing to keep. */
export function writeEdits({ base, edits, approved }) {
  if (edits.length === 0 && approved === null) return "";
  const held = { version: 1, base: base ?? undefined, edits, approved: approved ?? undefined };
  return writeJson(held);
}

function isEdit(edit) {
  const at = edit?.at;
  return Array.isArray(at) && at.every((name) => typeof name === "string");
}
