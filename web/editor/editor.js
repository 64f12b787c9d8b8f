/**
 * The editor of one node: its parts, what is chosen in them, and what they do to the plan.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { same } from "../plan_edits.js";
import { createBar } from "./bar.js";
import { createCards } from "./cards.js";
import { entityColours } from "./colours.js";
import { make } from "./dom.js";
import { createEntityFields } from "./entity_fields.js";
import {
  addKeyframe,
  hasKeyframe,
  moveKeyframe,
  putBox,
  removeBox,
  removeKeyframe,
} from "./keyframes.js";
import { createDirectorNotes, createNotices } from "./notices.js";
import {
  addEntity,
  addScene,
  changeScene,
  duplicateScene,
  enter,
  freshId,
  moveScene,
  removeScene,
  setBackground,
} from "./plan_changes.js";
import { createSceneFields } from "./scene_fields.js";
import { Session } from "./session.js";
import { createStage } from "./stage.js";
import { createTimeline } from "./timeline.js";

/**
 * @param {Object} host
 * @param {(key: string, values?: Object) => string} host.t the texts
 * @param {(text: string) => void} host.write keeps a text of edits in the node
 * @param {() => void} host.queue runs the workflow
 * @param {() => boolean} host.isLinked whether the edits come through a link, not from here
 * @returns {{element: Element, session: Session, draw: () => void}} `draw` after `session` changed
 */
export function createEditor({ t, write, queue, isLinked }) {
  const session = new Session();
  const chosen = { sceneId: null, entityId: null, frame: 0 };
  let drawn = null;
  const scene = () => session.plan.scenes.find(({ id }) => id === chosen.sceneId);

  function change(how, group) {
    session.change(how, group);
    keep();
  }

  function keep() {
    write(session.text);
    draw();
  }

  const inScene = (how, group) => change((plan) => changeScene(plan, chosen.sceneId, how), group);
  const ids = (list) => list.map(({ id }) => id);

  const act = {
    change,
    changeScene: inScene,
    selectScene(id) {
      if (id !== chosen.sceneId) {
        timeline.stop();
        Object.assign(chosen, { sceneId: id, frame: 0 });
      }
      draw();
      cards.reveal();
    },
    selectSceneNumber(number) {
      // The notes count the scenes of the last run, which may stand elsewhere now.
      const id = session.shown?.edited?.scenes[number]?.id;
      if (session.plan.scenes.some((one) => one.id === id)) act.selectScene(id);
    },
    stepScene(by) {
      const { scenes } = session.plan;
      const next = scenes[scenes.indexOf(scene()) + by];
      if (next) act.selectScene(next.id);
    },
    shiftScene(by) {
      const { scenes } = session.plan;
      const to = scenes.indexOf(scene()) + by;
      if (to >= 0 && to < scenes.length) act.moveScene(chosen.sceneId, to);
    },
    moveScene(id, to) {
      chosen.sceneId = id;
      change((plan) => moveScene(plan, id, to));
      cards.reveal();
    },
    addScene() {
      const id = freshId("", "scene", ids(session.plan.scenes));
      change((plan) => addScene(plan, chosen.sceneId, id, plan.prompt || t("newScene")));
      act.selectScene(id);
    },
    duplicateScene() {
      const id = freshId(chosen.sceneId, "scene", ids(session.plan.scenes));
      change((plan) => duplicateScene(plan, chosen.sceneId, id));
      act.selectScene(id);
    },
    removeScene() {
      const { scenes } = session.plan;
      const at = scenes.indexOf(scene());
      const next = scenes[at + 1] ?? scenes[at - 1];
      const gone = chosen.sceneId;
      if (!next) return;
      Object.assign(chosen, { sceneId: next.id, frame: 0 });
      change((plan) => removeScene(plan, gone));
    },
    selectEntity(id) {
      if (chosen.entityId === id) return;
      chosen.entityId = id;
      draw();
    },
    addEntity(kind, name) {
      const id = freshId(
        name,
        kind === "background" ? "place" : "thing",
        ids(session.plan.entities),
      );
      chosen.entityId = id;
      const here = (one) => (kind === "background" ? setBackground(one, id) : enter(one, id));
      change((plan) => changeScene(addEntity(plan, id, name, kind), chosen.sceneId, here));
    },
    goTo(frame) {
      chosen.frame = frame;
      drawn = { ...drawn, frame };
      stage.draw(drawn);
      timeline.draw(drawn);
    },
    putBox(entity, box, group) {
      chosen.entityId = entity;
      inScene((one) => putBox(one, chosen.frame, entity, box), group);
    },
    removeBox: (entity) => inScene((one) => removeBox(one, chosen.frame, entity)),
    toggleKeyframe() {
      const turn = hasKeyframe(scene(), chosen.frame) ? removeKeyframe : addKeyframe;
      inScene((one) => turn(one, chosen.frame));
    },
    removeKeyframe: (frame) => inScene((one) => removeKeyframe(one, frame)),
    moveKeyframe(from, to) {
      if (to < 0 || to >= scene().frames || hasKeyframe(scene(), to)) {
        draw();
        return;
      }
      chosen.frame = to;
      inScene((one) => moveKeyframe(one, from, to));
    },
    dropMisfits() {
      session.dropMisfits();
      keep();
    },
    undo() {
      session.undo();
      keep();
    },
    redo() {
      session.redo();
      keep();
    },
    approve() {
      session.approve();
      keep();
      queue();
    },
    write(text) {
      session.write(text);
      keep();
    },
  };

  const parts = { t, act };
  const bar = createBar(parts);
  const cards = createCards(parts);
  const stage = createStage(parts);
  const timeline = createTimeline(parts);
  const sceneFields = createSceneFields(parts);
  const entityFields = createEntityFields(parts);
  const directorNotes = createDirectorNotes(parts);
  const notices = createNotices(parts);

  const empty = make("p", { class: "empty" });
  const notesTitle = make("summary");
  const section = (title, content, open) => make("details", { open }, title, content);
  const body = make(
    "div",
    { class: "body" },
    make("div", { class: "scene" }, stage.element, timeline.element),
    make(
      "div",
      { class: "side" },
      section(make("summary", {}, t("scene")), sceneFields.element, true),
      section(make("summary", {}, t("things")), entityFields.element, true),
      section(notesTitle, directorNotes.element, false),
    ),
  );
  const element = make(
    "div",
    {
      class: "editor",
      role: "group",
      tabIndex: -1,
      "aria-label": t("editor"),
    },
    bar.element,
    notices.element,
    bar.json,
    empty,
    cards.element,
    body,
  );
  element.addEventListener("keydown", onKey);

  /** Ctrl+Z and Ctrl+Y; a text that is being written goes back by itself. */
  function onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.target.dataset.touched || event.target === bar.json) return;
    const key = event.key.toLowerCase();
    const isRedo = key === "y" || (key === "z" && event.shiftKey);
    if (!isRedo && key !== "z") return;
    event.preventDefault();
    if (isRedo) act.redo();
    else act.undo();
  }

  function choose(plan) {
    if (!scene()) Object.assign(chosen, { sceneId: plan.scenes[0].id, frame: 0 });
    chosen.frame = Math.min(chosen.frame, scene().frames - 1);
    const here = [...scene().entities, scene().background];
    if (!here.includes(chosen.entityId)) chosen.entityId = scene().entities[0] ?? null;
  }

  function draw() {
    const root = element.getRootNode();
    const isInUse = root.activeElement != null && element.contains(root.activeElement);
    drawAll();
    // What had the focus may be gone or disabled now; the next Ctrl+Z shall still be the editor's.
    const { activeElement } = root;
    if (isInUse && (activeElement === null || activeElement.disabled)) {
      element.focus({ preventScroll: true });
    }
  }

  function drawAll() {
    const plan = isLinked() ? null : session.plan;
    for (const part of [cards.element, body]) part.hidden = plan === null;
    empty.hidden = plan !== null || session.problem !== null || session.isBroken;
    const why = session.shown?.too_large ? "planTooLarge" : "runFirst";
    empty.textContent = t(isLinked() ? "linked" : why);
    bar.draw(session, isLinked());
    notices.draw(session);
    if (plan === null) return;
    choose(plan);
    const before = new Map((session.incoming?.scenes ?? []).map((one) => [one.id, one]));
    const changed = plan.scenes.filter((one) => !same(one, before.get(one.id)));
    drawn = {
      ...chosen,
      plan,
      scene: scene(),
      colours: entityColours(plan),
      names: new Map(plan.entities.map(({ id, name }) => [id, name])),
      changed: new Set(session.incoming ? ids(changed) : []),
      notes: session.shown?.notes ?? [],
      isAsRun: session.isAsRun,
    };
    notesTitle.textContent = t("notes", { count: drawn.notes.length });
    for (const part of [cards, stage, timeline, sceneFields, entityFields, directorNotes]) {
      part.draw(drawn);
    }
  }

  draw();
  return { element, session, draw };
}
