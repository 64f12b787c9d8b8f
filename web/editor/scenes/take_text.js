/**
 * The text of Render Plan's input `takes`, as rendering/take_choices.py reads it: "s1:2, s3:latest".
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

/**
 * The take that is named for a scene.
 *
 * @param {string} text
 * @param {string} sceneId
 * @returns {number|null} null for none, or for the newest
 */
export function takeOf(text, sceneId) {
  const part = partsOf(text).find((one) => sceneOf(one) === sceneId);
  const number = part?.slice(part.lastIndexOf(":") + 1).trim() ?? "";
  return /^[0-9]{1,6}$/.test(number) ? Number(number) : null;
}

/**
 * Name another take for a scene; whatever else is written there stays.
 *
 * @param {string} text
 * @param {string} sceneId
 * @param {number|null} number null names none any more
 * @returns {string}
 */
export function withTake(text, sceneId, number) {
  const parts = partsOf(text);
  const at = parts.findIndex((part) => sceneOf(part) === sceneId);
  const named = number === null ? [] : [`${sceneId}:${number}`];
  const others = parts.filter((part) => sceneOf(part) !== sceneId);
  return others.toSpliced(at < 0 ? others.length : at, 0, ...named).join(", ");
}

function partsOf(text) {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function sceneOf(part) {
  return part.slice(0, Math.max(0, part.lastIndexOf(":"))).trim();
}
