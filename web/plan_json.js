/**
 * JSON as Python reads and writes it: JSON.parse would round seeds above 2 ** 53.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

/**
 * Read JSON; whole numbers that a Number would round become BigInts.
 *
 * @param {string} text
 * @throws {SyntaxError} it is no JSON
 */
export function readJson(text) {
  // Values that are texts get a mark, so that no text can be taken for a marked number.
  const tokens = /"([^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const marked = text.replace(tokens, (token, string, colon) => {
    if (string !== undefined) return colon === undefined ? `"s${string}` : token;
    return /[.eE]/.test(token) || Number.isSafeInteger(Number(token)) ? token : `"i${token}"`;
  });
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== "string") return value;
    return value[0] === "i" ? BigInt(value.slice(1)) : value.slice(1);
  });
}

/** Write JSON, BigInts as the whole numbers that they are; members without a value are left out. */
export function writeJson(value) {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  const parts = members.map(([name, item]) => `${JSON.stringify(name)}:${writeJson(item)}`);
  return `{${parts.join(",")}}`;
}
