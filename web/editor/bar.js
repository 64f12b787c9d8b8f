/**
 * The bar on top: undo and redo, how the plan stands, approval, and the edits as JSON below it.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { iconButton, make } from "./dom.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, json: HTMLTextAreaElement,
 *   draw: (session: import("./session.js").Session, isLinked: boolean) => void}}
 */
export function createBar({ t, act }) {
  const undo = iconButton("undo", t("undo"), () => act.undo());
  const redo = iconButton("redo", t("redo"), () => act.redo());
  const state = make("span", { class: "state" });
  const approve = make("button", { type: "button", class: "approve" }, t("approve"));
  approve.addEventListener("click", () => act.approve());
  const toggle = make("button", { type: "button", title: t("showJson") }, "JSON");
  toggle.setAttribute("aria-expanded", "false");
  toggle.addEventListener("click", () => {
    json.hidden = !json.hidden;
    toggle.setAttribute("aria-expanded", String(!json.hidden));
    if (!json.hidden) json.focus();
  });
  const json = make("textarea", { class: "json", hidden: true, spellcheck: false });
  json.setAttribute("aria-label", t("editsAsJson"));
  json.addEventListener("change", () => act.write(json.value));
  const element = make("div", { class: "bar", role: "toolbar", "aria-label": t("editing") });
  element.append(undo, redo, state, approve, toggle);

  return {
    element,
    json,
    draw(session, isLinked) {
      undo.disabled = isLinked || !session.canUndo;
      redo.disabled = isLinked || !session.canRedo;
      approve.hidden = isLinked || !session.canApprove;
      toggle.disabled = isLinked;
      if (isLinked) json.hidden = true;
      const isShown = session.plan !== null && !isLinked;
      state.textContent = isShown ? t(session.isAsRun ? "asRun" : "notRun") : "";
      if (json.getRootNode().activeElement !== json) json.value = session.text;
    },
  };
}
