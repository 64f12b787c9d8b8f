/**
 * What of a scene differs from the plan that came in: dots beside its fields, and the way back.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "../dom.js";
import { asItWas, changedParts, incomingScene, part } from "./scene_origin.js";

const MOST_SHOWN = 300;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object, elements: Object<string, Element>) => void}}
 *   `elements`: fields by the part of a scene that they show
 */
export function createSceneDifference({ t, act }) {
  const words = make("p", { class: "hint" });
  const back = make(
    "button",
    { type: "button", title: t("asItWasHint"), onclick: () => act.change(restored) },
    t("asItWas"),
  );
  const element = make("div", { class: "difference wide" }, words, back);
  let state = null;

  function restored(plan) {
    return asItWas(plan, incomingScene(state));
  }

  function before(name) {
    const value = part(incomingScene(state), name);
    const isShort = ["string", "number", "bigint"].includes(typeof value);
    return isShort ? t("wasBefore", { value: String(value).slice(0, MOST_SHOWN) }) : t("differs");
  }

  return {
    element,
    draw(next, elements) {
      state = next;
      const changed = changedParts(state.scene, incomingScene(state));
      element.hidden = changed.size === 0;
      const names = [...changed].map((name) => t(`part_${name}`));
      words.textContent = t("differsIn", { parts: names.join(", ") });
      for (const [name, field] of Object.entries(elements)) {
        field.classList.toggle("differs", changed.has(name));
        field.title = changed.has(name) ? before(name) : "";
      }
    },
  };
}
