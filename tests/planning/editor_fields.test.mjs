// What the fields of Edit Plan's editor do to plans, without a page.
// Run by test_plan_edits_in_node.py; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { matchingLabels } = await import("../../web/editor/fields/action_search.js");
const { directionBeside, PLACES } = await import("../../web/editor/fields/camera_pad.js");
const camera = await import("../../web/editor/fields/camera_path.js");
const { setFrames } = await import("../../web/editor/stage/keyframes.js");
const { readNumber } = await import("../../web/editor/fields/numbers.js");
const { LIMITS } = await import("../../web/editor/fields/plan_fields.js");
const { drawable } = await import("../../web/editor/plan/plan_shape.js");
const changes = await import("../../web/editor/plan/scene_changes.js");
const { asItWas, changedParts, incomingScene, PARTS, part } = await import(
  "../../web/editor/plan/scene_origin.js"
);

const read = (name) => readFileSync(new URL(`../../planning/${name}`, import.meta.url), "utf8");
const LABELS = read("kinetics_400.txt").trim().split("\n");
const SCHEMA = JSON.parse(read("video_plan.schema.json"));
// How fast and where to the camera goes, as Python has it.
const PYTHON = process.env.CAMERA_MOVES && JSON.parse(process.env.CAMERA_MOVES);

function sceneOf(fields = {}) {
  return {
    ...{ id: "a", prompt: "a ball", frames: 9, entities: ["ball"], background: "meadow" },
    layout: [{ frame: 0, boxes: { ball: [0.1, 0.5, 0.3, 0.8] } }],
    camera: { direction: "static", speed: "medium" },
    ...{ action: {}, layout_strength: 0.3, locked: false, ...fields },
  };
}

function planOf(...scenes) {
  const entities = [
    { id: "ball", name: "a red ball", kind: "foreground", description: "" },
    { id: "meadow", name: "a meadow", kind: "background", description: "" },
  ];
  return { version: 1, prompt: "x", fps: 8, width: 128, height: 128, entities, scenes };
}

const pose = (frame, fields = {}) => ({ frame, pan_x: 0, pan_y: 0, zoom: 1, roll: 0, ...fields });
const framesOf = (scene) => scene.camera.path.map(({ frame }) => frame);

test("limits and choices are those of the schema", () => {
  const { Camera, CameraPose, Scene } = SCHEMA.$defs;
  assert.deepEqual(Object.keys(PLACES).sort(), Camera.properties.direction.enum.toSorted());
  assert.deepEqual(Object.keys(camera.MOVES).sort(), Object.keys(PLACES).sort());
  assert.deepEqual(Object.keys(camera.SPEEDS), Camera.properties.speed.enum);
  for (const [name, axis] of Object.entries(camera.AXES)) {
    const told = CameraPose.properties[name];
    assert.deepEqual([axis.rest, axis.most], [told.default, told.maximum], name);
    assert.ok(axis.least >= (told.minimum ?? 0.001), name);
  }
  for (const [name, { least, most, grid }] of Object.entries(LIMITS)) {
    const told = SCHEMA.properties[name];
    assert.deepEqual([least, most, grid], [told.minimum, told.maximum, told.multipleOf ?? 1]);
  }
  const known = Object.keys(Scene.properties).filter((name) => name !== "id");
  assert.deepEqual(PARTS.filter((name) => name !== "path").sort(), known.sort());
});

test("directions and speeds are Python's", { skip: !PYTHON }, () => {
  assert.deepEqual(camera.MOVES, PYTHON.moves);
  assert.deepEqual(camera.SPEEDS, PYTHON.speeds);
});

test("arrows go over the pad, and reach every direction from every other", () => {
  const arrows = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
  for (const [name, arrow] of Object.entries(arrows)) {
    assert.equal(directionBeside("static", arrow), name);
  }
  assert.equal(directionBeside("left", arrows.left), "left");
  assert.equal(directionBeside("up", arrows.right), "zoom_in");
  assert.equal(directionBeside("zoom_in", arrows.down), "zoom_out");
  assert.equal(directionBeside("zoom_out", arrows.left), "down");
  for (const from of Object.keys(PLACES)) {
    const reached = new Set([from]);
    for (const name of reached) {
      for (const arrow of Object.values(arrows)) reached.add(directionBeside(name, arrow));
    }
    assert.equal(reached.size, 7, from);
  }
});

test("numbers are read within their limits, or not at all", () => {
  const size = { least: 64, most: 8192, grid: 8 };
  const cases = { 500: 504, 512: 512, 1: 64, "-8": 64, 99999: 8192, "1e3": 1000, 515.9: 512 };
  for (const [text, number] of Object.entries(cases)) assert.equal(readNumber(text, size), number);
  for (const text of ["", " ", "x", "1e999", "NaN", "1,5", "Infinity"]) {
    assert.equal(readNumber(text, size), null, text);
  }
  const free = { least: -8, most: 8 };
  assert.equal(readNumber("0.123456789", free), 0.123456789);
  assert.ok(Object.is(readNumber("-0", free), 0));
});

test("a camera's fields are set and left out", () => {
  const scene = changes.turnCamera(sceneOf(), { direction: "left", strength: 2 });
  assert.deepEqual(scene.camera, { direction: "left", speed: "medium", strength: 2 });
  const plain = changes.turnCamera(scene, { strength: undefined });
  assert.deepEqual(plain.camera, { direction: "left", speed: "medium" });
});

test("the first pose turns a direction into a path that goes the same way", () => {
  const start = changes.turnCamera(sceneOf(), { direction: "right", speed: "fast", strength: 2 });
  const scene = camera.addPose(start, 4);
  const path = [pose(0), pose(4, { pan_x: 0.32 }), pose(8, { pan_x: 0.64 })];
  assert.deepEqual(scene.camera, { direction: "static", speed: "fast", strength: 2, path });
  assert.deepEqual(framesOf(camera.addPose(start, 0)), [0, 8]);
  assert.deepEqual(framesOf(camera.addPose(sceneOf({ frames: 1 }), 0)), [0]);
  const zoom = changes.turnCamera(sceneOf(), { direction: "zoom_in", speed: "slow" });
  const [, middle, end] = camera.addPose(zoom, 4).camera.path;
  assert.deepEqual([middle.zoom, end.zoom], [1.0406, 1.0829]); // 1.01 ** 4, ** 8
});

test("the way of a direction never leaves what a path can hold", () => {
  for (const direction of Object.keys(PLACES)) {
    const fields = { direction, speed: "fast", strength: 10 };
    const scene = camera.addPose(changes.turnCamera(sceneOf({ frames: 1024 }), fields), 500);
    for (const { frame: _, ...axes } of scene.camera.path) {
      for (const [name, value] of Object.entries(axes)) {
        const { least, most } = camera.AXES[name];
        assert.ok(value >= least && value <= most, `${direction} ${name} ${value}`);
      }
    }
  }
});

test("poses are set, moved onto free frames only, and deleted with the path at last", () => {
  const path = [pose(2), pose(6, { zoom: 4 })];
  const scene = sceneOf({ camera: { direction: "static", speed: "slow", path } });
  assert.deepEqual(camera.poseAt(path, 0), pose(0));
  assert.deepEqual(camera.poseAt(path, 4), pose(4, { zoom: 2 }));
  assert.deepEqual(camera.poseAt(path, 8), pose(8, { zoom: 4 }));
  assert.deepEqual(camera.addPose(scene, 4).camera.path[1], pose(4, { zoom: 2 }));
  assert.equal(camera.addPose(scene, 6), scene);
  assert.equal(camera.setPose(scene, 6, "roll", -30).camera.path[1].roll, -30);
  assert.deepEqual(framesOf(camera.movePose(scene, 2, 8)), [6, 8]);
  assert.equal(camera.movePose(scene, 2, 6), scene);
  const one = camera.removePose(scene, 2);
  assert.deepEqual(framesOf(one), [6]);
  assert.deepEqual(camera.removePose(one, 6).camera, { direction: "static", speed: "slow" });
  assert.deepEqual(camera.removePath(scene), camera.removePose(one, 6));
});

test("another number of frames fits frame prompts and the path", () => {
  const prompts = changes.startFramePrompts(sceneOf());
  assert.deepEqual(prompts.frame_prompts, Array(9).fill("a ball"));
  const told = changes.setFramePrompt(prompts, 4, "it rests");
  const fewer = setFrames(told, 5);
  assert.deepEqual(fewer.frame_prompts, [...Array(4).fill("a ball"), "it rests"]);
  assert.deepEqual(setFrames(fewer, 7).frame_prompts.slice(4), Array(3).fill("it rests"));
  assert.equal("frame_prompts" in changes.removeFramePrompts(told), false);
  const path = [pose(0), pose(8, { pan_x: 1 })];
  const moved = sceneOf({ camera: { direction: "static", speed: "slow", path } });
  assert.deepEqual(setFrames(moved, 5).camera.path, [pose(0), pose(4, { pan_x: 0.5 })]);
  assert.equal(setFrames(moved, 20).camera.path, path);
  assert.deepEqual(setFrames(sceneOf({ camera: { path: [pose(7)] } }), 3).camera.path, [pose(2)]);
});

test("captions belong to their keyframe", () => {
  const scene = changes.setCaption(sceneOf(), 0, "it starts");
  assert.equal(scene.layout[0].caption, "it starts");
  assert.equal("caption" in changes.setCaption(scene, 0, " ").layout[0], false);
  assert.deepEqual(changes.setCaption(scene, 3, "nobody").layout, scene.layout);
});

test("actions are weighed and taken away", () => {
  const scene = changes.setAction(changes.setAction(sceneOf(), "abseiling", 1), "bowling", 0.5);
  assert.deepEqual(scene.action, { abseiling: 1, bowling: 0.5 });
  assert.deepEqual(changes.removeAction(scene, "abseiling").action, { bowling: 0.5 });
});

test("the search finds labels by every word, beginnings first, without chosen ones", () => {
  const find = (typed, taken = {}) => matchingLabels(LABELS, typed, taken);
  assert.equal(find("").length, 400);
  const balls = ["baseball", "softball"].map((ball) => `catching or throwing ${ball}`);
  assert.deepEqual(find("ball catch"), balls);
  assert.deepEqual(find("SKIING not"), ["skiing (not slalom or crosscountry)"]);
  const rides = find("rid");
  assert.equal(rides[0], "riding a bike");
  assert.ok(rides.every((label) => label.includes("rid")));
  assert.ok(!find("rid", { "riding a bike": 1 }).includes("riding a bike"));
  assert.deepEqual(find("no such thing"), []);
});

test("parts that differ from the plan that came in are told", () => {
  const incoming = sceneOf({ camera: { direction: "left", speed: "slow" } });
  assert.deepEqual(changedParts(incoming, structuredClone(incoming)), new Set());
  assert.deepEqual(changedParts(incoming, undefined), new Set());
  const edits = [
    [camera.addPose(incoming, 3), ["camera", "path"]],
    [changes.turnCamera(incoming, { strength: 2 }), ["camera"]],
    [changes.startFramePrompts(incoming), ["frame_prompts"]],
    [changes.setAction(incoming, "abseiling", 1), ["action"]],
    [changes.setCaption(incoming, 0, "x"), ["layout"]],
    [setFrames(incoming, 12), ["frames"]],
    [{ ...incoming, seed: 7 }, ["seed"]],
  ];
  for (const [scene, parts] of edits) {
    assert.deepEqual([...changedParts(scene, incoming)], parts);
  }
  assert.equal(part(incoming, "path"), undefined);
  const plan = planOf(incoming);
  assert.equal(incomingScene({ scene: incoming, incoming: plan }), incoming);
  assert.equal(incomingScene({ scene: incoming, incoming: null }), undefined);
});

test("a scene becomes what it was, without things that are no more", () => {
  const before = planOf(sceneOf(), sceneOf({ id: "b" }));
  const scenes = before.scenes.map((scene) => camera.addPose({ ...scene, prompt: "y" }, 3));
  const edited = { ...before, scenes: scenes.toReversed() };
  const back = asItWas(edited, before.scenes[0]);
  assert.deepEqual(back.scenes, [scenes[1], before.scenes[0]]);
  const bare = { ...edited, entities: edited.entities.filter(({ id }) => id === "ball") };
  assert.equal("background" in asItWas(bare, before.scenes[0]).scenes[1], false);
  const none = { ...edited, entities: edited.entities.filter(({ id }) => id === "meadow") };
  const [, scene] = asItWas(none, before.scenes[0]).scenes;
  assert.deepEqual([scene.entities, scene.layout], [[], [{ frame: 0, boxes: {} }]]);
});

test("what people write by hand is drawn where it can be, whatever fields it holds", () => {
  const shown = (fields) => drawable(planOf(sceneOf(fields)))?.scenes[0];
  assert.deepEqual(shown({ camera: { path: [{ frame: 3, zoom: 2 }] } }).camera.path, [
    pose(3, { zoom: 2 }),
  ]);
  assert.equal(shown({ camera: { direction: "forward" } }).camera.direction, "zoom_in");
  const empty = shown({ camera: { strength: null, path: null }, seed: null, frame_prompts: null });
  assert.deepEqual(empty.camera, { direction: "static", speed: "medium" });
  assert.ok(!("seed" in empty) && !("frame_prompts" in empty));
  const broken = [
    ...[[], 5, [null], [{ frame: 1.5 }], [{ frame: 0, zoom: "x" }]].map((path) => ({ path })),
    ...[{ direction: "toString" }, { speed: 5 }, { strength: "x" }],
  ].map((one) => ({ camera: one }));
  broken.push({ action: { abseiling: "x" } }, { frame_prompts: "x" }, { frame_prompts: [1] });
  for (const fields of broken) assert.equal(shown(fields), undefined, JSON.stringify(fields));
});
