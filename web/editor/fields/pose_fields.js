/**
 * The camera's path as a table: one row per pose.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import {
  addPose,
  AXES,
  hasPose,
  movePose,
  removePath,
  removePose,
  setPose,
} from "./camera_path.js";
import { drawList, iconButton, make, showValue } from "../dom.js";
import { numberControl } from "./numbers.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan, `fold` makes parts that fold
 * @returns {{element: Element, draw: (state: Object) => void, follow: (state: Object) => void}}
 */
export function createPoseFields({ t, act, fold }) {
  const title = make("span");
  const heads = ["frame", ...Object.keys(AXES)].map((name) =>
    make("span", { title: t(`pose_${name}`) }, t(`pose_${name}_short`)),
  );
  const table = make("div", { class: "poses" });
  const head = make("div", { class: "pose hint", "aria-hidden": "true" }, ...heads);
  const add = make("button", {
    type: "button",
    onclick: () => act.changeScene((scene) => addPose(scene, state.frame)),
  });
  const remove = make(
    "button",
    { type: "button", onclick: () => act.changeScene(removePath) },
    t("removePath"),
  );
  const hint = make("p", { class: "hint" });
  const tools = make("div", { class: "row" }, add, remove);
  const content = make("div", {}, hint, head, table, tools);
  const element = fold("path", title, content, () => draw(state));
  let state = null;

  function create({ frame }) {
    const back = () => draw(state);
    const move = (to) => {
      const last = state.scene.frames - 1;
      act.changeScene((scene) => movePose(scene, frame, Math.min(to, last)));
      table.querySelector(`[data-key="${Math.min(to, last)}"] input`)?.focus();
    };
    const limits = { least: 0, most: 1023, grid: 1 };
    const at = numberControl({ "aria-label": t("pose_frame") }, limits, move, back);
    const axes = Object.entries(AXES).map(([axis, { least, most, step }]) =>
      numberControl(
        { "aria-label": t("poseAt", { axis: t(`pose_${axis}`), frame }), title: t(`pose_${axis}`) },
        { least, most, step },
        (value) => act.changeScene((scene) => setPose(scene, frame, axis, value)),
        back,
      ),
    );
    const gone = iconButton("remove", t("removePose", { frame }), () =>
      act.changeScene((scene) => removePose(scene, frame)),
    );
    const row = make("div", { class: "pose", role: "group" }, at, ...axes, gone);
    row.setAttribute("aria-label", t("poseOf", { frame }));
    row.addEventListener("focusin", ({ target }) => {
      const isElsewhere = state.frame !== frame && frame < state.scene.frames;
      if (isElsewhere && target !== gone) act.goTo(frame);
    });
    return row;
  }

  function update(row, pose) {
    const values = [pose.frame, ...Object.keys(AXES).map((name) => pose[name])];
    for (const [index, value] of values.entries()) showValue(row.children[index], String(value));
  }

  function draw(next) {
    state = next;
    const path = state.scene.camera.path ?? [];
    title.textContent = path.length ? t("cameraPath", { count: path.length }) : t("noCameraPath");
    if (element.open) drawList(table, path, ({ frame }) => String(frame), create, update);
    head.hidden = remove.hidden = path.length === 0;
    hint.textContent = t(path.length ? "pathReplaces" : "pathHint");
    follow(state);
  }

  /** Only the frame is another one. */
  function follow(next) {
    state = next;
    add.textContent = t("addPose", { frame: state.frame });
    add.disabled = hasPose(state.scene, state.frame);
    for (const row of table.children) {
      row.classList.toggle("here", row.dataset.key === String(state.frame));
    }
  }

  return { element, draw, follow };
}
