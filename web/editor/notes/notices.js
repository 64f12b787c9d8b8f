/**
 * What there is to say about the edits: what does not fit, what waits, what the director notes.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, make } from "../dom.js";
import { wordsOf } from "./note_places.js";

const MOST_SHOWN = 20;
const MOST_NOTES = 200;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element,
 *   draw: (session: import("../session.js").Session, said: string|null) => void}} `said` is
 *   something that the editor has to say besides
 */
export function createNotices({ t, act }) {
  const element = make("div", { class: "notices", role: "status" });
  let told = null;

  function draw(session, said) {
    const { shown, text, isTooLarge, discarded } = session;
    const now = [shown, text, isTooLarge, discarded, said];
    if (told?.every((item, index) => item === now[index])) return; // not to be read aloud again
    told = now;
    const parts = [];
    if (session.problem !== null) parts.push(warning(t("badJson", { problem: session.problem })));
    if (session.isBroken) parts.push(warning(t("brokenPlan")));
    if (session.isTooLarge) parts.push(warning(t("tooLarge")));
    if (session.discarded) parts.push(warning(t("discarded", { count: session.discarded })));
    if (session.misfits.length > 0) parts.push(misfits(session));
    if (said !== null) parts.push(make("p", { class: "said" }, said));
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
 * The director's notes; one that speaks of a scene or a thing leads there.
 *
 * @param {Object} editor
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createDirectorNotes({ t, act }) {
  const list = make("ul", { class: "notes" });
  const old = make("p", { class: "hint" }, t("notesOfLastRun"));
  const none = make("p", { class: "hint" }, t("noNotes"));
  const element = make("div", {}, old, none, list);
  let shown = [];

  function placeOf({ sceneId, entityId, path }, { plan, names }) {
    const number = plan.scenes.findIndex(({ id }) => id === sceneId) + 1;
    const thing = names.get(entityId) ?? null;
    const scene = number ? `${t("scene")} ${number}` : null;
    return [scene, thing].filter((part) => part !== null).join(", ") || path;
  }

  function create([key]) {
    const words = make("button", { type: "button", class: "link" });
    words.addEventListener("click", () => act.goToNote(shown[key]));
    return make("li", {}, words);
  }

  return {
    element,
    draw(state) {
      shown = state.notes;
      old.hidden = !state.areNotesOld || shown.length === 0;
      none.hidden = shown.length > 0;
      drawList(
        list,
        [...shown.slice(0, MOST_NOTES).entries()],
        ([index]) => String(index),
        create,
        (item, [, note]) => {
          const [button] = item.children;
          item.className = note.severity;
          const words = `${placeOf(note, state)}: ${wordsOf(note)}`;
          if (button.textContent !== words) button.textContent = words;
          button.title = note.path;
        },
      );
    },
  };
}

function warning(text) {
  return make("p", { class: "warning" }, text);
}
