/**
 * What was rendered of a scene, behind its boxes. Frames to come are loaded before they are shown,
 * and one stays until the next one can be drawn, so that playing does not flicker.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { make } from "../dom.js";

const AHEAD = 12;
const MOST_KEPT = 96;

/** Whether the picture that is kept of a scene was made before the scene was edited. */
export function isOlder(pictures, sceneId) {
  return pictures?.isCurrent?.(sceneId) === false;
}

/**
 * @param {Object} editor `t` gives texts
 * @returns {{element: Element, draw: (state: Object) => boolean}} `draw` says whether there is a
 *   picture to show
 */
export function createRendered({ t }) {
  const holder = make("div");
  const older = make("span", { class: "older-label" }, t("olderPicture"));
  const element = make("div", { class: "rendered" }, holder, older);
  const kept = new Map(); // URL to the element and whether it could be loaded, oldest first
  let wanted = null;
  let sceneId = null;

  function load(url) {
    const one = kept.get(url) ?? loading(url);
    kept.delete(url);
    kept.set(url, one);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return one;
  }

  async function show(url) {
    wanted = url;
    const { image, isLoaded } = load(url);
    if (holder.firstChild === image) return;
    const children = (await isLoaded) ? [image] : [];
    if (wanted === url) holder.replaceChildren(...children);
  }

  return {
    element,
    draw({ scene, frame, view, pictures }) {
      const url = view.pictures ? (pictures?.url(scene.id, frame) ?? null) : null;
      const isOld = isOlder(pictures, scene.id);
      element.hidden = url === null;
      element.classList.toggle("older", isOld);
      older.hidden = !isOld;
      if (url === null || scene.id !== sceneId) holder.replaceChildren();
      sceneId = scene.id;
      wanted = url;
      if (url === null) return false;
      show(url);
      for (let step = 1; step <= Math.min(AHEAD, scene.frames - 1); step++) {
        const next = pictures.url(scene.id, (frame + step) % scene.frames);
        if (next) load(next);
      }
      return true;
    },
  };
}

function loading(url) {
  const image = make("img", { alt: "", draggable: false, src: url });
  return {
    image,
    isLoaded: image.decode().then(
      () => true,
      () => false, // gone meanwhile
    ),
  };
}
