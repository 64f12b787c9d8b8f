/**
 * One prompt for every frame of a scene, and the caption of the keyframe that is shown.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, labelled, make, showValue, textControl } from "../dom.js";
import {
  removeFramePrompts,
  setCaption,
  setFramePrompt,
  startFramePrompts,
} from "../plan/scene_changes.js";
import { incomingScene } from "../plan/scene_origin.js";

/** The longest text that a plan holds. */
export const MOST_LETTERS = 20_000;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `fold` makes parts that fold
 * @returns {{element: Element, draw: (state: Object) => void, follow: (state: Object) => void}}
 */
export function createFramePrompts({ t, act, fold }) {
  const list = make("div", { class: "frame-prompts" });
  const button = (text, change) =>
    make("button", { type: "button", onclick: () => act.changeScene(change) }, text);
  const start = button(t("startFramePrompts"), startFramePrompts);
  const remove = button(t("removeFramePrompts"), removeFramePrompts);
  const hint = make("p", { class: "hint" }, t("framePromptsReplace"));
  const content = make("div", {}, hint, list, make("div", { class: "row" }, start, remove));
  const title = make("span");
  const element = fold("frame_prompts", title, content, () => draw(state));
  let state = null;

  function create([frame]) {
    const text = textControl("textarea", { rows: 1, maxLength: MOST_LETTERS }, (written) => {
      if (written.trim() === "") draw(state);
      else act.changeScene((scene) => setFramePrompt(scene, frame, written));
    });
    text.setAttribute("aria-label", t("framePrompt", { frame }));
    text.addEventListener("focus", () => {
      if (state.frame !== frame && frame < state.scene.frames) act.goTo(frame);
    });
    return make("div", { class: "frame-prompt" }, make("span", { class: "hint" }, frame), text);
  }

  function draw(next) {
    state = next;
    const prompts = state.scene.frame_prompts ?? [];
    const count = prompts.length;
    title.textContent = t(count ? "framePrompts" : "noFramePrompts", { count });
    start.hidden = count > 0;
    remove.hidden = hint.hidden = count === 0;
    if (!element.open) return;
    const rows = [...prompts.entries()];
    const update = (row, [, prompt]) => showValue(row.lastChild, prompt);
    drawList(list, rows, ([frame]) => String(frame), create, update);
    follow(state);
  }

  /** Only the frame is another one. */
  function follow(next) {
    state = next;
    if (!element.open) return;
    list.querySelector(".here")?.classList.remove("here");
    const row = list.children[state.frame];
    if (row === undefined) return;
    row.classList.add("here");
    const { offsetTop: top, offsetHeight: height } = row;
    const least = top + height - list.clientHeight;
    list.scrollTop = Math.max(Math.min(list.scrollTop, top), least);
  }

  return { element, draw, follow };
}

/**
 * A field for the caption of the keyframe at the frame that is shown. Where there is none it stays,
 * empty, so that the fields below it do not move while frames go by.
 *
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, follow: (state: Object) => void}}
 */
export function createCaption({ t, act }) {
  const element = make("div", { class: "wide" });

  function create({ frame }) {
    const commit = (text) => act.changeScene((scene) => setCaption(scene, frame, text));
    const text = textControl("input", { type: "text", maxLength: MOST_LETTERS }, commit);
    text.disabled = frame === null;
    return labelled(t(frame === null ? "noCaption" : "caption", { frame }), text);
  }

  return {
    element,
    follow(state) {
      // What is being written stays, while the scene plays.
      if (element.querySelector(":focus")?.dataset.touched) return;
      const captioned = (layout) => layout.find((keyframe) => keyframe.frame === state.frame);
      const here = captioned(state.scene.layout) ?? { frame: null };
      const incoming = incomingScene(state);
      const before = incoming && (captioned(incoming.layout)?.caption ?? "");
      const update = (label, { caption = "" }) => {
        showValue(label.lastChild, caption);
        label.classList.toggle("differs", incoming !== undefined && caption !== before);
      };
      drawList(element, [here], ({ frame }) => String(frame), create, update);
    },
  };
}
