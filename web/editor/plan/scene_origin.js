/**
 * How a scene differs from the one that came in, and the way back to that.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

import { same } from "../../plan_edits.js";
import { changeScene, leave } from "./plan_changes.js";

/** Parts of a scene that are told apart; the camera's path is one of its own. */
export const PARTS = [
  "prompt",
  "frame_prompts",
  "camera",
  "path",
  "action",
  "frames",
  "seed",
  "background",
  "layout_strength",
  "locked",
  "entities",
  "layout",
];

/** The scene that is shown as it came in; undefined where it did not. */
export function incomingScene({ scene, incoming }) {
  return incoming?.scenes.find(({ id }) => id === scene.id);
}

/**
 * The parts of a scene that are not as they came in.
 *
 * @param {Object} scene
 * @param {Object|undefined} incoming the same scene as it came in; undefined for one that did not
 * @returns {Set<string>} some of PARTS
 */
export function changedParts(scene, incoming) {
  if (incoming === undefined) return new Set();
  return new Set(PARTS.filter((name) => !same(part(scene, name), part(incoming, name))));
}

/** Ids of the scenes that are not as they came in; none where no plan came in. */
export function changedScenes(plan, incoming) {
  if (incoming === null) return new Set();
  const before = new Map(incoming.scenes.map((scene) => [scene.id, scene]));
  const changed = plan.scenes.filter((scene) => !same(scene, before.get(scene.id)));
  return new Set(changed.map(({ id }) => id));
}

/** One of PARTS of a scene; undefined where there is none. */
export function part(scene, name) {
  const { path, ...camera } = scene.camera;
  if (name === "path") return path;
  return name === "camera" ? camera : scene[name];
}

/**
 * A scene as it came in, at the place where it is. Things that the plan has no more stay away.
 *
 * @param {Object} plan
 * @param {Object} incoming the scene
 */
export function asItWas(plan, incoming) {
  const kinds = new Map(plan.entities.map(({ id, kind }) => [id, kind]));
  const things = incoming.entities.filter((id) => kinds.get(id) !== "foreground");
  const places = [incoming.background].filter(
    (id) => id !== undefined && kinds.get(id) !== "background",
  );
  const possible = [...things, ...places].reduce(leave, incoming);
  return changeScene(plan, incoming.id, () => possible);
}
