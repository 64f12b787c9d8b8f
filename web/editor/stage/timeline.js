/**
 * The frames of a scene: a scrubber, marks of its keyframes, and playing.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, iconButton, make, showIcon } from "../dom.js";
import { createFrameTools } from "./frame_tools.js";
import { hasKeyframe } from "./keyframes.js";

/**
 * @param {Object} editor `t` gives texts, `act` changes the plan (see editor.js)
 * @returns {{element: Element, draw: (state: Object) => void, stop: () => void}}
 */
export function createTimeline({ t, act }) {
  const scrubber = make("input", {
    type: "range",
    min: "0",
    step: "1",
    class: "scrubber",
    "aria-label": t("frame"),
    oninput: () => act.goTo(Number(scrubber.value)),
  });
  const marks = make("div", { class: "keyframes", role: "group", "aria-label": t("keyframes") });
  const count = make("output", { class: "count" });
  const play = iconButton("play", t("play"), () => (timer === null ? start() : stop()));
  const key = iconButton("keyframe", t("addKeyframe"), () => act.toggleKeyframe());
  const track = make("div", { class: "track" }, marks, scrubber);
  const tools = createFrameTools({ t, act });
  const line = make("div", { class: "timeline" }, play, track, count, key);
  const element = make("div", { class: "frame-part" }, line, tools.element);
  let state = null;
  let timer = null;

  function start() {
    timer = setInterval(() => {
      // The page may have gone without a word: a node that was deleted, a graph that was closed.
      if (!element.isConnected) stop();
      else act.goTo((state.frame + 1) % state.scene.frames);
    }, 1000 / state.plan.fps);
    showPlaying();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    showPlaying();
  }

  function showPlaying() {
    const name = timer === null ? "play" : "stop";
    showIcon(play, name, t(name));
  }

  function create(frame) {
    const mark = make("button", { type: "button", class: "keyframe" });
    mark.addEventListener("click", () => act.goTo(frame));
    mark.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by !== undefined) act.moveKeyframe(frame, frame + by);
      else if (event.key === "Delete" || event.key === "Backspace") act.removeKeyframe(frame);
      else return;
      event.preventDefault();
      marks.querySelector(`[data-key="${state.frame}"]`)?.focus();
    });
    mark.addEventListener("pointerdown", (event) => drag(event, mark, frame));
    return mark;
  }

  function drag(down, mark, frame) {
    if (down.button !== 0) return;
    let to = frame;
    mark.setPointerCapture(down.pointerId);
    const move = (event) => {
      const { left, width } = marks.getBoundingClientRect();
      const part = Math.min(Math.max((event.clientX - left) / width, 0), 1);
      to = Math.round(part * (state.scene.frames - 1));
      mark.style.left = share(to);
    };
    const end = () => {
      mark.removeEventListener("pointermove", move);
      mark.style.left = share(frame);
      if (to !== frame) act.moveKeyframe(frame, to);
    };
    mark.addEventListener("pointermove", move);
    mark.addEventListener("lostpointercapture", end, { once: true });
  }

  function share(frame) {
    return `${(frame / Math.max(state.scene.frames - 1, 1)) * 100}%`;
  }

  return {
    element,
    stop,
    draw(next) {
      state = next;
      const last = state.scene.frames - 1;
      scrubber.max = String(last);
      scrubber.value = String(state.frame);
      scrubber.disabled = last === 0;
      play.disabled = last === 0;
      count.textContent = `${state.frame} / ${last}`;
      const frames = state.scene.layout.map(({ frame }) => frame);
      drawList(marks, frames, String, create, (mark, frame) => {
        mark.style.left = share(frame);
        mark.classList.toggle("here", frame === state.frame);
        mark.title = t("keyframeAt", { frame });
        mark.setAttribute("aria-label", mark.title);
      });
      const isKey = hasKeyframe(state.scene, state.frame);
      if (isKey) showIcon(key, "keyframe_here", t("deleteKeyframe"));
      else showIcon(key, "keyframe", t("addKeyframe"));
      tools.draw(state);
    },
  };
}
