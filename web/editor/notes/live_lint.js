/**
 * The director's notes on the plan as it is edited, asked for when the hand rests.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { asFindings, located } from "./note_places.js";

const PAUSE = 400; // milliseconds

/**
 * @param {{lint: (plan: Object) => Promise<import("../server.js").Finding[]>}} server
 * @param {() => void} draw is called when there is something new to show
 * @param {number} [pause] without a change before the server is asked, in milliseconds
 */
export function createLiveLint(server, draw, pause = PAUSE) {
  let [shown, plan] = [null, null];
  let notes = [];
  let isOld = false;
  let timer = null;

  async function ask(asked) {
    const answer = await answered(asked);
    if (asked !== plan) return; // edited meanwhile
    isOld = answer === null;
    if (answer !== null) notes = located(answer, asked);
    draw();
  }

  /** The findings; null where the server does not answer. */
  async function answered(asked) {
    try {
      return await server.lint(asked);
    } catch ({ problems = [] }) {
      return problems.length > 0 ? asFindings(problems) : null;
    }
  }

  return {
    /**
     * Say which plan is edited.
     *
     * @param {import("../session.js").Session} session
     * @returns {{notes: import("./note_places.js").Note[], isOld: boolean}} `isOld`: they are those
     *   of the last run, since the server does not answer
     */
    follow(session) {
      if (session.shown !== shown) {
        shown = session.shown;
        notes = located(shown?.notes ?? [], shown?.edited);
      }
      if (session.plan !== plan) {
        plan = session.plan;
        clearTimeout(timer);
        if (session.isAsRun && shown.notes) {
          [notes, isOld] = [located(shown.notes, shown.edited), false];
        } else if (plan !== null) timer = setTimeout(ask, pause, plan);
      }
      return { notes, isOld };
    },
  };
}
