/**
 * Where the camera goes, as a small pad: its directions, and beside them speed and strength.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { SPEEDS } from "./camera_path.js";
import { ARROWS, labelled, make, showValue } from "../dom.js";
import { icon } from "../icons.js";
import { numberControl } from "./numbers.js";
import { turnCamera } from "../plan/scene_changes.js";

/** Column and row of every direction on the pad. */
export const PLACES = {
  up: [1, 0],
  zoom_in: [3, 0],
  left: [0, 1],
  static: [1, 1],
  right: [2, 1],
  down: [1, 2],
  zoom_out: [3, 2],
};
const STRENGTH = { least: 0, most: 10, step: 0.1, isOptional: true };

/**
 * The nearest direction on the pad beside another one.
 *
 * @param {string} from a direction
 * @param {[number, number]} arrow columns to the right, rows down
 * @returns {string} the same one where nothing is on that side
 */
export function directionBeside(from, [right, down]) {
  const away = ([name, [column, row]]) => {
    const [x, y] = [column - PLACES[from][0], row - PLACES[from][1]];
    const [ahead, aside] = [x * right + y * down, Math.abs(x * down) + Math.abs(y * right)];
    return { name, ahead, far: ahead + 2 * aside };
  };
  const there = Object.entries(PLACES)
    .map(away)
    .filter(({ ahead }) => ahead > 0);
  const near = there.toSorted((one, other) => one.far - other.far);
  return near[0]?.name ?? from;
}

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void}}
 */
export function createCameraPad({ t, act }) {
  const pad = make("div", { class: "pad", role: "radiogroup", "aria-label": t("camera") });
  const keys = new Map(Object.keys(PLACES).map((name) => [name, makeKey(name)]));
  pad.append(...keys.values());
  pad.addEventListener("keydown", onKey);
  const speed = make("select", {
    onchange: () => act.changeScene((scene) => turnCamera(scene, { speed: speed.value })),
  });
  const speeds = Object.keys(SPEEDS);
  speed.append(...speeds.map((value) => make("option", { value }, t(`speed_${value}`))));
  const strength = numberControl(
    { placeholder: "1", title: t("cameraStrengthHint") },
    STRENGTH,
    (number) => act.changeScene((scene) => turnCamera(scene, { strength: number })),
    () => draw(state),
  );
  const element = make(
    "div",
    { class: "camera" },
    pad,
    labelled(t("speed"), speed),
    labelled(t("cameraStrength"), strength),
  );
  let state = null;

  function makeKey(name) {
    const [column, row] = PLACES[name];
    const key = make("button", { type: "button", class: "sign", role: "radio" }, icon(name));
    key.title = t(`direction_${name}`);
    key.setAttribute("aria-label", key.title);
    key.style.gridArea = `${row + 1} / ${column + 1}`;
    key.addEventListener("click", () => turn(name, null));
    return key;
  }

  function turn(direction, group) {
    act.changeScene((scene) => turnCamera(scene, { direction }), group);
  }

  function onKey(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const { id, camera } = state.scene;
    const next = directionBeside(camera.direction, arrow);
    turn(next, `camera ${id}`);
    keys.get(next).focus();
  }

  function draw(next) {
    state = next;
    const { camera } = state.scene;
    const hasPath = camera.path !== undefined;
    for (const [name, key] of keys) {
      const isChosen = name === camera.direction;
      key.setAttribute("aria-checked", String(isChosen && !hasPath));
      key.tabIndex = isChosen ? 0 : -1;
      key.disabled = hasPath;
    }
    speed.value = camera.speed;
    showValue(strength, camera.strength === undefined ? "" : String(camera.strength));
    for (const control of [speed, strength]) {
      control.disabled = hasPath || camera.direction === "static";
    }
  }

  return { element, draw };
}
