// What the editor's stage, frames and cards do to plans, without a page.
// Run by test_plan_edits_in_node.py; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const { onCopyKeys } = await import("../../web/editor/stage/copy_keys.js");
const keyframes = await import("../../web/editor/stage/keyframes.js");
const { boxesBeside } = await import("../../web/editor/stage/onion_skin.js");
const changes = await import("../../web/editor/plan/plan_changes.js");
const { drawable } = await import("../../web/editor/plan/plan_shape.js");
const pictures = await import("../../web/editor/stage/reference_pictures.js");
const { isOlder } = await import("../../web/editor/stage/rendered_frames.js");
const { readEdits } = await import("../../web/editor/plan/edit_text.js");
const { Session } = await import("../../web/editor/session.js");
const { FIRST_VIEW, stageActions } = await import("../../web/editor/stage/stage_actions.js");

const BALL = [0.1, 0.5, 0.3, 0.8];
const RIGHT = [0.7, 0.5, 0.9, 0.8];
const SKY = [0, 0, 1, 0.4];

function sceneOf(id, fields = {}) {
  const layout = [
    { frame: 0, boxes: { ball: BALL } },
    { frame: 8, boxes: { ball: RIGHT }, caption: "there" },
  ];
  const scene = { id, prompt: id, frames: 9, entities: ["ball"], layout, locked: false };
  const defaults = { camera: { direction: "static", speed: "medium" }, action: {} };
  return { ...scene, ...defaults, layout_strength: 0.3, ...fields };
}

function planOf(...scenes) {
  const entities = [
    { id: "ball", name: "a red ball", kind: "foreground", description: "" },
    { id: "sky", name: "the sky", kind: "background", description: "" },
    { id: "sea", name: "the sea", kind: "background", description: "" },
  ];
  return { version: 1, prompt: "", fps: 8, width: 128, height: 128, scenes, entities };
}

/** Actions on a session as the editor has them, and what was said. */
function open(plan, chosen, upload) {
  const session = new Session();
  session.take({ incoming_hash: "1".repeat(64), incoming: plan, edited: plan });
  const state = { sceneId: "a", entityId: "ball", frame: 0, view: FIRST_VIEW, copied: null };
  Object.assign(state, chosen);
  const said = [];
  const change = (how) => session.change(how);
  const act = stageActions({
    ...{ session, change, upload, chosen: state },
    t: (key, values) => `${key} ${Object.values(values ?? {})}`.trim(),
    inScene: (how) => change((one) => changes.changeScene(one, state.sceneId, how)),
    draw() {},
    say: (words) => said.push(words),
  });
  return { act, session, state, said, edits: () => readEdits(session.text).edits };
}

test("all boxes of a frame are copied to another, its caption stays", () => {
  const scene = sceneOf("a");
  const copied = keyframes.copyBoxes(scene, 0, 8);
  assert.deepEqual(copied.layout[1], { frame: 8, boxes: { ball: BALL }, caption: "there" });
  const between = keyframes.copyBoxes(scene, 4, 6);
  assert.deepEqual(
    between.layout.map(({ frame, boxes }) => [frame, boxes.ball]),
    [
      [0, BALL],
      [6, [0.4, 0.5, 0.6, 0.8]],
      [8, RIGHT],
    ],
  );
  assert.equal(keyframes.copyBoxes(scene, 4, 4), scene);
});

test("onion skin: the keyframes before and after, not the one that is shown", () => {
  const scene = keyframes.addKeyframe(sceneOf("a"), 4);
  const told = (frame) => boxesBeside(scene, frame).map((one) => `${one.side} ${one.frame}`);
  assert.deepEqual(told(4), ["before 0", "after 8"]);
  assert.deepEqual(told(0), ["after 4"]);
  assert.deepEqual(told(8), ["before 4"]);
  assert.deepEqual(boxesBeside(sceneOf("a", { layout: [] }), 3), []);
  assert.deepEqual(boxesBeside(sceneOf("a", { layout: [{ frame: 2 }] }), 3), []);
});

test("a box is pasted at another frame and in another scene, which its thing enters", () => {
  const { act, state, edits } = open(planOf(sceneOf("a"), sceneOf("b", { entities: [] })), {
    frame: 4,
  });
  act.pasteBox();
  assert.deepEqual(edits(), []); // nothing was copied yet
  act.copyBox();
  assert.deepEqual(state.copied, { id: "ball", box: [0.4, 0.5, 0.6, 0.8] });
  Object.assign(state, { sceneId: "b", frame: 0 });
  act.pasteBox();
  assert.deepEqual(edits(), [
    { at: ["scenes", "b", "entities", "ball"], to: "ball" },
    {
      at: ["scenes", "b", "layout", "0", "boxes", "ball"],
      ...{ was: BALL, to: [0.4, 0.5, 0.6, 0.8] },
    },
  ]);
});

test("what is not in the frame is not copied, what is gone from the plan not pasted", () => {
  const { act, state, edits } = open(planOf(sceneOf("a")), { entityId: "sky" });
  act.copyBox();
  assert.equal(state.copied, null);
  state.copied = { id: "cat", box: BALL };
  act.pasteBox();
  assert.deepEqual(edits(), []);
});

test("a pasted background becomes the scene's", () => {
  const plan = planOf(sceneOf("a", { background: "sea" }), sceneOf("b"));
  const pasted = changes.pasteBox(plan, "a", 0, { id: "sky", box: SKY });
  assert.equal(pasted.scenes[0].background, "sky");
  assert.deepEqual(pasted.scenes[0].entities, ["ball"]);
  assert.deepEqual(pasted.scenes[0].layout[0].boxes, { ball: BALL, sky: SKY });
  assert.deepEqual(pasted.scenes[1], plan.scenes[1]);
});

test("copying to a frame stays in the scene, and the lock turns", () => {
  const { act, state, edits } = open(planOf(sceneOf("a")));
  act.copyBoxesTo(99);
  assert.equal(state.frame, 8);
  act.toggleLock();
  const at = ["scenes", "a", "layout", "8", "boxes", "ball"];
  assert.deepEqual(edits(), [
    { at: ["scenes", "a", "locked"], was: false, to: true },
    { at, was: RIGHT, to: BALL },
  ]);
});

test("a first plan is one edit at the root, and can be drawn", () => {
  const session = new Session();
  session.load("");
  session.change(() => changes.newPlan("a cat"));
  const { base, edits } = readEdits(session.text);
  assert.equal(base, null);
  assert.deepEqual(
    edits.map(({ at }) => at),
    [[]],
  );
  const plan = edits[0].to;
  assert.deepEqual(drawable(plan), plan);
  assert.deepEqual([plan.fps, plan.width, plan.height, plan.scenes[0].frames], [8, 512, 512, 16]);
  session.undo();
  assert.equal(session.plan, null);
});

test("pictures of things: what is taken, what it is called, where it is seen", () => {
  const { refusal, pictureName, pictureView } = pictures;
  assert.equal(refusal({ type: "image/png", size: 20 * 2 ** 20 }), null);
  assert.equal(refusal({ type: "image/png", size: 20 * 2 ** 20 + 1 }), "pictureTooLarge");
  for (const type of ["image/svg+xml", "text/plain", ""]) {
    assert.equal(refusal({ type, size: 9 }), "notPicture");
  }
  const name = pictureName({ name: "a b&c.png", subfolder: "video_director", type: "input" });
  assert.equal(name, "video_director/a b&c.png");
  assert.equal(
    pictureView(name),
    "/view?filename=a+b%26c.png&subfolder=video_director&type=input",
  );
  assert.equal(pictureView("x.png"), "/view?filename=x.png&subfolder=&type=input");
  assert.equal(pictureView("a/x.png [output]"), "/view?filename=x.png&subfolder=a&type=output");
  const plan = planOf(sceneOf("a"));
  const shown = changes.setPicture(plan, "ball", name);
  assert.equal(shown.entities[0].reference_image, name);
  assert.deepEqual(changes.setPicture(shown, "ball", null), plan);
});

test("what is no picture is refused with words, and so is what the host refuses", async () => {
  const { act, said, edits } = open(planOf(sceneOf("a")), {}, () => {
    throw new Error("507 Insufficient Storage");
  });
  await act.addPicture("ball", { name: "a.txt", type: "text/plain", size: 1 });
  await act.addPicture("ball", { name: "big.png", type: "image/png", size: 2 ** 30 });
  assert.deepEqual(said, ["notPicture a.txt", "pictureTooLarge big.png"]);
  globalThis.createImageBitmap = async () => ({ close() {} });
  await act.addPicture("ball", { name: "a.png", type: "image/png", size: 1 });
  assert.equal(said.at(-1), "uploadFailed a.png,507 Insufficient Storage");
  globalThis.createImageBitmap = () => Promise.reject(new Error("no picture"));
  await act.addPicture("ball", { name: "b.png", type: "image/png", size: 1 });
  assert.equal(said.at(-1), "notPicture b.png");
  delete globalThis.createImageBitmap;
  assert.deepEqual(edits(), []);
});

test("keys copy and paste, but not in a text, and not where text is chosen", () => {
  let selected = "";
  globalThis.document = { getSelection: () => selected };
  const ran = [];
  const act = { copyBox: () => ran.push("copy"), pasteBox: () => ran.push("paste") };
  const press = (key, isText = false, more = {}) => {
    let isPrevented = false;
    const target = { matches: () => isText };
    const preventDefault = () => (isPrevented = true);
    onCopyKeys({ key, ctrlKey: true, target, preventDefault, ...more }, act);
    return isPrevented;
  };
  assert.ok(press("c") && press("V"));
  assert.ok(!press("c", true) && !press("v", true) && !press("x"));
  assert.ok(!press("c", false, { ctrlKey: false }) && !press("c", false, { shiftKey: true }));
  selected = "words";
  assert.ok(!press("c") && press("v"));
  delete globalThis.document;
  assert.deepEqual(ran, ["copy", "paste", "paste"]);
});

test("a picture is older where its maker says so, and only there", () => {
  const kept = { isCurrent: (id) => id === "a" };
  assert.deepEqual(
    [isOlder(kept, "a"), isOlder(kept, "b"), isOlder({}, "b"), isOlder(undefined, "b")],
    [false, true, false, false],
  );
});

test("texts that are asked for by a table are there", () => {
  const file = new URL("../../locales/en/main.json", import.meta.url);
  const { videoDirectorEditor } = JSON.parse(readFileSync(fileURLToPath(file), "utf8"));
  const keys = "showOnion showBoxes showPictures notPicture pictureTooLarge startHere runFirst";
  for (const key of keys.split(" ")) assert.ok(key in videoDirectorEditor, key);
});
