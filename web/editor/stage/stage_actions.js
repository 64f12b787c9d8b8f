/**
 * What is done on the picture and along the frames: boxes, keyframes, copying, what is seen; also
 * pictures of things, and the first plan.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { boxesAt } from "../../plan_layout.js";
import { tidy } from "./box_moves.js";
import {
  addKeyframe,
  copyBoxes,
  hasKeyframe,
  moveKeyframe,
  putBox,
  removeBox,
  removeKeyframe,
} from "./keyframes.js";
import { newPlan, pasteBox, setPicture } from "../plan/plan_changes.js";
import { refusal } from "./reference_pictures.js";

/** What is seen beside the boxes of the frame, until somebody asks for something else. */
export const FIRST_VIEW = { onion: false, boxes: true, pictures: true };

/**
 * @param {Object} editor
 * @param {(key: string, values?: Object) => string} editor.t
 * @param {import("../session.js").Session} editor.session
 * @param {Object} editor.chosen what is chosen; `view` and `copied` are these actions' own
 * @param {(how: (plan: Object) => Object) => void} editor.change changes the plan
 * @param {(how: (scene: Object) => Object, group?: string) => void} editor.inScene changes the
 *   chosen scene
 * @param {() => void} editor.draw
 * @param {(words: string|null) => void} editor.say tells the user
 * @param {(file: File) => Promise<string>} editor.upload keeps a picture, gives its name in plans
 */
export function stageActions({ t, session, chosen, change, inScene, draw, say, upload }) {
  const scene = () => session.plan.scenes.find(({ id }) => id === chosen.sceneId);

  return {
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
    toggleView(name) {
      chosen.view = { ...chosen.view, [name]: !chosen.view[name] };
      draw();
    },
    copyBox() {
      const box = boxesAt(scene(), chosen.frame)[chosen.entityId];
      if (box) chosen.copied = { id: chosen.entityId, box: box.map(tidy) };
      draw();
    },
    pasteBox() {
      if (chosen.copied === null) return;
      chosen.entityId = chosen.copied.id;
      change((plan) => pasteBox(plan, chosen.sceneId, chosen.frame, chosen.copied));
    },
    copyBoxesTo(frame) {
      const from = chosen.frame;
      chosen.frame = Math.min(Math.max(frame, 0), scene().frames - 1);
      inScene((one) => copyBoxes(one, from, chosen.frame));
    },
    toggleLock: () => inScene((one) => ({ ...one, locked: !one.locked })),
    async addPicture(id, file) {
      const reason = refusal(file) ?? ((await isReadable(file)) ? null : "notPicture");
      if (reason !== null) {
        say(t(reason, { name: file.name }));
        return;
      }
      say(t("uploading", { name: file.name }));
      try {
        const picture = await upload(file);
        say(null);
        if (session.plan !== null) change((plan) => setPicture(plan, id, picture));
      } catch (error) {
        say(t("uploadFailed", { name: file.name, problem: error.message }));
      }
    },
    removePicture: (id) => change((plan) => setPicture(plan, id, null)),
    startPlan: () => change(() => newPlan(t("newPlanPrompt"))),
    say,
  };
}

/** Whether the browser can read a picture; a file's name may say anything. */
async function isReadable(file) {
  try {
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}
