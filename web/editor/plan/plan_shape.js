/**
 * Whether something is a plan that can be drawn; people may write edits by hand.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

import { MOVES, SPEEDS, wholePose } from "../fields/camera_path.js";

const SCENE_DEFAULTS = {
  entities: [],
  layout: [],
  action: {},
  layout_strength: 0.3,
  locked: false,
};
const CAMERA_DEFAULTS = { direction: "static", speed: "medium" };
const CAMERA_SYNONYMS = { forward: "zoom_in", backward: "zoom_out" };

/**
 * A plan with the defaults of planning/schema.py where fields are left out.
 *
 * @param {*} plan what edits made
 * @returns {Object|null} null for what cannot be drawn; the node says what is wrong with it
 */
export function drawable(plan) {
  const { scenes, entities = [] } = plan ?? {};
  if (!Array.isArray(scenes) || scenes.length === 0 || !Array.isArray(entities)) return null;
  if (!entities.every(isEntity)) return null;
  if (!(plan.width > 0 && plan.height > 0 && plan.fps > 0)) return null;
  const whole = scenes.map(completed);
  if (!whole.every(isScene)) return null;
  return { ...plan, entities: entities.map((e) => ({ description: "", ...e })), scenes: whole };
}

function completed(scene) {
  const camera = { ...CAMERA_DEFAULTS, ...told(scene?.camera) };
  camera.direction = CAMERA_SYNONYMS[camera.direction] ?? camera.direction;
  if (Array.isArray(camera.path)) camera.path = camera.path.map(wholePose);
  return { ...SCENE_DEFAULTS, ...told(scene), camera };
}

/** Without fields that say null, which is as good as no field. */
function told(fields) {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== null));
}

function isEntity(entity) {
  return typeof entity?.id === "string" && typeof entity.name === "string";
}

function isScene({ id, prompt, frames, entities, layout, camera, action, frame_prompts = [] }) {
  const isNamed = typeof id === "string" && typeof prompt === "string";
  const lists = Array.isArray(entities) && Array.isArray(layout) && Array.isArray(frame_prompts);
  const isTold = lists && layout.every(isKeyframe) && frame_prompts.every(isText);
  const isMoved = isCamera(camera) && Object.values(action).every(Number.isFinite);
  return isNamed && Number.isInteger(frames) && frames > 0 && isTold && isMoved;
}

function isText(value) {
  return typeof value === "string";
}

function isCamera({ direction, speed, strength = 1, path }) {
  const isDirect = Object.hasOwn(MOVES, direction) && Object.hasOwn(SPEEDS, speed);
  const isPath = Array.isArray(path) && path.length > 0 && path.every(isPose);
  return isDirect && Number.isFinite(strength) && (path === undefined || isPath);
}

function isPose(pose) {
  const { frame, ...axes } = pose ?? {};
  return Number.isInteger(frame) && Object.values(axes).every(Number.isFinite);
}

function isKeyframe(keyframe) {
  const { frame, boxes = {} } = keyframe ?? {};
  return Number.isInteger(frame) && Object.values(boxes).every(isBox);
}

function isBox(box) {
  return Array.isArray(box) && box.length === 4 && box.every(Number.isFinite);
}
