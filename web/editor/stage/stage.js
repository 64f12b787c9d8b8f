/**
 * The picture of one scene at one frame, where boxes are drawn, moved and resized.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { boxesAt } from "../../plan_layout.js";
import { drawnBox, movedBox, resizedBox, STEP } from "./box_moves.js";
import { ARROWS, drawList, make, placeBox } from "../dom.js";
import { hasKeyframe } from "./keyframes.js";
import { markNotes } from "../notes/note_marks.js";
import { createOnionSkin } from "./onion_skin.js";
import { createRendered } from "./rendered_frames.js";

const SIDES = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [-1, 0],
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
];
const FINE = 0.01;
const DRAW_PIXELS = 4;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createStage({ t, act }) {
  const chips = make("div", { class: "chips", role: "radiogroup", "aria-label": t("thingToDraw") });
  const boxes = make("div", { class: "boxes" });
  const hint = make("p", { class: "stage-hint" });
  const [rendered, onion] = [createRendered({ t }), createOnionSkin()];
  const layers = [rendered.element, onion.element, boxes, hint];
  const picture = make("div", { class: "picture", role: "group" }, ...layers);
  const element = make("div", { class: "stage" }, chips, make("div", { class: "fit" }, picture));
  let state = null;
  let hand = null; // what is being dragged: {pointer, entity, box, at, follow, isMoved}

  picture.addEventListener("pointerdown", (event) => {
    // A second finger changes nothing of what the first one does.
    if (event.button !== 0 || hand || boxes.hidden) return;
    event.preventDefault(); // no selection of text, and the focus goes where it is put below
    const item = event.target.closest(".box");
    hand = item ? grasp(event, item) : pen(event);
    if (hand) picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (hand?.pointer !== event.pointerId) return;
    const at = place(event);
    const pixels = Math.hypot(event.clientX - hand.at[0], event.clientY - hand.at[1]);
    if (!hand.isMoved && pixels < DRAW_PIXELS) return;
    hand.isMoved = true;
    hand.box = hand.follow(at, event.altKey);
    drawBoxes();
  });
  picture.addEventListener("pointerup", (event) => {
    if (hand?.pointer !== event.pointerId) return;
    const { entity, box, isMoved } = hand;
    hand = null;
    if (isMoved && box) act.putBox(entity, box);
    drawBoxes();
  });
  picture.addEventListener("pointercancel", (event) => {
    if (hand?.pointer !== event.pointerId) return;
    hand = null;
    drawBoxes();
  });
  // The menu that a long touch opens would end the drag.
  picture.addEventListener("contextmenu", (event) => hand && event.preventDefault());
  boxes.addEventListener("keydown", onKey);

  /** Where an event is in the picture, however far the page is zoomed. */
  function place(event) {
    const { left, top, width, height } = picture.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }

  function grasp(event, item) {
    const entity = item.dataset.key;
    act.selectEntity(entity);
    item.focus({ preventScroll: true });
    const [from, start] = [place(event), boxesAt(state.scene, state.frame)[entity]];
    const side = event.target.dataset.side?.split(",").map(Number);
    const follow = ([x, y], isFree) => {
      const by = [x - from[0], y - from[1]];
      if (side) return resizedBox(start, { x: side[0], y: side[1] }, ...by, isFree);
      return movedBox(start, ...by, isFree);
    };
    return inHand(event, entity, follow);
  }

  /** A drag beside all boxes draws the chosen thing, or the first that is not there yet. */
  function pen(event) {
    const shown = boxesAt(state.scene, state.frame);
    const absent = state.scene.entities.filter((id) => !Object.hasOwn(shown, id));
    const entity = absent.includes(state.entityId) ? state.entityId : absent[0];
    if (entity === undefined) return null;
    const from = place(event);
    const follow = (to, isFree) => drawnBox(from, to, isFree);
    return inHand(event, entity, follow);
  }

  function inHand({ pointerId, clientX, clientY }, entity, follow) {
    return { pointer: pointerId, entity, box: null, at: [clientX, clientY], follow };
  }

  function onKey(event) {
    const item = event.target.closest(".box");
    const arrow = ARROWS[event.key];
    if (!item || (!arrow && !["Delete", "Backspace"].includes(event.key))) return;
    event.preventDefault();
    const entity = item.dataset.key;
    if (!arrow) {
      act.removeBox(entity);
      return;
    }
    const box = boxesAt(state.scene, state.frame)[entity];
    const by = arrow.map((sign) => sign * (event.altKey ? FINE : STEP));
    const grown = { x: Math.abs(arrow[0]), y: Math.abs(arrow[1]) };
    const moved = event.shiftKey
      ? resizedBox(box, grown, ...by, event.altKey)
      : movedBox(box, ...by, event.altKey);
    act.putBox(entity, moved, `keys ${entity} ${state.frame}`);
  }

  function create([entity]) {
    const name = make("span", { class: "box-name" });
    const item = make("div", { class: "box", role: "button", tabIndex: 0 }, name);
    item.dataset.entity = entity;
    item.setAttribute("aria-roledescription", t("box"));
    item.addEventListener("focus", () => act.selectEntity(entity));
    for (const side of SIDES) {
      item.append(make("i", { class: "handle", "data-side": side.join(",") }));
    }
    return item;
  }

  function update(item, [entity, box]) {
    const [x0, y0, x1, y1] = box;
    const name = state.names.get(entity) ?? entity;
    placeBox(item, box);
    // Small boxes lie on large ones, so that each can be grasped; the chosen one lies on all.
    const area = (x1 - x0) * (y1 - y0);
    item.style.zIndex = entity === state.entityId ? "101" : String(Math.round((1 - area) * 100));
    item.style.setProperty("--colour", state.colours.get(entity) ?? "gray");
    item.classList.toggle("selected", entity === state.entityId);
    item.classList.toggle("background", entity === state.scene.background);
    item.firstChild.textContent = name;
    const [left, top, right, bottom] = box.map((side) => Math.round(side * 100));
    item.setAttribute("aria-label", t("boxPlace", { name, left, top, right, bottom }));
    markNotes(item, state.noted.entities.get(entity), item);
  }

  function drawBoxes() {
    const isKeyframe = hasKeyframe(state.scene, state.frame) || state.scene.layout.length === 0;
    const shown = { ...boxesAt(state.scene, state.frame) };
    if (hand?.box) shown[hand.entity] = hand.box;
    boxes.classList.toggle("between", !isKeyframe && !hand?.box);
    drawList(boxes, Object.entries(shown), ([entity]) => entity, create, update);
    const isEmpty = Object.keys(shown).length === 0;
    hint.hidden = !isEmpty || boxes.hidden;
    if (isEmpty) hint.textContent = t(state.scene.entities.length ? "drawHint" : "noThingsHint");
  }

  function drawChips() {
    const shown = boxesAt(state.scene, state.frame);
    const create = (id) =>
      make("button", {
        type: "button",
        class: "chip",
        role: "radio",
        onclick: () => act.selectEntity(id),
      });
    drawList(
      chips,
      state.scene.entities,
      (id) => id,
      create,
      (chip, id) => {
        const isHere = Object.hasOwn(shown, id);
        const name = state.names.get(id) ?? id;
        chip.textContent = name;
        chip.title = isHere ? name : t("isAbsent", { name });
        chip.setAttribute("aria-label", chip.title);
        chip.setAttribute("aria-checked", String(id === state.entityId));
        chip.classList.toggle("absent", !isHere);
        chip.style.setProperty("--colour", state.colours.get(id) ?? "gray");
      },
    );
  }

  return {
    element,
    draw(next) {
      state = next;
      element.style.setProperty("--ratio", state.plan.width / state.plan.height);
      picture.setAttribute("aria-label", t("frameOf", { frame: state.frame }));
      picture.classList.toggle("filled", rendered.draw(state));
      onion.draw(state);
      boxes.hidden = !state.view.boxes;
      drawBoxes();
      drawChips();
    },
  };
}
