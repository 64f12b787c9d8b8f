/**
 * What is shown where there is no plan: why, and a button to begin one.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "./dom.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see stage_actions.js)
 * @returns {{element: Element, draw: (session: import("./session.js").Session, isLinked: boolean,
 *   hasPlan: boolean) => void}} `hasPlan`: whether a plan is connected
 */
export function createEmptyState({ t, act }) {
  const why = make("p");
  const start = make("button", { type: "button", onclick: () => act.startPlan() }, t("newPlan"));
  const element = make("div", { class: "empty" }, why, start);

  return {
    element,
    draw(session, isLinked, hasPlan) {
      const { plan, problem, isBroken, shown } = session;
      element.hidden = (plan !== null && !isLinked) || problem !== null || isBroken;
      start.hidden = isLinked || hasPlan || shown !== null;
      if (isLinked) why.textContent = t("linked");
      else if (shown?.too_large) why.textContent = t("planTooLarge");
      else why.textContent = t(start.hidden ? "runFirst" : "startHere");
    },
  };
}
