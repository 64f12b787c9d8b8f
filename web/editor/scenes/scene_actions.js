/**
 * What can be done with a scene beside editing it: render it alone, have it written anew, choose
 * its take; and the storyboard as a file.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { icon } from "../icons.js";
import { drawList, make } from "../dom.js";
import { createReplanForm } from "./replan_form.js";
import { takeOf, withTake } from "./take_text.js";

const SEEDS = 2 ** 32;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `server` draws storyboards,
 *   `workflow` is the page's (see page_workflow.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createSceneActions(editor) {
  const { t, act, server, workflow } = editor;
  let state = null;

  const form = createReplanForm(editor);
  const render = button("play", t("renderScene"), renderScene);
  const replan = button("replan", t("replan"), () => form.toggle());
  const take = make("select", { class: "take", onchange: () => choose(take.value) });
  take.setAttribute("aria-label", t("take"));
  const another = button("again", t("anotherTake"), () =>
    act.changeScene((scene) => ({ ...scene, seed: Math.floor(Math.random() * SEEDS) })),
  );
  const files = ["png", "pdf"].map((format) => {
    const save = button("save", format.toUpperCase(), () => exportAs(format, save));
    save.classList.add("file");
    save.title = t("exportAs", { format: format.toUpperCase() });
    save.setAttribute("aria-label", save.title);
    return save;
  });
  const gap = make("span", { class: "state" });
  const bar = make("div", { class: "row scene-actions", role: "toolbar" });
  bar.setAttribute("aria-label", t("sceneActions"));
  bar.append(render, replan, another, take, gap, ...files);
  const element = make("div", {}, bar, form.element);

  async function renderScene() {
    render.disabled = true;
    const { scene, plan } = state;
    try {
      const isQueued = await workflow.renderScene(scene.id);
      const number = plan.scenes.indexOf(scene) + 1;
      act.say(isQueued ? t("sceneQueued", { number }) : t("noRenderer"));
    } catch (error) {
      act.say(t("serverSays", { problem: error.message }));
    }
  }

  async function exportAs(format, save) {
    save.disabled = true;
    try {
      download(await server.storyboard(state.plan, format), `storyboard.${format}`);
    } catch (error) {
      act.say(t("serverSays", { problem: [error.message, ...(error.problems ?? [])].join("\n") }));
    } finally {
      save.disabled = false;
    }
  }

  function choose(value) {
    const number = value === "" ? null : Number(value);
    workflow.changeTakes((text) => withTake(text, state.scene.id, number));
    draw(state);
  }

  function drawTakes({ scene, pictures }) {
    const texts = workflow.takes();
    const named = texts.length > 0 ? takeOf(texts[0], scene.id) : null;
    const takes = pictures?.takes?.(scene.id) ?? [];
    const kept = takes.find(({ isChosen }) => isChosen)?.number;
    const numbers = new Set(takes.map(({ number }) => number));
    if (named !== null) numbers.add(named);
    take.hidden = texts.length === 0 || numbers.size === 0;
    const first = kept === undefined ? t("takeNewest") : t("takeOfFolder", { number: kept });
    const options = [["", first], ...[...numbers].map((n) => [n, t("takeNumber", { number: n })])];
    drawList(
      take,
      options,
      ([value]) => String(value),
      ([value]) => make("option", { value: String(value) }),
      (option, [, words]) => {
        if (option.textContent !== words) option.textContent = words;
      },
    );
    take.value = named === null ? "" : String(named);
  }

  function draw(next) {
    state = next;
    const isRendered = workflow.isRendered();
    render.disabled = !isRendered;
    render.title = t(isRendered ? "renderSceneHint" : "noRenderer");
    replan.disabled = state.scene.locked === true;
    replan.title = t(state.scene.locked ? "replanLocked" : "replanHint");
    another.title = t("anotherTakeHint");
    drawTakes(state);
    form.draw(state);
  }

  return { element, draw };
}

function button(sign, words, onclick) {
  const made = make("button", { type: "button", onclick });
  made.append(icon(sign), make("span", { class: "label" }, words));
  made.setAttribute("aria-label", words);
  return made;
}

/** Let the browser keep a file. */
function download(blob, name) {
  const href = URL.createObjectURL(blob);
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
