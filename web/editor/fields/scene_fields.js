/**
 * What a scene is beside its boxes: prompt, camera, actions, length, seed, strength, background,
 * lock, and how all that differs from the plan that came in.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { createActionFields } from "./action_fields.js";
import { createCameraPad } from "./camera_pad.js";
import { labelled, make, showValue, textControl } from "../dom.js";
import { createFolds } from "./folds.js";
import { createCaption, createFramePrompts, MOST_LETTERS } from "./frame_prompts.js";
import { setFrames } from "../stage/keyframes.js";
import { markFields } from "../notes/note_marks.js";
import { numberControl } from "./numbers.js";
import { setBackground } from "../plan/plan_changes.js";
import { createPoseFields } from "./pose_fields.js";
import { createSceneDifference } from "../plan/scene_difference.js";

const FRAMES = { least: 1, most: 1024, grid: 1 };
const MOST_SEED = 2n ** 64n - 1n;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `server` knows actions (see
 *   editor.js)
 * @returns {{element: Element, draw: (state: Object) => void, follow: (state: Object) => void}}
 *   `follow` draws what depends on the frame that is shown, where only that has changed
 */
export function createSceneFields(editor) {
  const element = make("div");
  const parts = { ...editor, fold: createFolds() };
  let [fields, id] = [null, null];

  return {
    element,
    draw(state) {
      // At Ctrl+Z a browser takes back what was last written in any text of the page, so a text
      // must not serve another scene later.
      if (state.scene.id !== id) {
        [fields, id] = [makeFields(parts), state.scene.id];
        element.replaceChildren(fields.element);
      }
      fields.draw(state);
    },
    follow: (state) => fields.follow(state),
  };
}

function makeFields(editor) {
  const { t } = editor;
  const simple = makeSimpleFields(editor);
  const framePrompts = createFramePrompts(editor);
  const caption = createCaption(editor);
  const pad = createCameraPad(editor);
  const poses = createPoseFields(editor);
  const actions = createActionFields(editor);
  const difference = createSceneDifference(editor);
  const camera = make("span", { class: "name" }, t("camera"));
  const { prompt, frames, seed, background, strength, locked } = simple.elements;
  const elements = {
    prompt,
    frame_prompts: framePrompts.element,
    camera: make("div", { class: "field wide" }, camera, pad.element),
    path: poses.element,
    action: actions.element,
    frames,
    seed,
    background,
    layout_strength: strength,
    locked,
  };
  const element = make("div", { class: "fields" }, ...Object.values(elements), difference.element);
  framePrompts.element.after(caption.element);

  function follow(state) {
    for (const part of [framePrompts, caption, poses]) part.follow(state);
  }

  return {
    element,
    draw(state) {
      for (const part of [simple, framePrompts, pad, poses, actions]) part.draw(state);
      caption.follow(state);
      difference.draw(state, elements);
      markFields(elements, state.noted.parts);
    },
    follow,
  };
}

/** Fields of one control each. */
function makeSimpleFields({ t, act }) {
  let state = null;
  const set = (fields) => act.changeScene((scene) => ({ ...scene, ...fields }));
  const back = () => draw(state); // what cannot be taken gives way to what is there

  const words = { rows: 3, class: "prompt", maxLength: MOST_LETTERS };
  const prompt = textControl("textarea", words, (text) => {
    if (text.trim() === "") back();
    else set({ prompt: text });
  });
  const resize = (number) => act.changeScene((scene) => setFrames(scene, number));
  const frames = numberControl({}, FRAMES, resize, back);
  const digits = { type: "text", inputMode: "numeric", placeholder: t("seedNone") };
  const seed = textControl("input", digits, (text) => {
    const value = readSeed(text);
    if (value === null) back();
    else act.changeScene(({ seed: _, ...rest }) => ({ ...rest, ...value }));
  });
  const strengthValue = make("output");
  const strength = make("input", {
    ...{ type: "range", min: "0", max: "1", step: "0.05" },
    oninput: () => (strengthValue.textContent = strength.value),
    onchange: () => set({ layout_strength: Number(strength.value) }),
  });
  const background = make("select", {
    onchange: () => act.changeScene((scene) => setBackground(scene, background.value || null)),
  });
  const isLocked = make("input", {
    type: "checkbox",
    onchange: () => set({ locked: isLocked.checked }),
  });
  const ranged = make("span", { class: "ranged" }, strength, strengthValue);
  const elements = {
    prompt: labelled(t("scenePrompt"), prompt, "wide"),
    frames: labelled(t("frames"), frames),
    seed: labelled(t("seed"), seed),
    background: labelled(t("background"), background, "wide"),
    strength: labelled(t("layoutStrength"), ranged, "wide"),
    locked: make(
      "label",
      { class: "check wide" },
      isLocked,
      make("span", { class: "label" }, t("lock")),
    ),
  };

  function draw(next) {
    state = next;
    const { scene, plan } = state;
    showValue(prompt, scene.prompt);
    showValue(frames, String(scene.frames));
    showValue(seed, scene.seed === undefined ? "" : String(scene.seed));
    strength.value = String(scene.layout_strength);
    strengthValue.textContent = String(scene.layout_strength);
    isLocked.checked = scene.locked === true;
    const places = plan.entities.filter(({ kind }) => kind === "background");
    background.replaceChildren(
      make("option", { value: "" }, t("noBackground")),
      ...places.map(({ id, name }) => make("option", { value: id }, name)),
    );
    background.value = scene.background ?? "";
  }

  return { elements, draw };
}

/** A seed as the field to set; {} for none, null for what is no seed. */
function readSeed(text) {
  const digits = text.trim();
  if (digits === "") return {};
  if (!/^\d{1,20}$/.test(digits) || BigInt(digits) > MOST_SEED) return null;
  const number = Number(digits);
  return { seed: Number.isSafeInteger(number) ? number : BigInt(digits) };
}
