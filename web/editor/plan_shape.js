/**
 * Whether something is a plan that can be drawn; people may write edits by hand.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

const SCENE_DEFAULTS = {
  entities: [],
  layout: [],
  action: {},
  layout_strength: 0.3,
  locked: false,
};
const CAMERA_DEFAULTS = { direction: "static", speed: "medium" };

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
  const camera = { ...CAMERA_DEFAULTS, ...scene?.camera };
  return { ...SCENE_DEFAULTS, ...scene, camera };
}

function isEntity(entity) {
  return typeof entity?.id === "string" && typeof entity.name === "string";
}

function isScene({ id, prompt, frames, entities, layout }) {
  const isNamed = typeof id === "string" && typeof prompt === "string";
  const lists = Array.isArray(entities) && Array.isArray(layout);
  return isNamed && Number.isInteger(frames) && frames > 0 && lists && layout.every(isKeyframe);
}

function isKeyframe(keyframe) {
  const { frame, boxes = {} } = keyframe ?? {};
  return Number.isInteger(frame) && Object.values(boxes).every(isBox);
}

function isBox(box) {
  return Array.isArray(box) && box.length === 4 && box.every(Number.isFinite);
}
