/**
 * Workflows for a part of the work, in the host's API form.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {Object<string, {class_type: string, inputs: Object}>} Workflow by ids of nodes
 */

import { writeEdits } from "../plan/edit_text.js";
import { withTake } from "./take_text.js";

export const RENDERER = "VideoDirectorRenderPlan";
export const REPLANNER = "VideoDirectorReplanScene";
/** Nodes of `replanPrompt`: who writes, and who shows the new plan. Such ids are on no page. */
export const ASKED = "video_director_asked";
export const REPLANNED = "video_director_replanned";
const PLAN = "video_director_plan";
const PASSED = "video_director_passed";
const EDITOR = "VideoDirectorEditPlan";
const EVERYTHING = { on_new_plan: "keep", review: "pass" };

/**
 * What renders one scene, and what comes after it; nothing else of the workflow.
 *
 * A plan that waits for approval goes on for this once, through a node of its own, so that the one
 * on the page goes on waiting.
 *
 * @param {Workflow} workflow stays as it is
 * @param {string} editId the node Edit Plan
 * @param {string} sceneId
 * @returns {Workflow|null} null where nothing renders the plan
 */
export function scenePrompt(workflow, editId, sceneId) {
  const renderers = Object.keys(workflow).filter(
    (id) =>
      workflow[id].class_type === RENDERER &&
      before(workflow, linked(workflow[id].inputs.plan)).has(editId),
  );
  if (renderers.length === 0) return null;
  const made = structuredClone(workflow);
  for (const id of renderers) {
    const { inputs } = made[id];
    inputs.only = sceneId;
    // A take that is chosen would be shown in place of what is asked for.
    if (typeof inputs.takes === "string") inputs.takes = withTake(inputs.takes, sceneId, null);
  }
  if (made[editId].inputs.review !== "pass") passBy(made, editId);
  const wanted = before(made, after(made, renderers));
  return Object.fromEntries(Object.entries(made).filter(([id]) => wanted.has(id)));
}

/** Put a copy of Edit Plan that does not wait in front of what the node gives its plan to. */
function passBy(workflow, editId) {
  const { class_type, inputs } = workflow[editId];
  for (const node of Object.values(workflow)) {
    for (const [name, value] of Object.entries(node.inputs)) {
      if (isLink(value) && value[0] === editId) node.inputs[name] = [PASSED, value[1]];
    }
  }
  workflow[PASSED] = { class_type, inputs: { ...inputs, review: "pass" } };
}

/**
 * What has a scene written anew, and shows the plan with it.
 *
 * @param {Object} plan
 * @param {string} scene its id
 * @param {string} wish
 * @param {string} profile
 * @param {number} take
 * @returns {Workflow}
 */
export function replanPrompt(plan, scene, wish, profile, take) {
  const edits = writeEdits({ base: null, edits: [{ at: [], to: plan }], approved: null });
  return {
    [PLAN]: { class_type: EDITOR, inputs: { edits, ...EVERYTHING } },
    [ASKED]: { class_type: REPLANNER, inputs: { plan: [PLAN, 0], scene, wish, profile, take } },
    [REPLANNED]: { class_type: EDITOR, inputs: { edits: "", ...EVERYTHING, plan: [ASKED, 0] } },
  };
}

/** Nodes, and all that they get something from. */
function before(workflow, ids) {
  return reached(ids, (id) => Object.values(workflow[id]?.inputs ?? {}).flatMap(linked));
}

/** Nodes, and all that get something from them. */
function after(workflow, ids) {
  const takers = new Map();
  for (const [id, { inputs }] of Object.entries(workflow)) {
    for (const from of Object.values(inputs).flatMap(linked)) {
      takers.set(from, [...(takers.get(from) ?? []), id]);
    }
  }
  return reached(ids, (id) => takers.get(id) ?? []);
}

function reached(ids, next) {
  const found = new Set(ids);
  for (const id of found) for (const other of next(id)) found.add(other); // grows as it is walked
  return found;
}

function linked(value) {
  return isLink(value) ? [value[0]] : [];
}

function isLink(value) {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}
