/**
 * The things of a plan: what they are called, how they look, and which are in the scene.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, iconButton, make, showValue, textControl } from "../dom.js";
import { createEntityPicture } from "./entity_picture.js";
import { markNotes } from "../notes/note_marks.js";
import { changeEntity, enter, leave, removeEntity } from "../plan/plan_changes.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createEntityFields({ t, act, address }) {
  const list = make("div", { class: "entities" });
  const add = (kind, key) =>
    make("button", { type: "button", onclick: () => act.addEntity(kind, t(key)) }, `+ ${t(key)}`);
  const tools = make(
    "div",
    { class: "row" },
    add("foreground", "newThing"),
    add("background", "newBackground"),
  );
  const element = make("div", {}, list, tools);
  const pictures = new WeakMap();
  let state = null;

  function create({ id, kind }) {
    const change = (fields) => act.change((plan) => changeEntity(plan, id, fields));
    const name = textControl("input", { type: "text", class: "entity-name" }, (text, control) => {
      if (text.trim() !== "") change({ name: text });
      else control.value = state.names.get(id);
    });
    name.setAttribute("aria-label", t("thingName"));
    name.title = t("thingId", { id });
    const description = textControl(
      "textarea",
      { rows: 1, placeholder: t("thingDescription") },
      (text) => change({ description: text }),
    );
    description.setAttribute("aria-label", t("thingDescription"));
    const isHere = make("input", {
      type: "checkbox",
      title: t("inScene"),
      "aria-label": t("inScene"),
      disabled: kind === "background",
      onchange: () =>
        act.changeScene((scene) => (isHere.checked ? enter(scene, id) : leave(scene, id))),
    });
    const remove = iconButton("remove", t("deleteThing"), () =>
      act.change((plan) => removeEntity(plan, id)),
    );
    const swatch = make("i", { class: "swatch", "aria-hidden": "true" });
    const picture = createEntityPicture(id, { t, act, address });
    const item = make("div", { class: "entity" }, isHere, swatch, name, remove, description);
    item.append(picture.button, picture.told);
    item.dataset.entity = id;
    pictures.set(item, picture);
    return item;
  }

  function update(item, entity) {
    const [isHere, swatch, name, , description] = item.children;
    const { scene } = state;
    isHere.checked = scene.entities.includes(entity.id) || scene.background === entity.id;
    swatch.style.setProperty("--colour", state.colours.get(entity.id));
    showValue(name, entity.name);
    showValue(description, entity.description ?? "");
    pictures.get(item).draw(entity);
    markNotes(name.parentElement, state.noted.entities.get(entity.id));
  }

  return {
    element,
    draw(next) {
      state = next;
      drawList(list, state.plan.entities, ({ id, kind }) => `${kind} ${id}`, create, update);
    },
  };
}
