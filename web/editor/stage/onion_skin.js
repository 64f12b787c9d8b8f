/**
 * Where things are in the keyframes before and after the frame that is shown, lightly behind it.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, make, placeBox } from "../dom.js";
import { keyframesBeside } from "./keyframes.js";

/**
 * The boxes of the keyframes next to a frame.
 *
 * @param {Object} scene
 * @param {number} frame
 * @returns {{side: "before"|"after", frame: number, id: string,
 *   box: import("../../plan_layout.js").Box}[]}
 */
export function boxesBeside(scene, frame) {
  return Object.entries(keyframesBeside(scene, frame)).flatMap(([side, keyframe]) =>
    Object.entries(keyframe?.boxes ?? {}).map(([id, box]) => ({
      ...{ side, frame: keyframe.frame, id, box },
    })),
  );
}

/** @returns {{element: Element, draw: (state: Object) => void}} */
export function createOnionSkin() {
  const element = make("div", { class: "onion", "aria-hidden": "true" });

  function create({ side }) {
    return make("div", { class: `ghost ${side}` }, make("span"));
  }

  return {
    element,
    draw({ scene, frame, colours, view }) {
      const shown = view.onion ? boxesBeside(scene, frame) : [];
      drawList(
        element,
        shown,
        ({ side, id }) => `${side} ${id}`,
        create,
        (ghost, { side, frame: its, id, box }) => {
          placeBox(ghost, box);
          ghost.style.setProperty("--colour", colours.get(id) ?? "gray");
          ghost.firstChild.textContent = side === "before" ? `‹ ${its}` : `${its} ›`;
        },
      );
    },
  };
}
