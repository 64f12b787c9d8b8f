/**
 * What a scene is beside its boxes: prompt, camera, length, seed, strength, background, lock.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { labelled, make, showValue, textControl } from "./dom.js";
import { setFrames } from "./keyframes.js";
import { setBackground } from "./plan_changes.js";

const DIRECTIONS = ["static", "left", "right", "up", "down", "zoom_in", "zoom_out"];
const SPEEDS = ["slow", "medium", "fast"];
const MOST_FRAMES = 1024;
const MOST_SEED = 2n ** 64n - 1n;

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createSceneFields(editor) {
  const element = make("div");
  let [fields, id] = [null, null];

  return {
    element,
    draw(state) {
      // At Ctrl+Z a browser takes back what was last written in any text of the page, so a text
      // must not serve another scene later.
      if (state.scene.id !== id) {
        [fields, id] = [makeFields(editor), state.scene.id];
        element.replaceChildren(fields.element);
      }
      fields.draw(state);
    },
  };
}

function makeFields({ t, act }) {
  let state = null;
  const set = (fields) => act.changeScene((scene) => ({ ...scene, ...fields }));
  const back = () => draw(state); // what cannot be taken gives way to what is there

  const prompt = textControl("textarea", { rows: 3, class: "prompt" }, (text) => {
    if (text.trim() === "") back();
    else set({ prompt: text });
  });
  const options = (values, prefix) =>
    values.map((value) => make("option", { value }, t(prefix + value)));
  const direction = make("select", {
    onchange: () => act.changeScene((scene) => turned(scene, direction.value)),
  });
  direction.append(
    ...options(DIRECTIONS, "direction_"),
    make("option", { value: "path", hidden: true }, t("cameraPath")),
  );
  const speed = make("select", {
    onchange: () =>
      act.changeScene((scene) => ({
        ...scene,
        camera: { ...scene.camera, speed: speed.value },
      })),
  });
  speed.append(...options(SPEEDS, "speed_"));
  const frames = textControl(
    "input",
    {
      type: "number",
      min: "1",
      max: String(MOST_FRAMES),
      step: "1",
    },
    (text) => {
      const number = Number(text);
      if (Number.isInteger(number) && number >= 1 && number <= MOST_FRAMES) {
        act.changeScene((scene) => setFrames(scene, number));
      } else back();
    },
  );
  const seed = textControl(
    "input",
    {
      type: "text",
      inputMode: "numeric",
      placeholder: t("seedNone"),
    },
    (text) => {
      const value = readSeed(text);
      if (value === null) back();
      else act.changeScene(({ seed: _, ...rest }) => ({ ...rest, ...value }));
    },
  );
  const strength = make("input", {
    type: "range",
    min: "0",
    max: "1",
    step: "0.05",
    oninput: () => (strengthValue.textContent = strength.value),
    onchange: () => set({ layout_strength: Number(strength.value) }),
  });
  const strengthValue = make("output");
  const background = make("select", {
    onchange: () => act.changeScene((scene) => setBackground(scene, background.value || null)),
  });
  const locked = make("input", {
    type: "checkbox",
    onchange: () => set({ locked: locked.checked }),
  });
  const element = make(
    "div",
    { class: "fields" },
    labelled(t("scenePrompt"), prompt, "wide"),
    labelled(t("camera"), direction),
    labelled(t("speed"), speed),
    labelled(t("frames"), frames),
    labelled(t("seed"), seed),
    labelled(t("background"), background, "wide"),
    labelled(
      t("layoutStrength"),
      make("span", { class: "ranged" }, strength, strengthValue),
      "wide",
    ),
    make("label", { class: "check wide" }, locked, make("span", {}, t("lock"))),
  );

  function draw(next) {
    state = next;
    const { scene, plan } = state;
    showValue(prompt, scene.prompt);
    direction.value = scene.camera.path ? "path" : scene.camera.direction;
    speed.value = scene.camera.speed;
    speed.disabled = direction.value === "path" || direction.value === "static";
    showValue(frames, String(scene.frames));
    showValue(seed, scene.seed === undefined ? "" : String(scene.seed));
    strength.value = String(scene.layout_strength);
    strengthValue.textContent = String(scene.layout_strength);
    locked.checked = scene.locked === true;
    const places = plan.entities.filter(({ kind }) => kind === "background");
    background.replaceChildren(
      make("option", { value: "" }, t("noBackground")),
      ...places.map(({ id, name }) => make("option", { value: id }, name)),
    );
    background.value = scene.background ?? "";
  }

  return { element, draw };
}

/** A direction in place of a path: a plan has one of them. */
function turned(scene, direction) {
  const { path: _, ...camera } = scene.camera;
  return { ...scene, camera: { ...camera, direction } };
}

/** A seed as the field to set; {} for none, null for what is no seed. */
function readSeed(text) {
  const digits = text.trim();
  if (digits === "") return {};
  if (!/^\d{1,20}$/.test(digits) || BigInt(digits) > MOST_SEED) return null;
  const number = Number(digits);
  return { seed: Number.isSafeInteger(number) ? number : BigInt(digits) };
}
