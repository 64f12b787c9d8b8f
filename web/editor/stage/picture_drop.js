/**
 * Pictures that are dropped on a thing, on its row or on its box.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

const OVER = "dropped-on";

/**
 * Take files dropped anywhere in an element; the host would open one as a workflow.
 *
 * @param {Element} element in it, `data-entity` names what stands for a thing
 * @param {Object} editor `t` gives texts, `act` changes the plan (see stage_actions.js)
 */
export function takePictures(element, { t, act }) {
  let over = null;

  function mark(target) {
    over?.classList.remove(OVER);
    over = target;
    over?.classList.add(OVER);
  }

  const onFiles = (then) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    then(event);
  };
  element.addEventListener(
    "dragover",
    onFiles((event) => {
      const target = thingAt(event);
      if (target !== over) mark(target);
    }),
  );
  element.addEventListener(
    "dragleave",
    onFiles((event) => {
      if (!element.contains(event.relatedTarget)) mark(null);
    }),
  );
  element.addEventListener(
    "drop",
    onFiles((event) => {
      const [target, [file]] = [thingAt(event), event.dataTransfer.files];
      mark(null);
      if (target && file) act.addPicture(target.dataset.entity, file);
      else act.say(t("dropOnThing"));
    }),
  );
}

function thingAt(event) {
  return event.target.closest("[data-entity]");
}
