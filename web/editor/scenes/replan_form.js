/**
 * The form that has a scene written anew by a language model.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { readJson } from "../../plan_json.js";
import { labelled, make } from "../dom.js";
import { withScene } from "./replanning.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `workflow` is the page's
 * @returns {{element: Element, toggle: () => void, draw: (state: Object) => void}}
 */
export function createReplanForm({ t, act, workflow }) {
  const asked = new Map(); // how often the same was asked, since the same question has one answer
  let state = null;
  let job = null;

  const wish = make("textarea", { rows: 2, placeholder: t("wishNone") });
  const profile = make("select");
  const none = make("p", { class: "hint wish" }, t("noProfiles"));
  const start = make("button", { type: "button", class: "approve", onclick: () => ask() });
  start.textContent = t("writeAnew");
  const cancel = make("button", { type: "button", onclick: () => stop() }, t("cancel"));
  const progress = make("p", { class: "hint progress", role: "status" });
  const fields = [labelled(t("wish"), wish, "wish"), labelled(t("profile"), profile)];
  const element = make("div", { class: "replan", role: "group", hidden: true });
  element.setAttribute("aria-label", t("replan"));
  element.append(...fields, none, start, cancel, progress);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });

  async function open() {
    element.hidden = false;
    try {
      const names = await workflow.profiles();
      profile.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    } catch (error) {
      act.say(t("serverSays", { problem: error.message }));
    }
    show();
    (profile.length > 0 ? wish : cancel).focus();
  }

  function show() {
    const isPossible = profile.length > 0;
    for (const field of fields) field.hidden = !isPossible;
    none.hidden = isPossible;
    for (const control of [wish, profile]) control.disabled = job !== null;
    start.hidden = job !== null || !isPossible;
    start.disabled = state.scene.locked;
    start.title = state.scene.locked ? t("replanLocked") : "";
    element.setAttribute("aria-busy", String(job !== null));
    progress.hidden = job === null;
  }

  /** Give up what runs; without that, close the form. */
  function stop() {
    if (job !== null) job.cancel();
    else element.hidden = true;
  }

  async function ask() {
    const { plan, sceneId } = state;
    const question = { wish: wish.value, profile: profile.value };
    const key = JSON.stringify([plan.scenes, sceneId, question], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    const take = asked.get(key) ?? 0;
    progress.textContent = t("replanning");
    act.say(null);
    job = workflow.replan(plan, sceneId, { ...question, take }, (text) => {
      progress.textContent = plain(text);
    });
    show();
    try {
      const shown = await job.result;
      if (shown === null) return;
      asked.set(key, take + 1);
      put(sceneId, readJson(shown.edit_plan[0]).edited);
    } catch (error) {
      act.say(t("serverSays", { problem: error.message }));
    } finally {
      job = null;
      show();
    }
  }

  /** The plan may have been changed while the model wrote. */
  function put(sceneId, written) {
    const scene = state.plan.scenes.find(({ id }) => id === sceneId);
    if (written === undefined) act.say(t("planTooLarge"));
    else if (scene === undefined || scene.locked) act.say(t("replanGone"));
    else {
      element.hidden = true;
      wish.value = "";
      act.change((plan) => withScene(plan, written, sceneId));
    }
  }

  return {
    element,
    toggle() {
      if (element.hidden) open();
      else if (job === null) stop();
    },
    draw(next) {
      state = next;
      if (!element.hidden) show();
    },
  };
}

/** Words for a node are written as HTML (nodes/node_text.py); in a text control they are text. */
function plain(text) {
  return new DOMParser().parseFromString(text, "text/html").body.textContent;
}
