/**
 * Changes of what a scene tells beside its boxes and its camera's path. Every function gives a new
 * scene.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

/** A direction of the camera; `fields` may be its speed and its strength, undefined for none. */
export function turnCamera(scene, fields) {
  const camera = Object.entries({ ...scene.camera, ...fields });
  const told = camera.filter(([, value]) => value !== undefined);
  return { ...scene, camera: Object.fromEntries(told) };
}

/** One prompt for every frame, each the scene's own at first. */
export function startFramePrompts(scene) {
  return { ...scene, frame_prompts: Array(scene.frames).fill(scene.prompt) };
}

/** Another prompt for one frame. */
export function setFramePrompt(scene, frame, text) {
  return { ...scene, frame_prompts: scene.frame_prompts.with(frame, text) };
}

/** One prompt for all frames again. */
export function removeFramePrompts({ frame_prompts: _, ...scene }) {
  return scene;
}

/** A caption of the keyframe at a frame; "" for none. */
export function setCaption(scene, frame, text) {
  const told = ({ caption: _, ...keyframe }) =>
    text.trim() === "" ? keyframe : { ...keyframe, caption: text };
  const layout = scene.layout.map((one) => (one.frame === frame ? told(one) : one));
  return { ...scene, layout };
}

/** An action with a weight, or another weight of it. */
export function setAction(scene, label, weight) {
  return { ...scene, action: { ...scene.action, [label]: weight } };
}

/** Without an action. */
export function removeAction(scene, label) {
  const rest = Object.entries(scene.action).filter(([name]) => name !== label);
  return { ...scene, action: Object.fromEntries(rest) };
}
