// What the editor of Edit Plan does to plans and edits, without a page.
// Run by test_plan_edits_in_node.py; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const globalsBefore = Object.getOwnPropertyNames(globalThis);
const editor = new URL("../../web/editor/", import.meta.url);
const modules = readdirSync(editor, { recursive: true }).filter((name) => name.endsWith(".js"));
await Promise.all(modules.map((name) => import(new URL(name, editor))));
const globalsAfter = Object.getOwnPropertyNames(globalThis);

const { drawnBox, movedBox, resizedBox } = await import("../../web/editor/stage/box_moves.js");
const { entityColours } = await import("../../web/editor/colours.js");
const { readEdits, writeEdits } = await import("../../web/editor/plan/edit_text.js");
const keyframes = await import("../../web/editor/stage/keyframes.js");
const changes = await import("../../web/editor/plan/plan_changes.js");
const { Session } = await import("../../web/editor/session.js");
const { makeTexts } = await import("../../web/editor/texts.js");

const BALL = [0.1, 0.5, 0.3, 0.8];
const RIGHT = [0.7, 0.5, 0.9, 0.8];

function sceneOf(id, fields = {}) {
  return {
    id,
    prompt: `scene ${id}`,
    frames: 9,
    entities: ["ball"],
    layout: [{ frame: 0, boxes: { ball: BALL } }],
    camera: { direction: "static", speed: "medium" },
    action: {},
    layout_strength: 0.3,
    locked: false,
    ...fields,
  };
}

function planOf(...scenes) {
  return {
    version: 1,
    prompt: "a ball",
    fps: 8,
    width: 128,
    height: 128,
    scenes,
    entities: [
      { id: "ball", name: "a red ball", kind: "foreground", description: "" },
      { id: "meadow", name: "a meadow", kind: "background", description: "" },
    ],
  };
}

function openSession(incoming = planOf(sceneOf("a"), sceneOf("b"))) {
  const session = new Session();
  const edited = incoming;
  session.take({
    incoming_hash: "1".repeat(64),
    edited_hash: "2".repeat(64),
    waiting: false,
    incoming,
    edited,
  });
  return session;
}

const toRight = (plan) =>
  changes.changeScene(plan, "a", (scene) => keyframes.putBox(scene, 0, "ball", RIGHT));

test("importing the modules needs no page and leaves nothing behind", () => {
  assert.ok(modules.length > 10);
  assert.deepEqual(globalsAfter, globalsBefore);
});

test("a change is one edit on the plan that came in", () => {
  const session = openSession();
  assert.ok(session.change(toRight));
  const at = ["scenes", "a", "layout", "0", "boxes", "ball"];
  assert.deepEqual(readEdits(session.text), {
    base: "1".repeat(64),
    edits: [{ at, was: BALL, to: RIGHT }],
    approved: null,
  });
  assert.deepEqual(session.plan.scenes[0].layout[0].boxes.ball, RIGHT);
  assert.ok(!session.change(toRight));
});

test("undo and redo go through the texts, and a change back leaves an empty one", () => {
  const session = openSession();
  session.change(toRight);
  const { text } = session;
  session.undo();
  assert.equal(session.text, "");
  assert.ok(session.isAsRun && session.canRedo && !session.canUndo);
  session.redo();
  assert.equal(session.text, text);
  session.change(() => session.incoming);
  assert.equal(session.text, "");
  session.undo();
  assert.equal(session.text, text);
});

test("changes of one group are one step back", () => {
  const session = openSession();
  for (const x of [0.2, 0.3, 0.4]) {
    const put = (scene) => keyframes.putBox(scene, 0, "ball", [x, 0.5, x + 0.2, 0.8]);
    session.change((plan) => changes.changeScene(plan, "a", put), "keys");
  }
  session.undo();
  assert.equal(session.text, "");
});

test("edits that do not fit are kept through changes until they are dropped", () => {
  const session = openSession();
  const lost = { at: ["scenes", "gone", "prompt"], was: "x", to: "y" };
  session.load(writeEdits({ base: "3".repeat(64), edits: [lost], approved: null }));
  assert.deepEqual(session.misfits, [{ edit: lost, kind: "gone" }]);
  session.change(toRight);
  assert.deepEqual(readEdits(session.text).edits.at(-1), lost);
  session.dropMisfits();
  assert.equal(session.misfits.length, 0);
  assert.equal(readEdits(session.text).edits.length, 1);
});

test("edits of another plan are left out where the node discards them", () => {
  const session = openSession();
  session.change(toRight);
  session.load(session.text.replace("1".repeat(64), "3".repeat(64)));
  assert.deepEqual(session.plan.scenes[0].layout[0].boxes.ball, RIGHT);
  session.onNewPlan("discard");
  assert.equal(session.discarded, 1);
  assert.ok(session.isAsRun);
});

test("approval names the plan that waits, and ends with the next change", () => {
  const session = openSession();
  session.take({ ...session.shown, waiting: true });
  assert.ok(session.canApprove);
  session.approve();
  assert.equal(readEdits(session.text).approved, "2".repeat(64));
  session.change(toRight);
  assert.equal(readEdits(session.text).approved, null);
  assert.ok(!session.canApprove);
});

test("what is written by hand is followed, what is no plan is said", () => {
  const session = openSession();
  session.write('{"version": 1, "edits": [{"at": ["fps"], "was": 8, "to": 12}]}');
  assert.equal(session.plan.fps, 12);
  session.write("{");
  assert.ok(session.problem !== null && session.plan === null);
  session.write('{"version": 1, "edits": [{"at": ["colour"], "to": 12}]}');
  assert.match(session.problem, /colour/);
  session.write('{"version": 1, "edits": [{"at": ["scenes", "a", "layout"], "to": 5}]}');
  assert.equal(session.misfits.length, 1);
  const was = JSON.stringify(session.incoming.scenes[0].layout);
  const at = '["scenes","a","layout"]';
  session.write(`{"version": 1, "edits": [{"at": ${at}, "was": ${was}, "to": 5}]}`);
  assert.ok(session.isBroken && session.plan === null);
  for (let step = 0; step < 5; step++) session.undo();
  assert.ok(session.isAsRun);
});

test("a whole plan in the edits is shown before any run", () => {
  const session = new Session();
  session.load("");
  assert.equal(session.plan, null);
  const { layout: _, ...short } = sceneOf("a");
  session.load(writeEdits({ base: null, edits: [{ at: [], to: planOf(short) }], approved: null }));
  assert.deepEqual(session.plan.scenes[0].layout, []);
  session.change((plan) => changes.addScene(plan, "a", "b", "more"));
  assert.equal(readEdits(session.text).edits.length, 1);
});

test("large seeds go through unrounded", () => {
  const session = openSession(planOf(sceneOf("a", { seed: 2n ** 64n - 1n })));
  session.change((plan) => changes.duplicateScene(plan, "a", "b"));
  assert.match(session.text, /"seed":18446744073709551615/);
});

test("a change that the node would refuse for its size is refused here", () => {
  const session = openSession();
  assert.ok(!session.change((plan) => ({ ...plan, prompt: "x".repeat(2 ** 20) })));
  assert.ok(session.isTooLarge);
  assert.equal(session.text, "");
});

test("a box put between keyframes makes one, where all else is already", () => {
  const layout = [
    { frame: 0, boxes: { ball: BALL, cat: [0, 0, 0.2, 0.2] } },
    { frame: 8, boxes: { ball: RIGHT, cat: [0.8, 0, 1, 0.2] } },
  ];
  const scene = keyframes.putBox(sceneOf("a", { layout }), 4, "ball", BALL);
  assert.deepEqual(scene.layout[1], { frame: 4, boxes: { ball: BALL, cat: [0.4, 0, 0.6, 0.2] } });
  assert.deepEqual(layout.length, 2);
  assert.deepEqual(keyframes.removeBox(scene, 4, "cat").layout[1].boxes, { ball: BALL });
});

test("keyframes move within the scene, not onto each other, and go", () => {
  const scene = keyframes.addKeyframe(sceneOf("a"), 4);
  assert.deepEqual(
    keyframes.moveKeyframe(scene, 4, 99).layout.map((k) => k.frame),
    [0, 8],
  );
  assert.equal(keyframes.moveKeyframe(scene, 4, 0), scene);
  assert.equal(keyframes.addKeyframe(scene, 4), scene);
  assert.deepEqual(
    keyframes.removeKeyframe(scene, 0).layout.map((k) => k.frame),
    [4],
  );
});

test("fewer frames keep what is seen at the new end", () => {
  const layout = [
    { frame: 0, boxes: { ball: [0, 0, 0.2, 0.2] } },
    { frame: 8, boxes: { ball: [0.8, 0, 1, 0.2] } },
  ];
  const camera = {
    direction: "static",
    speed: "medium",
    path: [{ frame: 0 }, { frame: 8, zoom: 2 }],
  };
  const frame_prompts = Array.from({ length: 9 }, (_, frame) => `p${frame}`);
  const scene = keyframes.setFrames(sceneOf("a", { layout, camera, frame_prompts }), 5);
  assert.deepEqual(scene.layout.at(-1), { frame: 4, boxes: { ball: [0.4, 0, 0.6, 0.2] } });
  const end = { frame: 4, pan_x: 0, pan_y: 0, zoom: 1.4142, roll: 0 };
  assert.deepEqual(scene.camera.path, [{ frame: 0 }, end]);
  assert.equal(scene.frame_prompts.length, 5);
  assert.deepEqual(keyframes.setFrames(scene, 7).frame_prompts.slice(4), ["p4", "p4", "p4"]);
});

test("boxes move, grow and are drawn on the grid and in the picture", () => {
  assert.deepEqual(movedBox(BALL, 0.52, 0, false), [0.6, 0.5, 0.8, 0.8]);
  assert.deepEqual(movedBox(BALL, 5, -5, false), [0.8, 0, 1, 0.3]);
  assert.deepEqual(movedBox(BALL, 0.013, 0, true), [0.113, 0.5, 0.313, 0.8]);
  assert.deepEqual(resizedBox(BALL, { x: 1, y: 0 }, 0.31, 0.2, false), [0.1, 0.5, 0.6, 0.8]);
  assert.deepEqual(resizedBox(BALL, { x: -1, y: 0 }, 0.9, 0, false), [0.25, 0.5, 0.3, 0.8]);
  assert.deepEqual(resizedBox(BALL, { x: 0, y: 1 }, 0, -9, false), [0.1, 0.5, 0.3, 0.55]);
  assert.deepEqual(drawnBox([0.52, 0.9], [0.11, 0.41], false), [0.1, 0.4, 0.5, 0.9]);
  assert.deepEqual(drawnBox([-1, 0.5], [2, 0.5], true), [0, 0.5, 1, 0.51]);
});

test("scenes are moved, added, duplicated and deleted, the last one is not", () => {
  const plan = planOf(sceneOf("a", { locked: true }), sceneOf("b"));
  const names = ({ scenes }) => scenes.map(({ id }) => id).join(" ");
  assert.equal(names(changes.moveScene(plan, "a", 1)), "b a");
  assert.equal(names(changes.addScene(plan, "a", "c", "new")), "a c b");
  const twice = changes.duplicateScene(plan, "a", "c");
  assert.equal(names(twice), "a c b");
  assert.equal(twice.scenes[1].locked, false);
  const one = changes.removeScene(plan, "a");
  assert.equal(names(one), "b");
  assert.equal(changes.removeScene(one, "b"), one);
});

test("a thing that leaves takes its boxes along, here or everywhere", () => {
  const plan = planOf(sceneOf("a", { background: "meadow" }), sceneOf("b"));
  const away = changes.leave(plan.scenes[0], "ball");
  assert.deepEqual([away.entities, away.layout[0].boxes], [[], {}]);
  assert.equal(away.background, "meadow");
  assert.equal("background" in changes.setBackground(away, null), false);
  const without = changes.removeEntity(plan, "ball");
  assert.ok(without.scenes.every(({ entities }) => entities.length === 0));
  assert.deepEqual(
    without.entities.map(({ id }) => id),
    ["meadow"],
  );
  assert.equal(changes.changeEntity(plan, "ball", { name: "a sun" }).entities[0].id, "ball");
});

test("ids are made of names as plans want them, and are never taken", () => {
  assert.equal(changes.freshId("A Red—Ball!", "thing", []), "a_red_ball");
  assert.equal(changes.freshId("Éclair", "thing", ["eclair"]), "eclair_2");
  assert.equal(changes.freshId("狗", "thing", ["thing", "thing_2"]), "thing_3");
  assert.ok(changes.freshId("x".repeat(200), "thing", []).length <= 64);
});

test("a colour that a name says is the thing's, all others differ", () => {
  const names = ["a dog", "a red ball", "a red box", "a blue car", ...Array(8).fill("a cat")];
  const entities = names.map((name, id) => ({ id: String(id), name, kind: "foreground" }));
  const colours = entityColours({ entities });
  assert.equal(colours.get("1"), "rgb(190 30 50)");
  assert.equal(new Set(colours.values()).size, names.length);
});

test("texts: both languages have the same keys and values, and all that are asked for", () => {
  const locale = (name) => {
    const file = new URL(`../../locales/${name}/main.json`, import.meta.url);
    return JSON.parse(readFileSync(fileURLToPath(file), "utf8"));
  };
  const locales = { en: locale("en"), zh: locale("zh") };
  const [english, chinese] = Object.values(locales).map((texts) => texts.videoDirectorEditor);
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
  const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(english))
    assert.deepEqual(places(chinese[key]), places(english[key]));
  for (const name of modules) {
    const source = readFileSync(new URL(name, editor), "utf8");
    for (const [, key] of source.matchAll(/\bt\("(\w+)"/g))
      assert.ok(key in english, `${name}: ${key}`);
  }
  const t = makeTexts(locales, "zh-TW");
  assert.equal(t("notes", { count: 3 }), "导演的提示：3");
  assert.equal(makeTexts({}, "en")("undo"), "undo");
});
