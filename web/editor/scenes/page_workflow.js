/**
 * The workflow on the host's page, as one node of it sees it: what comes after it, and parts of it
 * that run alone.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { renderersAfter } from "./graph_walk.js";
import { startJob } from "./jobs.js";
import { ASKED, REPLANNED, REPLANNER, replanPrompt, scenePrompt } from "./partial_prompt.js";
import { profilesOf, refusal } from "./replanning.js";

/**
 * @param {Object} page
 * @param {Object} page.app the host's
 * @param {Object} page.api the host's
 * @param {Object} page.node the node Edit Plan
 * @param {() => string} page.id its name in a run
 */
export function createWorkflow({ app, api, node, id }) {
  const widgetOf = (renderer, name) => renderer.widgets?.find((one) => one.name === name);
  const isFree = (renderer, name) =>
    renderer.inputs.every((input) => input.widget?.name !== name || input.link == null);

  return {
    /** Whether anything renders this node's plan. */
    isRendered: () => renderersAfter(node).length > 0,

    /**
     * Render one scene alone.
     *
     * @returns {Promise<boolean>} false where nothing on the page renders the plan
     * @throws {Error} the server refuses it, with its words
     */
    async renderScene(sceneId) {
      const { output, workflow } = await app.graphToPrompt();
      const part = scenePrompt(output, id(), sceneId);
      if (part === null) return false;
      try {
        await api.queuePrompt(0, { output: part, workflow });
      } catch (error) {
        throw new Error(refusal(error));
      }
      return true;
    },

    /** The profiles that have a language model, as they are now. @returns {Promise<string[]>} */
    async profiles() {
      const answer = await api.fetchApi(`/object_info/${REPLANNER}`);
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return profilesOf((await answer.json())[REPLANNER]);
    },

    /** Have a scene written anew; see `startJob`. The node shows what Edit Plan shows. */
    replan(plan, sceneId, { wish, profile, take }, told) {
      const output = replanPrompt(plan, sceneId, wish, profile, take);
      const prompt = { output, workflow: app.rootGraph.serialize() };
      return startJob(api, prompt, { shows: REPLANNED, speaks: ASKED }, told);
    },

    /**
     * The texts of takes that are named on the page; one each for every Render Plan that keeps its
     * scenes in a folder.
     *
     * @returns {string[]}
     */
    takes: () => keepers().map((one) => widgetOf(one, "takes").value),

    /** Change them. @param {(text: string) => string} change */
    changeTakes(change) {
      app.canvas.emitBeforeChange();
      for (const renderer of keepers()) {
        const widget = widgetOf(renderer, "takes");
        widget.value = change(widget.value);
        widget.callback?.(widget.value);
      }
      app.canvas.emitAfterChange();
    },
  };

  function keepers() {
    return renderersAfter(node).filter((one) => {
      const isKept = !isFree(one, "run_folder") || widgetOf(one, "run_folder")?.value.trim();
      return isKept && isFree(one, "takes") && widgetOf(one, "takes") !== undefined;
    });
  }
}
