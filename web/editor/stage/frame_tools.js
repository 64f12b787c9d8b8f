/**
 * Tools below the frames: copying boxes, and what is seen beside them.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { boxesAt } from "../../plan_layout.js";
import { iconButton, make } from "../dom.js";

const VIEWS = { onion: "showOnion", boxes: "showBoxes", pictures: "showPictures" };

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see stage_actions.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createFrameTools({ t, act }) {
  const copy = iconButton("copy_box", t("copyBox"), () => act.copyBox());
  const paste = iconButton("paste_box", t("pasteBox"), () => act.pasteBox());
  const toFrame = createCopyTo({ t, act });
  const views = Object.entries(VIEWS).map(([name, key]) => [
    name,
    iconButton(`show_${name}`, t(key), () => act.toggleView(name)),
  ]);
  const element = make(
    "div",
    { class: "frame-tools", role: "toolbar", "aria-label": t("frameTools") },
    ...[copy, paste, toFrame.button, toFrame.form],
    make("span", { class: "gap" }),
    ...views.map(([, button]) => button),
  );

  return {
    element,
    draw(state) {
      const { plan, scene, frame, entityId, copied, view, pictures } = state;
      const boxes = boxesAt(scene, frame);
      copy.disabled = !Object.hasOwn(boxes, entityId);
      paste.disabled = !plan.entities.some(({ id }) => id === copied?.id);
      toFrame.draw(state, Object.keys(boxes).length > 0);
      for (const [name, button] of views) button.setAttribute("aria-pressed", String(view[name]));
      const last = views.at(-1)[1];
      last.disabled = !pictures?.url(scene.id, frame);
    },
  };
}

/** A button that asks for the frame that all boxes of this one are copied to. */
function createCopyTo({ t, act }) {
  const number = make("input", { type: "number", min: "0", step: "1", required: true });
  const form = make(
    "form",
    { class: "copy-to", hidden: true },
    make("label", {}, `${t("copyToFrame")} `, number),
    make("button", { type: "submit" }, t("copy")),
  );
  const button = iconButton("copy_boxes", t("copyBoxes"), () => open(form.hidden));
  let state = null;

  function open(isOpen) {
    form.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    number.value = String(Math.min(state.frame + 1, state.scene.frames - 1));
    number.focus();
    number.select();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const to = number.valueAsNumber;
    open(false);
    button.focus();
    act.copyBoxesTo(to);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open(false);
    button.focus();
  });
  open(false);

  return {
    button,
    form,
    draw(next, isPossible) {
      const isElsewhere = state?.scene.id !== next.scene.id;
      state = next;
      button.disabled = !isPossible || next.scene.frames === 1;
      number.max = String(next.scene.frames - 1);
      if (isElsewhere || button.disabled) open(false);
    },
  };
}
