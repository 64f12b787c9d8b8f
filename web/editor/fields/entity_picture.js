/**
 * The reference picture of a thing: seen small, chosen from a file, taken away.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { iconButton, make } from "../dom.js";
import { icon } from "../icons.js";
import { KINDS, pictureView } from "../stage/reference_pictures.js";

/**
 * @param {string} id of the thing
 * @param {Object} editor `t` gives texts, `act` changes the plan (see stage_actions.js), `address`
 *   gives the address of a route of the host
 * @returns {{button: Element, told: Element, draw: (entity: Object) => void}}
 */
export function createEntityPicture(id, { t, act, address }) {
  const file = make("input", { type: "file", accept: KINDS.join(), hidden: true });
  file.addEventListener("change", () => {
    if (file.files.length > 0) act.addPicture(id, file.files[0]);
    file.value = ""; // the same file may be chosen again
  });
  const button = make("button", { type: "button", class: "sign thing-picture" });
  button.addEventListener("click", () => file.click());
  const words = make("span", { class: "picture-name" });
  const remove = iconButton("remove", t("removePicture"), () => act.removePicture(id));
  const told = make("div", { class: "picture-told" }, words, remove, file);
  let drawn;

  return {
    button,
    told,
    draw({ name, reference_image: picture = null }) {
      const label = t(picture === null ? "choosePicture" : "otherPicture", { name });
      button.title = label;
      button.setAttribute("aria-label", label);
      if (picture === drawn) return;
      drawn = picture;
      const isThere = picture !== null;
      told.hidden = !isThere;
      const src = isThere ? address(pictureView(picture)) : null;
      button.replaceChildren(
        isThere ? make("img", { alt: "", draggable: false, src }) : icon("add_picture"),
      );
      words.textContent = picture ?? "";
      words.title = picture ?? "";
    },
  };
}
