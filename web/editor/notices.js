/**
 * What there is to say about the edits: what does not fit, what waits, what the director notes.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "./dom.js";

const MOST_SHOWN = 20;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (session: import("./session.js").Session) => void}}
 */
export function createNotices({ t, act }) {
  const element = make("div", { class: "notices", role: "status" });
  let told = null;

  function draw(session) {
    const { shown, text, isTooLarge, discarded } = session;
    const now = [shown, text, isTooLarge, discarded];
    if (told?.every((item, index) => item === now[index])) return; // not to be read aloud again
    told = now;
    const parts = [];
    if (session.problem !== null) parts.push(warning(t("badJson", { problem: session.problem })));
    if (session.isBroken) parts.push(warning(t("brokenPlan")));
    if (session.isTooLarge) parts.push(warning(t("tooLarge")));
    if (session.discarded) parts.push(warning(t("discarded", { count: session.discarded })));
    if (session.misfits.length > 0) parts.push(misfits(session));
    if (session.shown?.waiting) {
      parts.push(
        make("p", { class: "waiting" }, t(session.canApprove ? "waits" : "waitsForAnother")),
      );
    }
    element.replaceChildren(...parts);
    element.hidden = parts.length === 0;
  }

  function misfits({ misfits: list, shown }) {
    const said = new Map((shown?.misfits ?? []).map(({ at, text }) => [JSON.stringify(at), text]));
    const items = list.slice(0, MOST_SHOWN).map(({ edit, kind }) => {
      const place = edit.at.join(" › ") || t("plan");
      return make(
        "li",
        {},
        said.get(JSON.stringify(edit.at)) ?? `${place}: ${t(`misfit_${kind}`)}`,
      );
    });
    const drop = make(
      "button",
      { type: "button", onclick: () => act.dropMisfits() },
      t("dropMisfits"),
    );
    const head = make("summary", {}, t("misfits", { count: list.length }));
    return make("details", { class: "warning", open: true }, head, make("ul", {}, ...items), drop);
  }

  return { element, draw };
}

/**
 * The director's notes of the last run; one that speaks of a scene leads there.
 *
 * @param {Object} editor
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createDirectorNotes({ t, act }) {
  const list = make("ul", { class: "notes" });
  const old = make("p", { class: "hint" }, t("notesOfLastRun"));
  const none = make("p", { class: "hint" }, t("noNotes"));
  const element = make("div", {}, old, none, list);

  return {
    element,
    draw({ notes, isAsRun }) {
      old.hidden = isAsRun || notes.length === 0;
      none.hidden = notes.length > 0;
      list.replaceChildren(
        ...notes.map(({ path, message, advice, severity }) => {
          const scene = /^scenes\[(\d+)\]/.exec(path);
          const place = scene ? `${t("scene")} ${Number(scene[1]) + 1}` : path;
          const words = `${place}: ${message}; ${advice}`;
          const go = () => act.selectSceneNumber(Number(scene[1]));
          const text = scene
            ? make("button", { type: "button", class: "link", title: path, onclick: go }, words)
            : words;
          return make("li", { class: severity }, text);
        }),
      );
    },
  };
}

function warning(text) {
  return make("p", { class: "warning" }, text);
}
