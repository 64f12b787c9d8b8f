/**
 * The editor of one node: its parts, what is chosen in them, and what they do to the plan.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { createBar } from "./bar.js";
import { createCards } from "./stage/cards.js";
import { entityColours } from "./colours.js";
import { onCopyKeys } from "./stage/copy_keys.js";
import { make } from "./dom.js";
import { createEmptyState } from "./empty_state.js";
import { createEntityFields } from "./fields/entity_fields.js";
import { createLiveLint } from "./notes/live_lint.js";
import { sorted } from "./notes/note_places.js";
import { createDirectorNotes, createNotices } from "./notes/notices.js";
import { takePictures } from "./stage/picture_drop.js";
import { Pictures } from "./pictures.js";
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
} from "./plan/plan_changes.js";
import { createPlanFields } from "./fields/plan_fields.js";
import { createSceneActions } from "./scenes/scene_actions.js";
import { createSceneFields } from "./fields/scene_fields.js";
import { changedScenes } from "./plan/scene_origin.js";
import { Session } from "./session.js";
import { createStage } from "./stage/stage.js";
import { FIRST_VIEW, stageActions } from "./stage/stage_actions.js";
import { createTimeline } from "./stage/timeline.js";

/**
 * @param {Object} host
 * @param {(key: string, values?: Object) => string} host.t the texts
 * @param {ReturnType<import("./server.js").createServer>} host.server the host's server
 * @param {(text: string) => void} host.write keeps a text of edits in the node
 * @param {() => void} host.queue runs the workflow
 * @param {() => boolean} host.isLinked whether the edits come through a link, not from here
 * @param {() => boolean} host.hasPlan whether a plan comes in, or would when the workflow runs
 * @param {(file: File) => Promise<string>} host.upload keeps a picture, gives its name in plans
 * @param {(route: string) => string} host.address of a route of the host
 * @param {ReturnType<import("./scenes/page_workflow.js").createWorkflow>} host.workflow the page's
 * @returns {{element: Element, session: Session, pictures: Pictures, draw: () => void}}
 */
export function createEditor(host) {
  const { t, server, write, queue, isLinked, hasPlan, upload, address, workflow } = host;
  const session = new Session();
  const pictures = new Pictures(server.frameUrl);
  const lint = createLiveLint(server, () => draw());
  const chosen = { sceneId: null, entityId: null, frame: 0, view: FIRST_VIEW, copied: null };
  let drawn = null;
  let said = null;
  const scene = () => session.plan.scenes.find(({ id }) => id === chosen.sceneId);

  function change(how, group) {
    said = null;
    session.change(how, group);
    keep();
  }

  function say(words) {
    said = words;
    draw();
  }

  function keep() {
    write(session.text);
    draw();
  }

  const inScene = (how, group) => change((plan) => changeScene(plan, chosen.sceneId, how), group);
  const ids = (list) => list.map(({ id }) => id);

  const act = {
    ...stageActions({ t, session, chosen, change, inScene, draw, say, upload }),
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
    /** Show what a note of the director's speaks of. */
    goToNote({ sceneId, entityId, frame }) {
      if (session.plan.scenes.some(({ id }) => id === sceneId)) act.selectScene(sceneId);
      if (entityId !== null) act.selectEntity(entityId);
      if (frame !== null && frame < scene().frames) act.goTo(frame);
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
      sceneFields.follow(drawn);
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

  const parts = { t, act, server, address, workflow };
  const bar = createBar(parts);
  const cards = createCards(parts);
  const sceneActions = createSceneActions(parts);
  const stage = createStage(parts);
  const timeline = createTimeline(parts);
  const sceneFields = createSceneFields(parts);
  const entityFields = createEntityFields(parts);
  const planFields = createPlanFields(parts);
  const directorNotes = createDirectorNotes(parts);
  const notices = createNotices(parts);

  const empty = createEmptyState(parts);
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
      section(make("summary", {}, t("video")), planFields.element, false),
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
    empty.element,
    cards.element,
    sceneActions.element,
    body,
  );
  element.addEventListener("keydown", onKey);
  element.addEventListener("keydown", (event) => body.hidden || onCopyKeys(event, act));
  takePictures(element, parts);

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
    for (const part of [cards.element, sceneActions.element, body]) part.hidden = plan === null;
    empty.draw(session, isLinked(), hasPlan());
    bar.draw(session, isLinked());
    notices.draw(session, said);
    const { notes, isOld } = lint.follow(session);
    if (plan === null) return;
    choose(plan);
    pictures.follow(plan);
    drawn = {
      ...chosen,
      plan,
      scene: scene(),
      incoming: session.incoming,
      colours: entityColours(plan),
      names: new Map(plan.entities.map(({ id, name }) => [id, name])),
      changed: changedScenes(plan, session.incoming),
      notes,
      noted: sorted(notes, chosen.sceneId),
      areNotesOld: isOld,
      pictures,
      isAsRun: session.isAsRun,
    };
    notesTitle.textContent = t("notes", { count: drawn.notes.length });
    for (const part of [
      ...[cards, sceneActions, stage, timeline],
      ...[sceneFields, entityFields, planFields, directorNotes],
    ]) {
      part.draw(drawn);
    }
  }

  draw();
  return { element, session, pictures, draw };
}
