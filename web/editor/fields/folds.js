/**
 * Parts of the fields that fold, so that what few scenes need takes little room.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "../dom.js";

/**
 * Make the function that makes parts which fold. Fields are made anew for every scene; what is
 * unfolded stays so.
 *
 * @returns {(name: string, title: Element, content: Element, draw: () => void) => Element} `draw`
 *   fills the content when it is unfolded
 */
export function createFolds() {
  const open = new Set();
  return (name, title, content, draw) => {
    const summary = make("summary", { class: "name" }, title);
    const fold = make("details", { class: "fold wide", open: open.has(name) }, summary, content);
    fold.addEventListener("toggle", () => {
      if (fold.open) open.add(name);
      else open.delete(name);
      draw();
    });
    return fold;
  };
}
