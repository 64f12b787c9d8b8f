/**
 * The strip of scenes: one card each, to choose, reorder, duplicate, delete and add them.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { boxesAt } from "../../plan_layout.js";
import { createCardDrag } from "./card_drag.js";
import { drawList, iconButton, make, placeBox } from "../dom.js";
import { icon } from "../icons.js";
import { isWarning, wordsOf } from "../notes/note_places.js";
import { isOlder } from "./rendered_frames.js";

const MOST_WARNINGS = 5;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createCards({ t, act }) {
  const list = make("div", { class: "cards", role: "listbox", "aria-label": t("scenes") });
  list.setAttribute("aria-orientation", "horizontal");
  const tools = make("div", {
    class: "card-tools",
    role: "toolbar",
    "aria-label": t("sceneTools"),
  });
  const buttons = {
    add: iconButton("add", t("addScene"), () => act.addScene()),
    duplicate: iconButton("duplicate", t("duplicateScene"), () => act.duplicateScene()),
    remove: iconButton("remove", t("deleteScene"), () => act.removeScene()),
    before: iconButton("before", t("sceneBefore"), () => act.shiftScene(-1)),
    after: iconButton("after", t("sceneAfter"), () => act.shiftScene(1)),
    lock: iconButton("lock", t("lock"), () => act.toggleLock()),
  };
  tools.append(...Object.values(buttons));
  const element = make("div", { class: "strip" }, list, tools);
  const drag = createCardDrag(list, act.moveScene);

  list.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined && event.altKey) act.shiftScene(by);
    else if (by !== undefined) act.stepScene(by);
    else if (event.key === "Delete") act.removeScene();
    else return;
    event.preventDefault();
    list.querySelector('[aria-selected="true"]')?.focus();
  });

  function create(scene) {
    const layers = [make("div"), make("div", { class: "marked" })];
    const picture = make("div", { class: "thumbnail", "aria-hidden": "true" }, ...layers);
    const number = make("span", { class: "number" });
    const marks = make("span", { class: "marks" });
    const words = make("div", { class: "words" });
    const card = make("div", { class: "card", role: "option" }, picture, number, marks, words);
    card.addEventListener("pointerdown", (event) => drag(event, card, scene.id));
    card.addEventListener("click", () => act.selectScene(scene.id));
    return card;
  }

  function update(card, scene, index, state) {
    const [picture, number, marks, words] = card.children;
    const isSelected = scene.id === state.scene.id;
    card.setAttribute("aria-selected", String(isSelected));
    card.tabIndex = isSelected ? 0 : -1;
    const changed = state.changed.has(scene.id) ? t("isEdited") : "";
    const locked = scene.locked ? t("isLocked") : "";
    const warnings = (state.noted.scenes.get(scene.id) ?? []).filter(isWarning);
    const noted = warnings.length > 0 ? t("notes", { count: warnings.length }) : "";
    const parts = [`${index + 1}: ${scene.prompt}`, changed, locked, noted];
    const label = parts.filter(Boolean).join("; ");
    card.setAttribute("aria-label", label);
    card.title = [label, ...warnings.slice(0, MOST_WARNINGS).map(wordsOf)].join("\n");
    picture.style.aspectRatio = `${state.plan.width} / ${state.plan.height}`;
    drawThumbnail(picture, scene, state);
    number.textContent = String(index + 1);
    const { path, direction } = scene.camera;
    const camera = path ? "path" : direction === "static" ? null : direction;
    const names = [noted && "note", changed && "edited", camera, locked && "lock"].filter(Boolean);
    marks.replaceChildren(...names.map(icon));
    words.textContent = scene.prompt;
  }

  return {
    element,
    draw(state) {
      const { scenes } = state.plan;
      drawList(
        list,
        scenes,
        ({ id }) => id,
        create,
        (card, scene, index) => update(card, scene, index, state),
      );
      const at = scenes.indexOf(state.scene);
      buttons.before.disabled = at === 0;
      buttons.after.disabled = at === scenes.length - 1;
      buttons.remove.disabled = scenes.length === 1;
      buttons.lock.setAttribute("aria-pressed", String(state.scene.locked));
    },
    /** Bring the chosen card into view. */
    reveal() {
      const card = list.querySelector('[aria-selected="true"]');
      if (!card) return;
      const [left, right] = [card.offsetLeft, card.offsetLeft + card.offsetWidth];
      if (left < list.scrollLeft) list.scrollLeft = left;
      else if (right > list.scrollLeft + list.clientWidth)
        list.scrollLeft = right - list.clientWidth;
    },
  };
}

function drawThumbnail(picture, scene, { colours, view, pictures }) {
  const [rendered, marked] = picture.children;
  const url = view.pictures ? (pictures?.url(scene.id, 0) ?? null) : null;
  drawList(
    rendered,
    url === null ? [] : [url],
    String,
    (src) => make("img", { alt: "", draggable: false, loading: "lazy", src, onerror: hide }),
    () => {},
  );
  picture.classList.toggle("filled", url !== null);
  picture.classList.toggle("older", url !== null && isOlder(pictures, scene.id));
  marked.hidden = !view.boxes;
  drawList(
    marked,
    Object.entries(boxesAt(scene, 0)),
    ([id]) => id,
    () => make("i"),
    (mark, [id, box]) => {
      placeBox(mark, box);
      mark.style.setProperty("--colour", colours.get(id) ?? "gray");
    },
  );
}

/** A picture that is gone meanwhile. */
function hide({ currentTarget }) {
  currentTarget.hidden = true;
}
