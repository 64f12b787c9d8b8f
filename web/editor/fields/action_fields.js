/**
 * What is done in a scene: its actions with their weights, and the search for more.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { createActionSearch } from "./action_search.js";
import { drawList, iconButton, make, showValue } from "../dom.js";
import { numberControl } from "./numbers.js";
import { removeAction, setAction } from "../plan/scene_changes.js";

const LEAST = 0.01;
const STEP = 0.05;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `server` knows the labels
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createActionFields({ t, act, server }) {
  const list = make("div", { class: "actions" });
  const weigh = (label, weight) => act.changeScene((scene) => setAction(scene, label, weight));
  const search = createActionSearch({ t, server }, (label) => weigh(label, 1));
  const title = make("span", { class: "name" }, t("actions"));
  const element = make("div", { class: "field wide" }, title, list, search.element);
  let state = null;

  function create([label]) {
    const name = t("actionWeight", { action: label });
    const slider = make("input", {
      ...{ type: "range", min: String(STEP), max: "1", step: String(STEP), "aria-label": name },
      oninput: () => (number.value = slider.value),
      onchange: () => weigh(label, Number(slider.value)),
    });
    const number = numberControl(
      { "aria-label": name },
      { least: LEAST, most: 1, step: STEP },
      (weight) => weigh(label, weight),
      () => draw(state),
    );
    const remove = iconButton("remove", t("removeAction", { action: label }), () =>
      act.changeScene((scene) => removeAction(scene, label)),
    );
    const words = make("span", { class: "action-name", title: label }, label);
    return make("div", { class: "action" }, words, slider, number, remove);
  }

  function update(row, [, weight]) {
    row.children[1].value = String(weight);
    showValue(row.children[2], String(weight));
  }

  function draw(next) {
    state = next;
    // JavaScript, Python and edits keep an object's members in different orders.
    const chosen = Object.entries(state.scene.action).toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    );
    drawList(list, chosen, ([label]) => label, create, update);
    search.draw(state.scene.action);
  }

  return { element, draw };
}
