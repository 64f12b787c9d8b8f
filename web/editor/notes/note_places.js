/**
 * Where in the editor the director's notes belong.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {import("../server.js").Finding & {sceneId: string|null, entityId: string|null,
 *   frame: number|null, part: string|null}} Note `part` is a field of the scene, or of the thing
 *   where there is no scene, or of the plan where there is neither
 */

const PARTS = /^(?:scenes\[(?<scene>\d+)\])?(?:\.?entities\[(?<entity>\d+)\])?\.?(?<rest>.*)$/s;
const BOX = /^layout\[(\d+)\](?:\.boxes(?:\.([\w-]+)|\["((?:[^"\\]|\\.)*)"\]))?/;
const FIELD = /^[a-z_]+/;
const PROBLEM = /^([\w.[\]"-]+): (.*)$/s;

/**
 * Say which scene, thing, frame and field findings speak of.
 *
 * @param {import("../server.js").Finding[]} findings
 * @param {Object} plan the one they were found in, since their paths count its scenes
 * @returns {Note[]}
 */
export function located(findings, plan) {
  return findings.map((finding) => ({ ...finding, ...placeOf(finding.path, plan) }));
}

/** What is wrong with a plan that cannot be used, in the form of findings. */
export function asFindings(problems) {
  return problems.map((text) => {
    const [, path = "", message = text] = PROBLEM.exec(text) ?? [];
    return { path, message, advice: "", rule: "problem", severity: "warning" };
  });
}

/** Whether a note is nearly always about a mistake. */
export function isWarning({ severity }) {
  return severity === "warning";
}

/** What a note says, as one line. */
export function wordsOf({ message, advice }) {
  return advice ? `${message}; ${advice}` : message;
}

/**
 * Notes by what they belong to.
 *
 * @param {Note[]} notes
 * @param {string} sceneId of the scene that is shown: things and fields get notes of no other one
 * @returns {{scenes: Map<string, Note[]>, entities: Map<string, Note[]>, parts: Map<string, Note[]>,
 *   plan: Map<string, Note[]>}} `parts`: fields of the scene, `plan`: fields of the plan
 */
export function sorted(notes, sceneId) {
  const found = { scenes: new Map(), entities: new Map(), parts: new Map(), plan: new Map() };
  const add = (kind, key, note) => found[kind].set(key, [...(found[kind].get(key) ?? []), note]);
  for (const note of notes) {
    if (note.sceneId !== null) add("scenes", note.sceneId, note);
    const isHere = note.sceneId === null || note.sceneId === sceneId;
    if (!isHere) continue;
    if (note.entityId !== null) add("entities", note.entityId, note);
    else if (note.part !== null) add(note.sceneId === null ? "plan" : "parts", note.part, note);
  }
  return found;
}

function placeOf(path, plan) {
  const { scene: sceneNumber, entity: entityNumber, rest } = PARTS.exec(path).groups;
  const scene = plan?.scenes?.[sceneNumber];
  const [box, layout, plainName, quotedName] = BOX.exec(rest) ?? [];
  const owner = scene ? scene.entities : plan?.entities?.map(({ id }) => id);
  const named = plainName ?? (quotedName && unquoted(quotedName));
  return {
    sceneId: scene?.id ?? null,
    entityId: owner?.[entityNumber] ?? named ?? null,
    frame: scene?.layout?.[layout]?.frame ?? null,
    part: box ? "layout" : (FIELD.exec(rest)?.[0] ?? null),
  };
}

function unquoted(text) {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text; // a long one is cut off somewhere
  }
}
