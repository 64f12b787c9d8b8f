// What the editor asks of the server: the director's notes, pictures of renderings.
// Run by test_plan_edits_in_node.py; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { test } from "node:test";

const { createLiveLint } = await import("../../web/editor/notes/live_lint.js");
const { asFindings, located, sorted, wordsOf } = await import("../../web/editor/notes/note_places.js");
const { Pictures } = await import("../../web/editor/pictures.js");
const { EVENT, followRuns } = await import("../../web/editor/runs.js");
const { createServer, Refused } = await import("../../web/editor/server.js");

function planOf(...ids) {
  const entities = ["ball", "star"].map((id) => ({ id, name: `a ${id}`, kind: "foreground" }));
  const layout = [{ frame: 4, boxes: { ball: [0, 0, 1, 1] } }];
  const scenes = ids.map((id) => ({ id, prompt: id, frames: 9, entities: ["star"], layout }));
  return { version: 1, prompt: "x", fps: 8, width: 128, height: 128, entities, scenes };
}

function answering(...answers) {
  const asked = [];
  const fetchApi = async (route, options) => {
    asked.push({ route, ...options });
    const { status = 200, body = [] } = answers.shift() ?? {};
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  return { asked, fetchApi };
}

/** All promises that can go on have done so. */
const settled = () => new Promise(setImmediate);

const finding = (path, severity = "warning") => {
  return { path, message: "is odd", advice: "mend it", rule: "odd", severity };
};

test("the server is asked for the pack's own routes, with whole seeds", async () => {
  const { asked, fetchApi } = answering({ body: [finding("fps")] });
  const server = createServer(fetchApi);
  const seeded = { ...planOf("a"), seed: 2n ** 64n - 1n };
  assert.deepEqual(await server.lint(seeded), [finding("fps")]);
  assert.equal(asked[0].route, "/video_director/lint");
  assert.equal(asked[0].method, "POST");
  assert.match(asked[0].body, /"seed":18446744073709551615\}$/);
});

test("labels are asked for once, and again where that failed", async () => {
  const { asked, fetchApi } = answering({ status: 500, body: "<html>" }, { body: ["abseiling"] });
  const server = createServer(fetchApi);
  await assert.rejects(server.labels(), Refused);
  const both = await Promise.all([server.labels(), server.labels()]);
  assert.deepEqual(both, [["abseiling"], ["abseiling"]]);
  assert.equal(asked.length, 2);
});

test("a refusal has the server's words and the plan's problems", async () => {
  const body = { error: "the plan cannot be used", problems: ["fps: is no number"] };
  const server = createServer(answering({ status: 400, body }).fetchApi);
  await assert.rejects(server.storyboard(planOf("a"), "pdf"), (error) => {
    assert.equal(error.message, body.error);
    assert.deepEqual(error.problems, body.problems);
    return true;
  });
});

test("addresses of pictures hold nothing but what they name", () => {
  const server = createServer(null, (route) => `/base${route}`);
  assert.equal(server.frameUrl("r", "a", 1, 3), "/base/video_director/runs/r/a/1/3");
  assert.equal(
    server.frameUrl("../x", "a/b?c#d", 1, 3),
    "/base/video_director/runs/..%2Fx/a%2Fb%3Fc%23d/1/3",
  );
});

const PLACES = [
  ["entities[1]", { entityId: "star" }],
  ["entities[0].description", { entityId: "ball", part: "description" }],
  ["scenes[1].entities[0]", { sceneId: "b", entityId: "star" }],
  [
    "scenes[1].layout[0].boxes.ball",
    { sceneId: "b", entityId: "ball", frame: 4, part: "layout" },
  ],
  ['scenes[0].layout[7].boxes["ä \\"x\\""]', { sceneId: "a", entityId: 'ä "x"', part: "layout" }],
  ['scenes[0].layout[0].boxes["\\u00"]', { sceneId: "a", entityId: "\\u00", frame: 4, part: "layout" }],
  ["scenes[0].camera", { sceneId: "a", part: "camera" }],
  ["scenes[0].frame_prompts[12]", { sceneId: "a", part: "frame_prompts" }],
  ["scenes[9].prompt", { part: "prompt" }],
  ["fps", { part: "fps" }],
  ["", {}],
];

for (const [path, place] of PLACES) {
  test(`the place ${JSON.stringify(path)} is found`, () => {
    const nowhere = { sceneId: null, entityId: null, frame: null, part: null };
    const [note] = located([finding(path)], planOf("a", "b"));
    assert.deepEqual(note, { ...finding(path), ...nowhere, ...place });
  });
}

test("notes are sorted to cards, things and fields of the scene that is shown", () => {
  const paths = ["scenes[0].prompt", "scenes[1].camera", "scenes[1].entities[0]", "entities[0]", "fps"];
  const notes = located(paths.map((path) => finding(path)), planOf("a", "b"));
  const { scenes, entities, parts, plan } = sorted(notes, "a");
  assert.deepEqual([...scenes].map(([id, { length }]) => [id, length]), [["a", 1], ["b", 2]]);
  assert.deepEqual([...entities.keys()], ["ball"]);
  assert.deepEqual([...parts.keys()], ["prompt"]);
  assert.deepEqual([...plan.keys()], ["fps"]);
});

test("problems of a plan are shown like notes", () => {
  const [problem, other] = asFindings(["scenes[0].prompt: is empty; write one", "no path"]);
  assert.equal(problem.path, "scenes[0].prompt");
  assert.equal(wordsOf(problem), "is empty; write one");
  assert.equal(wordsOf(other), "no path");
});

const PAUSE = 10;

function openLint(context, lint) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [asked, drawn] = [[], []];
  const server = {
    lint: (plan) => {
      asked.push(plan);
      return lint(plan);
    },
  };
  const session = { plan: planOf("a"), isAsRun: false, shown: null };
  const live = createLiveLint(server, () => drawn.push(live.follow(session)), PAUSE);
  const rest = async () => {
    context.mock.timers.tick(PAUSE);
    await settled();
  };
  return { live, session, asked, drawn, rest };
}

test("the server is asked once when the hand rests, and late answers are dropped", async (context) => {
  let answerLate = null;
  const late = new Promise((resolve) => (answerLate = resolve));
  const answers = [Promise.resolve([finding("fps")]), late, Promise.resolve([])];
  const { live, session, asked, drawn, rest } = openLint(context, () => answers.shift());
  for (let step = 0; step < 5; step++) {
    context.mock.timers.tick(PAUSE - 1);
    session.plan = planOf("a");
    live.follow(session);
    live.follow(session);
  }
  assert.equal(asked.length, 0);
  await rest();
  assert.equal(asked.length, 1);
  assert.equal(drawn.at(-1).notes[0].path, "fps");
  session.plan = planOf("b");
  live.follow(session);
  await rest();
  session.plan = planOf("c");
  live.follow(session);
  answerLate([finding("width")]);
  await settled();
  assert.deepEqual([asked.length, drawn.length], [2, 1]);
  await rest();
  assert.deepEqual([asked.length, drawn.at(-1).notes], [3, []]);
});

test("without an answer the notes of the last run stay, and say so", async (context) => {
  const { live, session, asked, drawn, rest } = openLint(context, () =>
    Promise.reject(new Error("gone")),
  );
  session.shown = { notes: [finding("scenes[1].prompt")], edited: planOf("a", "b") };
  assert.equal(live.follow(session).notes[0].sceneId, "b");
  await rest();
  assert.equal(asked.length, 1);
  assert.deepEqual([drawn[0].isOld, drawn[0].notes[0].sceneId], [true, "b"]);
  [session.plan, session.isAsRun] = [planOf("a", "b"), true];
  assert.equal(live.follow(session).isOld, false);
  await rest();
  assert.equal(asked.length, 1);
});

test("an invalid plan has its problems as notes", async (context) => {
  const { live, session, drawn, rest } = openLint(context, () =>
    Promise.reject(new Refused("no", ["scenes[0].prompt: is empty"])),
  );
  live.follow(session);
  await rest();
  assert.deepEqual([drawn[0].notes[0].part, drawn[0].isOld], ["prompt", false]);
});

function runOf(run, ...scenes) {
  const takes = [1, 2].map((take) => ({ take, frames: 4 + take }));
  return { run, scenes: scenes.map((id) => ({ id, used: 2, chosen: 1, takes })) };
}

function picturesOf(plan) {
  const pictures = new Pictures((...names) => names.join("/"));
  pictures.follow(plan);
  return pictures;
}

test("each scene shows its latest rendering", () => {
  const plan = planOf("a", "b", "c");
  const pictures = picturesOf(plan);
  pictures.take(runOf("first", "a", "b"), plan, 1);
  pictures.take(runOf("third", "b"), plan, 3);
  pictures.take(runOf("second", "b"), plan, 2); // its answer came late
  assert.deepEqual(["a", "b", "c"].map((id) => pictures.url(id, 5)), [
    "first/a/2/5",
    "third/b/2/5",
    null,
  ]);
  assert.equal(pictures.url("a", 6), null);
  assert.deepEqual([pictures.frames("a"), pictures.frames("c")], [6, 0]);
  assert.deepEqual(pictures.takes("a"), [
    { number: 1, frames: 5, isUsed: false, isChosen: true },
    { number: 2, frames: 6, isUsed: true, isChosen: false },
  ]);
  assert.deepEqual(pictures.takes("c"), []);
});

test("scenes that are not rendered yet have no pictures", () => {
  const pictures = picturesOf(planOf("a"));
  pictures.take({ run: "r", scenes: [{ id: "a", used: null, chosen: null, takes: [] }] }, null, 1);
  assert.equal(pictures.url("a", 0), null);
});

test("pictures are current until something that is drawn is another", () => {
  const plan = planOf("a", "b");
  const pictures = picturesOf(plan);
  pictures.take(runOf("r", "a", "b"), plan, 1);
  const now = (change) => {
    const next = structuredClone(plan);
    change(next);
    pictures.follow(next);
    return [pictures.isCurrent("a"), pictures.isCurrent("b")];
  };
  assert.deepEqual(now(() => {}), [true, true]);
  assert.deepEqual(now((p) => (p.scenes[0].prompt = "other")), [false, true]);
  assert.deepEqual(now((p) => (p.scenes[0].locked = true)), [true, true]);
  assert.deepEqual(now((p) => p.scenes.reverse()), [true, true]);
  assert.deepEqual(now((p) => (p.entities[0].name = "not in a scene")), [true, true]);
  assert.deepEqual(now((p) => (p.entities[1].name = "in both")), [false, false]);
  assert.deepEqual(now((p) => (p.width = 256)), [false, false]);
  assert.deepEqual(now((p) => (p.fps = 24)), [true, true]);
  assert.equal(pictures.isCurrent("gone"), false);
});

function openRuns() {
  const [api, plan, asked, drawn] = [new EventTarget(), planOf("a"), [], []];
  const server = {
    run: async (id) => {
      asked.push(id);
      if (id === "forgotten") throw new Refused("no such run");
      return runOf(id, "a");
    },
  };
  const session = { shown: { edited_hash: "1", edited: plan } };
  const pictures = picturesOf(plan);
  const runs = followRuns(api, server, { session, pictures, draw: () => drawn.push(1) });
  const say = async (type, detail) => {
    api.dispatchEvent(Object.assign(new Event(type), { detail }));
    await settled();
  };
  return { runs, session, pictures, asked, drawn, say };
}

test("renderings of the plan that the node gave on are fetched", async () => {
  const { session, pictures, asked, drawn, say, runs } = openRuns();
  const output = (run, plan) => ({ output: { [EVENT]: [JSON.stringify({ run, plan })] } });
  await say("executed", { output: { text: ["x"] } });
  await say("executed", { output: null });
  await say("executed", output("other", "2"));
  assert.equal(pictures.url("a", 0), null);
  await say("executed", output("mine", "1"));
  assert.equal(pictures.url("a", 0), "mine/a/2/0");
  await say(EVENT, { run: "next", plan: "1" });
  assert.equal(pictures.url("a", 0), "next/a/2/0");
  await say(EVENT, { run: "forgotten", plan: "1" });
  assert.equal(pictures.url("a", 0), "next/a/2/0");
  assert.equal(drawn.length, 2);
  // The node gave on the other plan: its rendering was heard of before.
  session.shown = { edited_hash: "2", edited: planOf("a") };
  runs.look();
  await settled();
  assert.equal(pictures.url("a", 0), "other/a/2/0");
  runs.stop();
  await say(EVENT, { run: "late", plan: "2" });
  assert.deepEqual(asked, ["mine", "next", "forgotten", "other"]);
});

test("after a reload the newest rendering that the host remembers is shown", async () => {
  const { pictures, runs } = openRuns();
  const said = (run, plan) => ({ 7: { [EVENT]: [JSON.stringify({ run, plan })] }, 8: {} });
  runs.recall([said("elsewhere", "2"), said("newest", "1"), said("older", "1")]);
  await settled();
  assert.equal(pictures.url("a", 0), "newest/a/2/0");
});
