// What Edit Plan's editor asks of the host for one scene, and what it makes of the answers.
// Run by test_plan_edits_in_node.py; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { renderersAfter } = await import("../../web/editor/scenes/graph_walk.js");
const { startJob } = await import("../../web/editor/scenes/jobs.js");
const partial = await import("../../web/editor/scenes/partial_prompt.js");
const { profilesOf, refusal, withScene } = await import("../../web/editor/scenes/replanning.js");
const { takeOf, withTake } = await import("../../web/editor/scenes/take_text.js");
const { readJson } = await import("../../web/plan_json.js");

const node = (class_type, inputs = {}) => ({ class_type, inputs });

/** Plan -> Edit Plan (in a subgraph) -> Render Plan -> Join -> Save, and things beside it. */
function workflow(review = "pass", takes = "") {
  return {
    1: node("VideoDirectorPlanVideo", { prompt: "a ball" }),
    "5:2": node("VideoDirectorEditPlan", { edits: "", on_new_plan: "keep", review, plan: ["1", 0] }),
    3: node("VideoDirectorRenderPlan", { plan: ["5:2", 0], model: ["4", 0], only: "", takes }),
    4: node("CheckpointLoaderSimple", { ckpt_name: "x" }),
    6: node("VideoDirectorJoinScenes", { clips: ["3", 0] }),
    7: node("SaveVideo", { video: ["6", 1] }),
    8: node("VideoDirectorPreviewPlan", { plan: ["5:2", 0] }),
    9: node("VideoDirectorRenderPlan", { plan: ["1", 0], only: "z" }),
    10: node("SaveVideo", { video: ["9", 0] }),
  };
}

test("one scene is rendered, with what comes before and after it and nothing else", () => {
  const whole = workflow();
  const before = structuredClone(whole);
  const made = partial.scenePrompt(whole, "5:2", "s2");
  assert.deepEqual(Object.keys(made).sort(), ["1", "3", "4", "5:2", "6", "7"]);
  assert.equal(made[3].inputs.only, "s2");
  assert.deepEqual({ ...made[3].inputs, only: "" }, before[3].inputs);
  assert.deepEqual(whole, before);
});

test("all that render the plan do, also behind another node", () => {
  const whole = workflow();
  whole[9].inputs.plan = ["11", 0];
  whole[11] = node("VideoDirectorDoubleFrameRate", { plan: ["5:2", 0], times: 1 });
  const made = partial.scenePrompt(whole, "5:2", "s2");
  assert.deepEqual([made[3].inputs.only, made[9].inputs.only], ["s2", "s2"]);
  assert.ok("10" in made);
});

test("a plan that waits goes on for this once, and its own node is left alone", () => {
  const made = partial.scenePrompt(workflow("wait"), "5:2", "s2");
  assert.ok(!("5:2" in made));
  const [passed, slot] = made[3].inputs.plan;
  assert.equal(slot, 0);
  const expected = { edits: "", on_new_plan: "keep", review: "pass", plan: ["1", 0] };
  assert.deepEqual(made[passed], node("VideoDirectorEditPlan", expected));
});

test("a take that is chosen for the scene does not stand for it", () => {
  const made = partial.scenePrompt(workflow("pass", "s1:2, s2:3"), "5:2", "s2");
  assert.equal(made[3].inputs.takes, "s1:2");
});

test("without Render Plan there is nothing to render", () => {
  assert.equal(partial.scenePrompt({ 1: node("VideoDirectorEditPlan") }, "1", "s2"), null);
  const { 3: _, ...others } = workflow();
  assert.equal(partial.scenePrompt(others, "5:2", "s2"), null);
});

test("the plan that is asked about is given whole, large seeds unrounded", () => {
  const plan = { version: 1, prompt: 'a "ball"', scenes: [{ id: "a", seed: 2n ** 64n - 1n }] };
  const made = partial.replanPrompt(plan, "a", "at night", "mine", 2);
  const asked = made[partial.ASKED];
  assert.equal(asked.class_type, partial.REPLANNER);
  const { plan: from, ...rest } = asked.inputs;
  assert.deepEqual(rest, { scene: "a", wish: "at night", profile: "mine", take: 2 });
  const { edits } = readJson(made[from[0]].inputs.edits);
  assert.deepEqual(edits, [{ at: [], to: plan }]);
  assert.deepEqual(made[partial.REPLANNED].inputs.plan, [partial.ASKED, 0]);
});

test("a scene written anew takes the place of its own, and nothing else changes", () => {
  const plan = {
    entities: [{ id: "ball" }, { id: "mine" }],
    scenes: [{ id: "a", entities: ["ball"] }, { id: "b", entities: ["mine"], locked: true }],
  };
  const scene = { id: "a", entities: ["ball", "cat"], background: "sea" };
  const written = {
    entities: [{ id: "ball", name: "other" }, { id: "cat" }, { id: "dog" }, { id: "sea" }],
    scenes: [{ id: "b", entities: [] }, scene],
  };
  const made = withScene(plan, written, "a");
  assert.deepEqual(made.scenes, [scene, plan.scenes[1]]);
  assert.equal(made.scenes[1], plan.scenes[1]);
  assert.deepEqual(made.entities, [...plan.entities, { id: "cat" }, { id: "sea" }]);
});

test("profiles with a language model, in either form that hosts give lists", () => {
  const info = (profile) => ({ input: { required: { profile } } });
  assert.deepEqual(profilesOf(info(["COMBO", { options: ["offline", "mine"] }])), ["mine"]);
  assert.deepEqual(profilesOf(info([["offline"], {}])), []);
});

test("a refusal is told in the server's words", () => {
  const error = Object.assign(new Error("400"), {
    response: {
      error: { message: "Prompt has no outputs", details: "" },
      node_errors: { 3: { errors: [{ message: "Bad value", details: "width" }] } },
    },
  });
  assert.equal(refusal(error), "Prompt has no outputs\nBad value: width");
  assert.equal(refusal(new Error("offline")), "offline");
  assert.equal(refusal(Object.assign(new Error("x"), { response: { error: "full" } })), "full");
});

test("takes are named beside those that are there already", () => {
  assert.equal(withTake("", "s1", 2), "s1:2");
  assert.equal(withTake("s1:2, s3:latest", "s3", 1), "s1:2, s3:1");
  assert.equal(withTake(" s1 : 2 ,, s3:1", "s2", 4), "s1 : 2, s3:1, s2:4");
  assert.equal(withTake("s1:2, s3:1", "s1", null), "s3:1");
  assert.equal(withTake("s1:2", "s1", null), "");
  assert.equal(withTake("nonsense", "s1", 1), "nonsense, s1:1");
  assert.equal(takeOf("s1:2, s11 : 3", "s11"), 3);
  assert.equal(takeOf("s1:latest", "s1"), null);
  assert.equal(takeOf("s1:2", "s"), null);
});

test("takes are read as Python reads them", { skip: !process.env.TAKE_CASES }, () => {
  for (const { text, choices } of JSON.parse(readFileSync(process.env.TAKE_CASES, "utf8"))) {
    for (const [scene, number] of Object.entries(choices)) {
      assert.equal(takeOf(text, scene), number, text);
    }
  }
});

/** A host of which a test sends the messages. */
class FakeApi extends EventTarget {
  asked = [];
  queuePrompt = () => new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  deleteItem = async (list, id) => void this.asked.push(["delete", list, id]);
  interrupt = async (id) => void this.asked.push(["interrupt", id]);
  fetchApi = async () => ({ ok: true, json: async () => this.history ?? {} });
  say(type, detail) {
    this.dispatchEvent(Object.assign(new Event(type), { detail }));
  }
}

const NODES = { shows: "out", speaks: "in" };
const settled = () => new Promise((done) => setTimeout(done));

function started() {
  const api = new FakeApi();
  const told = [];
  return { api, told, job: startJob(api, {}, NODES, (text) => told.push(text)) };
}

test("a job gives what its node shows, also what came before its id was known", async () => {
  const { api, told, job } = started();
  api.say("executed", { prompt_id: "j", node: "out", output: { said: 1 } });
  api.say("executed", { prompt_id: "other", node: "out", output: { said: 2 } });
  api.say("progress_text", { nodeId: "in", text: "a" });
  api.say("progress_text", { nodeId: "else", text: "b" });
  api.resolve({ prompt_id: "j" });
  assert.deepEqual(await job.result, { said: 1 });
  assert.deepEqual(told, ["a"]);
});

test("a job that fails, is refused or is interrupted says so", async () => {
  const failed = started();
  failed.api.resolve({ prompt_id: "j" });
  await settled();
  failed.api.say("execution_error", { prompt_id: "j", exception_message: "no model" });
  await assert.rejects(failed.job.result, /no model/);
  const refused = started();
  refused.api.reject(new Error("no"));
  await assert.rejects(refused.job.result, /no/);
  const stopped = started();
  stopped.api.resolve({ prompt_id: "j" });
  await settled();
  stopped.api.say("execution_interrupted", { prompt_id: "j" });
  assert.equal(await stopped.job.result, null);
});

test("a job is cancelled wherever it is, also before the host has taken it", async () => {
  const { api, job } = started();
  job.cancel();
  assert.equal(await job.result, null);
  api.resolve({ prompt_id: "j" });
  await settled();
  assert.deepEqual(api.asked, [
    ["delete", "queue", "j"],
    ["interrupt", "j"],
  ]);
});

test("what was said while the connection was lost is looked up", async () => {
  const { api, job } = started();
  api.resolve({ prompt_id: "j" });
  await settled();
  api.say("reconnected", undefined);
  await settled();
  api.history = { j: { outputs: { out: { said: 3 } }, status: { status_str: "success" } } };
  api.say("reconnected", undefined);
  assert.deepEqual(await job.result, { said: 3 });
});

/** A graph as the host's canvas has it: nodes by id, links by id. */
function graphOf(nodes, links, rest = {}) {
  const graph = { nodes, getLink: (id) => links[id], getNodeById: (id) => byId.get(id), ...rest };
  const byId = new Map(nodes.map((one) => [one.id, one]));
  for (const one of nodes) one.graph = graph;
  graph.rootGraph ??= graph;
  return graph;
}

const link = (target_id, target_slot) => ({ target_id, target_slot });
const RENDER = { type: partial.RENDERER, inputs: [{ name: "model" }, { name: "plan" }] };

test("Render Plan is found behind a node, out of a subgraph and into another", () => {
  const edit = { id: 1, outputs: [{ links: [1, 2] }] };
  const first = { ...RENDER, id: 2 };
  const second = { ...RENDER, id: 1 };
  const root = graphOf([], {});
  const inner = graphOf([edit, first], { 1: link(2, 1), 2: link(-20, 0) }, { rootGraph: root });
  const other = graphOf([second], { 1: link(1, 1) }, { rootGraph: root, inputs: [{ linkIds: [1] }] });
  const holder = { id: 7, subgraph: inner, outputs: [{ links: [5, 6] }] };
  const taker = { id: 8, subgraph: other, outputs: [] };
  const switched = { id: 9, inputs: [], outputs: [{ links: [6] }] };
  Object.assign(
    root,
    graphOf([holder, taker, switched], { 5: link(8, 0), 6: link(9, 0) }, { rootGraph: root }),
    { subgraphs: new Map([["a", inner], ["b", other]]) },
  );
  for (const one of root.nodes) one.graph = root;
  assert.deepEqual(renderersAfter(edit), [first, second]);
});

test("a link to another input than the plan is none", () => {
  const edit = { id: 1, outputs: [{ links: [1] }] };
  graphOf([edit, { ...RENDER, id: 2 }], { 1: link(2, 0) });
  assert.deepEqual(renderersAfter(edit), []);
  assert.deepEqual(renderersAfter({ id: 3, outputs: [], graph: null }), []);
});
