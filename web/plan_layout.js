/**
 * Where things are in a scene: the twin of planning/layout.py, and the grid that boxes snap to.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {[number, number, number, number]} Box x0, y0, x1, y1 in 0..1
 */

const GRID_STEPS = 20; // a step is 0.05

/**
 * Where everything is at one frame of a scene, interpolated between keyframes.
 *
 * @param {{frames: number, layout?: {frame: number, boxes?: Object<string, Box>}[]}} scene
 * @param {number} frame
 * @returns {Object<string, Box>} entity id to box; {} for a scene without layout
 * @throws {RangeError} the scene has no such frame
 */
export function boxesAt(scene, frame) {
  if (!(frame >= 0 && frame < scene.frames)) {
    throw new RangeError(`frame ${frame}: the scene has frames 0 to ${scene.frames - 1}`);
  }
  const layout = scene.layout ?? [];
  if (layout.length === 0) return {};
  const after = layout.filter((keyframe) => keyframe.frame <= frame).length;
  const here = layout[Math.max(after - 1, 0)];
  const start = here.boxes ?? {};
  if (after === 0 || after === layout.length) return { ...start };
  const there = layout[after];
  const end = there.boxes ?? {};
  const part = (frame - here.frame) / (there.frame - here.frame);
  const moved = ([name, box]) => {
    if (!Object.hasOwn(end, name)) return [name, box];
    return [name, box.map((a, i) => a + (end[name][i] - a) * part)];
  };
  return Object.fromEntries(Object.entries(start).map(moved));
}

/** The multiple of 0.05 within 0..1 that is nearest to a coordinate; of two the larger. */
export function snap(value) {
  return Math.min(Math.max(Math.floor(value * GRID_STEPS + 0.5), 0), GRID_STEPS) / GRID_STEPS;
}

/**
 * A box on the grid of 0.05: every side snaps, and none vanishes.
 *
 * @param {Box} box
 * @returns {Box}
 */
export function snapBox([x0, y0, x1, y1]) {
  const [left, right] = snapSides(x0, x1);
  const [top, bottom] = snapSides(y0, y1);
  return [left, top, right, bottom];
}

function snapSides(low, high) {
  const first = Math.min(snap(low) * GRID_STEPS, GRID_STEPS - 1);
  const last = Math.max(snap(high) * GRID_STEPS, first + 1);
  return [Math.round(first) / GRID_STEPS, Math.round(last) / GRID_STEPS];
}
