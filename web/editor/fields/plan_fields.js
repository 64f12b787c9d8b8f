/**
 * What is said of the video as a whole: its prompt, its frames per second, its size.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { labelled, make, showValue, textControl } from "../dom.js";
import { MOST_LETTERS } from "./frame_prompts.js";
import { markNotes } from "../notes/note_marks.js";
import { numberControl } from "./numbers.js";

/** The limits of planning/schema.py. */
export const LIMITS = {
  fps: { least: 1, most: 120, grid: 1 },
  width: { least: 64, most: 8192, grid: 8 },
  height: { least: 64, most: 8192, grid: 8 },
};

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createPlanFields({ t, act }) {
  let state = null;
  const set = (fields) => act.change((plan) => ({ ...plan, ...fields }));
  const back = () => draw(state);
  const prompt = textControl("textarea", { rows: 2, maxLength: MOST_LETTERS }, (text) => {
    if (text.trim() === "") back();
    else set({ prompt: text });
  });
  const numbers = Object.entries(LIMITS).map(([name, limits]) => [
    name,
    numberControl({}, limits, (number) => set({ [name]: number }), back),
  ]);
  const sides = numbers.map(([name, control]) => labelled(t(`video_${name}`), control));
  const element = make(
    "div",
    { class: "fields thirds" },
    labelled(t("videoPrompt"), prompt, "wide"),
    ...sides,
  );

  function draw(next) {
    state = next;
    const { plan, incoming } = state;
    for (const [name, control] of [["prompt", prompt], ...numbers]) {
      showValue(control, String(plan[name]));
      const isChanged = incoming !== null && plan[name] !== incoming[name];
      control.parentElement.classList.toggle("differs", isChanged);
      markNotes(control.previousElementSibling, state.noted.plan.get(name), control);
    }
  }

  return { element, draw };
}
