/**
 * Changes of where things are in a scene. Every function gives a new scene.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {import("../../plan_layout.js").Box} Box
 */

import { boxesAt } from "../../plan_layout.js";
import { tidy } from "./box_moves.js";
import { cutPath } from "../fields/camera_path.js";

/** Whether a scene has a keyframe at a frame. */
export function hasKeyframe(scene, frame) {
  return scene.layout.some((keyframe) => keyframe.frame === frame);
}

/** A keyframe at a frame, with everything where it is there already. */
export function addKeyframe(scene, frame) {
  if (hasKeyframe(scene, frame)) return scene;
  const boxes = Object.fromEntries(
    Object.entries(boxesAt(scene, frame)).map(([entity, box]) => [entity, box.map(tidy)]),
  );
  return withLayout(scene, [...scene.layout, { frame, boxes }]);
}

/** Without the keyframe at a frame. */
export function removeKeyframe(scene, frame) {
  return withLayout(
    scene,
    scene.layout.filter((keyframe) => keyframe.frame !== frame),
  );
}

/** The keyframe at one frame at another one; stays where another keyframe is there. */
export function moveKeyframe(scene, from, to) {
  const target = Math.min(Math.max(to, 0), scene.frames - 1);
  if (hasKeyframe(scene, target)) return scene;
  const moved = (keyframe) => (keyframe.frame === from ? { ...keyframe, frame: target } : keyframe);
  return withLayout(scene, scene.layout.map(moved));
}

/** A thing in a box at a frame, which becomes a keyframe. */
export function putBox(scene, frame, entity, box) {
  return changeBoxes(scene, frame, (boxes) => ({ ...boxes, [entity]: box }));
}

/** A thing away from a frame on, which becomes a keyframe. */
export function removeBox(scene, frame, entity) {
  return changeBoxes(scene, frame, (boxes) => without(boxes, entity));
}

/** A thing away from all frames. */
export function removeBoxes(scene, entity) {
  const cleared = (keyframe) => ({ ...keyframe, boxes: without(keyframe.boxes ?? {}, entity) });
  return withLayout(scene, scene.layout.map(cleared));
}

/** All boxes of one frame at another one, which becomes a keyframe; what was there goes. */
export function copyBoxes(scene, from, to) {
  if (from === to) return scene;
  const { boxes } = addKeyframe(scene, from).layout.find(({ frame }) => frame === from);
  return changeBoxes(scene, to, () => ({ ...boxes }));
}

/**
 * The keyframes next to a frame, itself left out.
 *
 * @returns {{before: Object|undefined, after: Object|undefined}}
 */
export function keyframesBeside(scene, frame) {
  return {
    before: scene.layout.findLast((keyframe) => keyframe.frame < frame),
    after: scene.layout.find((keyframe) => keyframe.frame > frame),
  };
}

/**
 * Another number of frames. What is there at the new last frame stays there, as the camera does;
 * keyframes and poses after it go, and a new frame has the prompt of the last one.
 */
export function setFrames(scene, frames) {
  const last = frames - 1;
  const isCut = scene.layout.some((keyframe) => keyframe.frame > last);
  const kept = isCut ? addKeyframe(scene, last) : scene;
  const result = { ...kept, frames, layout: kept.layout.filter(({ frame }) => frame <= last) };
  if (scene.frame_prompts) {
    const prompts = scene.frame_prompts.slice(0, frames);
    const more = Array(frames - prompts.length).fill(prompts.at(-1));
    result.frame_prompts = [...prompts, ...more];
  }
  if (scene.camera.path) {
    result.camera = { ...scene.camera, path: cutPath(scene.camera.path, last) };
  }
  return result;
}

function changeBoxes(scene, frame, change) {
  const keyed = addKeyframe(scene, frame);
  const changed = (keyframe) =>
    keyframe.frame === frame ? { ...keyframe, boxes: change(keyframe.boxes ?? {}) } : keyframe;
  return withLayout(keyed, keyed.layout.map(changed));
}

function withLayout(scene, layout) {
  return { ...scene, layout: layout.toSorted((one, other) => one.frame - other.frame) };
}

function without(boxes, entity) {
  return Object.fromEntries(Object.entries(boxes).filter(([name]) => name !== entity));
}
