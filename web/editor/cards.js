/**
 * The strip of scenes: one card each, to choose, reorder, duplicate, delete and add them.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { boxesAt } from "../plan_layout.js";
import { drawList, iconButton, make } from "./dom.js";
import { icon } from "./icons.js";

const DRAG_PIXELS = 6;

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
  };
  tools.append(...Object.values(buttons));
  const element = make("div", { class: "strip" }, list, tools);

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
    const picture = make("div", { class: "thumbnail", "aria-hidden": "true" });
    const number = make("span", { class: "number" });
    const marks = make("span", { class: "marks" });
    const words = make("div", { class: "words" });
    const card = make("div", { class: "card", role: "option" }, picture, number, marks, words);
    card.addEventListener("pointerdown", (event) => drag(event, card, scene.id));
    card.addEventListener("click", () => act.selectScene(scene.id));
    return card;
  }

  /** A card follows the hand; where it is dropped is where its middle is. */
  function drag(down, card, id) {
    if (down.button !== 0) return;
    const scale = card.getBoundingClientRect().width / card.offsetWidth || 1;
    let isMoved = false;
    const move = (event) => {
      const by = event.clientX - down.clientX;
      if (!isMoved && Math.abs(by) < DRAG_PIXELS) return;
      if (!isMoved) card.setPointerCapture(down.pointerId);
      isMoved = true;
      card.classList.add("dragged");
      card.style.translate = `${by / scale}px`;
    };
    const end = (event) => {
      card.removeEventListener("pointermove", move);
      card.removeEventListener("pointerup", end);
      card.removeEventListener("pointercancel", end);
      const middle = centre(card);
      const others = [...list.children].filter((other) => other !== card);
      card.style.translate = "";
      card.classList.remove("dragged");
      if (!isMoved || event.type === "pointercancel") return;
      act.moveScene(id, others.filter((other) => centre(other) < middle).length);
    };
    card.addEventListener("pointermove", move);
    card.addEventListener("pointerup", end);
    card.addEventListener("pointercancel", end);
  }

  function update(card, scene, index, state) {
    const [picture, number, marks, words] = card.children;
    const isSelected = scene.id === state.scene.id;
    card.setAttribute("aria-selected", String(isSelected));
    card.tabIndex = isSelected ? 0 : -1;
    const changed = state.changed.has(scene.id) ? t("isEdited") : "";
    const locked = scene.locked ? t("isLocked") : "";
    const label = [`${index + 1}: ${scene.prompt}`, changed, locked].filter(Boolean).join("; ");
    card.setAttribute("aria-label", label);
    card.title = label;
    picture.style.aspectRatio = `${state.plan.width} / ${state.plan.height}`;
    drawThumbnail(picture, scene, state.colours);
    number.textContent = String(index + 1);
    const { path, direction } = scene.camera;
    const camera = path ? "path" : direction === "static" ? null : direction;
    const names = [changed && "edited", camera, locked && "lock"].filter(Boolean);
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

function centre(card) {
  const { left, width } = card.getBoundingClientRect();
  return left + width / 2;
}

function drawThumbnail(picture, scene, colours) {
  const boxes = Object.entries(boxesAt(scene, 0));
  drawList(
    picture,
    boxes,
    ([id]) => id,
    () => make("i"),
    (mark, [id, [x0, y0, x1, y1]]) => {
      mark.style.cssText = `left:${x0 * 100}%;top:${y0 * 100}%;width:${(x1 - x0) * 100}%;`;
      mark.style.height = `${(y1 - y0) * 100}%`;
      mark.style.setProperty("--colour", colours.get(id) ?? "gray");
    },
  );
}
