/**
 * Small marks where a director's note belongs: on a field's name, a thing's row, a box.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "../dom.js";
import { icon } from "../icons.js";
import { isWarning, wordsOf } from "./note_places.js";

/**
 * Show notes on an element, or take the mark away where there are none.
 *
 * @param {Element} holder gets the mark as its last child
 * @param {import("./note_places.js").Note[]} [notes]
 * @param {Element} [control] whose description they are to screen readers; else the mark's own name
 */
export function markNotes(holder, notes = [], control = null) {
  const words = notes.map(wordsOf).join("\n");
  const old = holder.querySelector(":scope > .noted");
  if ((old?.title ?? "") === words) return;
  old?.remove();
  control?.removeAttribute("aria-description");
  if (words === "") return;
  const mark = make("span", { class: "noted", title: words });
  const name = control === null ? { role: "img", "aria-label": words } : { "aria-hidden": "true" };
  for (const [attribute, value] of Object.entries(name)) mark.setAttribute(attribute, value);
  control?.setAttribute("aria-description", words);
  mark.classList.toggle("warning", notes.some(isWarning));
  mark.append(icon("note"));
  holder.append(mark);
}

/**
 * Show notes on the names of fields.
 *
 * @param {Object<string, Element>} fields by the part of the plan that they show
 * @param {Map<string, import("./note_places.js").Note[]>} notes by part
 */
export function markFields(fields, notes) {
  for (const [part, field] of Object.entries(fields)) {
    const name = field.querySelector(".name, .label");
    markNotes(name, notes.get(part), field.querySelector("input, textarea, select, button"));
  }
}
