/**
 * Which pictures there are of a plan's scenes, from the latest renderings of each.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {Object} Run what the server tells of a rendering (rendering/shown_runs.py)
 * @property {string} run its id
 * @property {{id: string, used: number|null, chosen: number|null,
 *   takes: {take: number, frames: number}[]}[]} scenes
 */

import { same } from "../plan_edits.js";

export class Pictures {
  #frameUrl;
  #scenes = new Map(); // what is shown of them, by id
  #plan = null;
  #current = new Map();

  /** @param {(run: string, scene: string, take: number, frame: number) => string} frameUrl */
  constructor(frameUrl) {
    this.#frameUrl = frameUrl;
  }

  /**
   * Take what was rendered. Scenes that were not keep the pictures they have.
   *
   * @param {Run} run
   * @param {Object} plan the plan that was rendered
   * @param {number} order of the run among others: answers may come in another one
   */
  take(run, plan, order) {
    for (const { id, used, chosen, takes } of run.scenes) {
      const shown = takes.find(({ take }) => take === used);
      if (!shown || this.#scenes.get(id)?.order > order) continue;
      const { frames } = shown;
      this.#scenes.set(id, { run: run.run, order, plan, used, chosen, frames, takes });
    }
    this.#current.clear();
  }

  /** The plan that is edited is another one. */
  follow(plan) {
    if (plan === this.#plan) return;
    this.#plan = plan;
    this.#current.clear();
  }

  /** Where the picture of a frame is; null where there is none. */
  url(sceneId, frame) {
    const shown = this.#scenes.get(sceneId);
    if (!shown || frame >= shown.frames) return null;
    return this.#frameUrl(shown.run, sceneId, shown.used, frame);
  }

  /** How many frames of a scene have a picture. */
  frames(sceneId) {
    return this.#scenes.get(sceneId)?.frames ?? 0;
  }

  /** The takes of a scene that are kept: their number and frames, which is shown, which chosen. */
  takes(sceneId) {
    const { takes = [], used, chosen } = this.#scenes.get(sceneId) ?? {};
    return takes.map(({ take, frames }) => {
      return { number: take, frames, isUsed: take === used, isChosen: take === chosen };
    });
  }

  /** Whether a scene that is edited would still be drawn as its pictures show it. */
  isCurrent(sceneId) {
    if (!this.#current.has(sceneId)) {
      const drawn = [this.#plan, this.#scenes.get(sceneId)?.plan].map((plan) =>
        drawnOf(plan, sceneId),
      );
      this.#current.set(sceneId, drawn[0] !== null && same(...drawn));
    }
    return this.#current.get(sceneId);
  }
}

/** All that a scene's pictures are drawn from (planning/plan_io.py, scene_json). */
function drawnOf(plan, sceneId) {
  const scene = plan?.scenes.find(({ id }) => id === sceneId);
  if (!scene) return null;
  const { locked: _, ...drawn } = scene;
  const seen = new Set([...scene.entities, scene.background]);
  const entities = plan.entities.filter(({ id }) => seen.has(id));
  return { width: plan.width, height: plan.height, entities: byId(entities), scene: drawn };
}

function byId(entities) {
  return Object.fromEntries(entities.map((entity) => [entity.id, entity]));
}
