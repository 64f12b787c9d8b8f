// The browser's side of edits, layouts and JSON, on the cases that Python is tested on.
// Run by test_plan_edits_in_node.py, which adds random cases; by hand: node --test tests/planning/

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const globalsBefore = Object.getOwnPropertyNames(globalThis);
const { apply, diff, same } = await import("../../web/plan_edits.js");
const { boxesAt, snap, snapBox } = await import("../../web/plan_layout.js");
const { readJson, writeJson } = await import("../../web/plan_json.js");
const globalsAfter = Object.getOwnPropertyNames(globalThis);

const byHand = fileURLToPath(new URL("edit_cases.json", import.meta.url));
const files = [byHand, ...(process.env.EDIT_CASES ? [process.env.EDIT_CASES] : [])];
const CASES = files.map((file) => readJson(readFileSync(file, "utf8")));
const cases = (kind) => CASES.flatMap((file) => file[kind] ?? []);

test("importing the modules leaves nothing behind", () => {
  assert.deepEqual(globalsAfter, globalsBefore);
});

for (const { name, base, edited, edits } of cases("diff")) {
  test(`diff: ${name}`, () => {
    assert.deepEqual(diff(base, edited), edits);
    const again = apply(base, edits);
    assert.ok(same(again.plan, edited));
    assert.deepEqual(again.misfits, []);
  });
}

for (const { name, plan, edits, result, misfits } of cases("apply")) {
  test(`apply: ${name}`, () => {
    const before = structuredClone({ plan, edits });
    assert.deepEqual(apply(plan, edits), { plan: result, misfits });
    assert.deepEqual({ plan, edits }, before);
  });
}

for (const at of cases("refused_places")) {
  test(`refused: ${at.join(".")}`, () => {
    assert.throws(() => apply({}, [{ at, to: 1 }]), RangeError);
  });
}

for (const [number, { scene, frames }] of cases("interpolation").entries()) {
  test(`interpolation ${number}`, () => {
    for (const [frame, boxes] of frames.entries()) {
      assert.deepEqual(boxesAt(scene, frame), boxes);
    }
    assert.throws(() => boxesAt(scene, scene.frames), RangeError);
    assert.throws(() => boxesAt(scene, -1), RangeError);
  });
}

for (const { box, snapped } of cases("snapping")) {
  test(`snapping ${box}`, () => {
    assert.deepEqual(snapBox(box), snapped);
    assert.deepEqual(snapBox(snapped), snapped);
  });
}

test("every line of the grid stays where it is", () => {
  for (let line = 0; line <= 20; line++) assert.equal(snap(line / 20), line / 20);
});

for (const { text, written } of cases("json")) {
  test(`json: ${text.slice(0, 60)}`, () => {
    assert.equal(writeJson(readJson(text)), written ?? text);
  });
}

test("json: a member without a value is left out, a broken text refused", () => {
  assert.equal(writeJson({ a: undefined, b: [1n] }), '{"b":[1]}');
  assert.throws(() => readJson('{"a": 1'), SyntaxError);
  assert.throws(() => readJson('"a'), SyntaxError);
});
