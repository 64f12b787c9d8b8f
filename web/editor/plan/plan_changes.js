/**
 * Changes of a plan's scenes and things. Every function gives a new plan.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

import { putBox, removeBoxes } from "../stage/keyframes.js";

const LONGEST_ID = 64;

/**
 * Change one scene.
 *
 * @param {Object} plan
 * @param {string} id
 * @param {(scene: Object) => Object} change
 */
export function changeScene(plan, id, change) {
  const scenes = plan.scenes.map((scene) => (scene.id === id ? change(scene) : scene));
  return { ...plan, scenes };
}

/** A scene at another position, counted from 0. */
export function moveScene(plan, id, to) {
  const moved = plan.scenes.find((scene) => scene.id === id);
  const scenes = plan.scenes.filter((scene) => scene !== moved);
  return { ...plan, scenes: scenes.toSpliced(to, 0, moved) };
}

/** A scene a second time, behind itself; `id` is the new one's. */
export function duplicateScene(plan, sceneId, id) {
  const at = plan.scenes.findIndex((scene) => scene.id === sceneId);
  const copy = { ...structuredClone(plan.scenes[at]), id, locked: false };
  return { ...plan, scenes: plan.scenes.toSpliced(at + 1, 0, copy) };
}

/** Without a scene; a plan keeps its last one. */
export function removeScene(plan, id) {
  if (plan.scenes.length === 1) return plan;
  return { ...plan, scenes: plan.scenes.filter((scene) => scene.id !== id) };
}

/** A new scene behind another one, as long as that, with nothing in it yet. */
export function addScene(plan, afterId, id, prompt) {
  const at = plan.scenes.findIndex((scene) => scene.id === afterId);
  const { frames, layout_strength = 0.3 } = plan.scenes[at];
  const scene = emptyScene(id, prompt, frames, layout_strength);
  return { ...plan, scenes: plan.scenes.toSpliced(at + 1, 0, scene) };
}

function emptyScene(id, prompt, frames, layout_strength) {
  return {
    ...{ id, prompt, frames, entities: [], layout: [] },
    camera: { direction: "static", speed: "medium" },
    action: {},
    ...{ layout_strength, locked: false },
  };
}

/** Change a thing of the plan; its id stays. */
export function changeEntity(plan, id, fields) {
  const change = (entity) => (entity.id === id ? { ...entity, ...fields } : entity);
  return { ...plan, entities: plan.entities.map(change) };
}

/** A new thing or background of the plan. */
export function addEntity(plan, id, name, kind) {
  return { ...plan, entities: [...plan.entities, { id, name, kind, description: "" }] };
}

/** Without a thing, here and in all scenes. */
export function removeEntity(plan, id) {
  const scenes = plan.scenes.map((scene) => leave(scene, id));
  return { ...plan, entities: plan.entities.filter((entity) => entity.id !== id), scenes };
}

/** A thing in a scene. */
export function enter(scene, id) {
  return scene.entities.includes(id) ? scene : { ...scene, entities: [...scene.entities, id] };
}

/** A thing out of a scene, with its boxes; a scene without it stays the same object. */
export function leave(scene, id) {
  const isHere = scene.entities.includes(id) || scene.background === id;
  if (!isHere) return scene;
  const { background, ...rest } = removeBoxes(scene, id);
  const kept = background === undefined || background === id ? rest : { ...rest, background };
  return { ...kept, entities: scene.entities.filter((name) => name !== id) };
}

/** Another background; the boxes of the one before go with it. */
export function setBackground(scene, id) {
  const bare = scene.background === undefined ? scene : leave(scene, scene.background);
  return id === null ? bare : { ...bare, background: id };
}

/**
 * A box at a frame of a scene, which its thing enters where it is not in it yet.
 *
 * @param {Object} plan
 * @param {string} sceneId
 * @param {number} frame
 * @param {{id: string, box: import("../../plan_layout.js").Box}} copied
 */
export function pasteBox(plan, sceneId, frame, { id, box }) {
  const entity = plan.entities.find((one) => one.id === id);
  if (entity === undefined) return plan;
  const joined = (scene) => {
    if (entity.kind !== "background") return enter(scene, id);
    return scene.background === id ? scene : setBackground(scene, id);
  };
  return changeScene(plan, sceneId, (scene) => putBox(joined(scene), frame, id, box));
}

/** Another reference picture of a thing; null for none. */
export function setPicture(plan, id, picture) {
  const change = ({ reference_image, ...rest }) =>
    picture === null ? rest : { ...rest, reference_image: picture };
  const entities = plan.entities.map((entity) => (entity.id === id ? change(entity) : entity));
  return { ...plan, entities };
}

/** A whole plan with one scene and nothing in it yet, to begin with. */
export function newPlan(prompt) {
  const size = { width: 512, height: 512 };
  const scene = emptyScene("scene", prompt, 16, 0.3);
  return { version: 1, prompt, fps: 8, ...size, entities: [], scenes: [scene] };
}

/**
 * An id that is not taken: the name in small letters, with a number where it has to be.
 *
 * @param {string} name in any script; what an id cannot hold is left out
 * @param {string} otherwise used where nothing is left of the name
 * @param {string[]} taken
 */
export function freshId(name, otherwise, taken) {
  const bare = name.normalize("NFKD").replace(/\p{M}/gu, ""); // without accents
  const plain = bare.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  const stem = plain.slice(0, LONGEST_ID - 5).replace(/^_+|_+$/g, "") || otherwise;
  let id = stem;
  for (let number = 2; taken.includes(id); number++) id = `${stem}_${number}`;
  return id;
}
