/**
 * Where a scene's camera is at its frames, and changes of that: the twin of
 * planning/camera_moves.py and of path_through in sampling/camera_motion.py.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {{frame: number, pan_x: number, pan_y: number, zoom: number, roll: number}} Pose
 *   to the right and down in frames, a factor, clockwise in degrees
 */

import { tidy } from "../stage/box_moves.js";

/** What a pose tells beside its frame, within the limits of planning/schema.py. */
export const AXES = {
  pan_x: { rest: 0, least: -8, most: 8, step: 0.05 },
  pan_y: { rest: 0, least: -8, most: 8, step: 0.05 },
  zoom: { rest: 1, least: 0.01, most: 16, step: 0.1 },
  roll: { rest: 0, least: -720, most: 720, step: 5 },
};
/** Of the frame per frame; a zoom's is of its scale. */
export const SPEEDS = { slow: 0.01, medium: 0.02, fast: 0.04 };
/** Pan right, pan down, zoom: what one unit of speed adds. */
export const MOVES = {
  static: [0, 0, 0],
  left: [-1, 0, 0],
  right: [1, 0, 0],
  up: [0, -1, 0],
  down: [0, 1, 0],
  zoom_in: [0, 0, 1],
  zoom_out: [0, 0, -1],
};

/** A pose with the defaults of planning/schema.py where fields are left out. */
export function wholePose(pose) {
  const rest = Object.entries(AXES).map(([name, axis]) => [name, axis.rest]);
  return { ...Object.fromEntries(rest), ...pose };
}

/** Where a path is at a frame: even between poses, at rest before the first and after the last. */
export function poseAt(path, frame) {
  const after = path.filter((pose) => pose.frame <= frame).length;
  const [here, there] = [path[Math.max(after - 1, 0)], path[after]].map((p) => p && wholePose(p));
  if (after === 0 || there === undefined || here.frame === frame) return { ...here, frame };
  const part = (frame - here.frame) / (there.frame - here.frame);
  const between = (name) => here[name] + (there[name] - here[name]) * part;
  const zoom = here.zoom * (there.zoom / here.zoom) ** part; // an even zoom is a factor per frame
  return fitting({
    frame,
    pan_x: between("pan_x"),
    pan_y: between("pan_y"),
    zoom,
    roll: between("roll"),
  });
}

/** Whether a scene's path has a pose at a frame. */
export function hasPose(scene, frame) {
  return (scene.camera.path ?? []).some((pose) => pose.frame === frame);
}

/**
 * A pose at a frame, where the camera is there already. A camera that went in a direction goes the
 * same way on a path, which takes the direction's place: a plan has one of them.
 */
export function addPose(scene, frame) {
  if (hasPose(scene, frame)) return scene;
  const path = scene.camera.path ?? directPath(scene);
  if (path.some((pose) => pose.frame === frame)) return withPath(scene, path);
  return withPath(scene, [...path, poseAt(path, frame)]);
}

/** Another value on one axis of the pose at a frame. */
export function setPose(scene, frame, axis, value) {
  const set = (pose) => (pose.frame === frame ? { ...pose, [axis]: value } : pose);
  return withPath(scene, scene.camera.path.map(set));
}

/** The pose at one frame at another one; stays where another pose is there. */
export function movePose(scene, from, to) {
  if (hasPose(scene, to)) return scene;
  const moved = (pose) => (pose.frame === from ? { ...pose, frame: to } : pose);
  return withPath(scene, scene.camera.path.map(moved));
}

/** Without the pose at a frame; with its last pose the path goes. */
export function removePose(scene, frame) {
  const path = scene.camera.path.filter((pose) => pose.frame !== frame);
  return path.length === 0 ? removePath(scene) : withPath(scene, path);
}

/** Without a path; the camera stands still. */
export function removePath(scene) {
  const { path: _, ...camera } = scene.camera;
  return { ...scene, camera };
}

/** A path in fewer frames: where the camera is at the new end it stays, poses after that go. */
export function cutPath(path, last) {
  if (path.every(({ frame }) => frame <= last)) return path;
  const kept = path.filter(({ frame }) => frame < last);
  return [...kept, poseAt(path, last)];
}

function withPath(scene, path) {
  const sorted = path.toSorted((one, other) => one.frame - other.frame);
  return { ...scene, camera: { ...scene.camera, direction: "static", path: sorted } };
}

/** The way of a direction and its speed as poses at the first and the last frame. */
function directPath({ camera, frames }) {
  const speed = SPEEDS[camera.speed] * (camera.strength ?? 1);
  const [right, down, zoom] = MOVES[camera.direction].map((part) => part * speed);
  const last = frames - 1;
  const start = wholePose({ frame: 0 });
  if (last === 0) return [start];
  const end = { frame: last, pan_x: right * last, pan_y: down * last, zoom: (1 + zoom) ** last };
  return [start, fitting(wholePose(end))];
}

function fitting({ frame, ...pose }) {
  const fit = ([name, value]) => {
    const { least, most } = AXES[name];
    return [name, Math.min(Math.max(tidy(value), least), most)];
  };
  return { frame, ...Object.fromEntries(Object.entries(pose).map(fit)) };
}
