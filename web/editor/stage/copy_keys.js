/**
 * Ctrl+C and Ctrl+V for boxes; in a text they are the text's own.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

const WRITING = 'textarea, select, input:not([type="range"], [type="checkbox"])';

/**
 * @param {KeyboardEvent} event
 * @param {Object} act changes the plan (see stage_actions.js)
 */
export function onCopyKeys(event, act) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.target.matches(WRITING)) return;
  const key = event.key.toLowerCase();
  const isText = key === "c" && String(document.getSelection()) !== "";
  const run = { c: act.copyBox, v: act.pasteBox }[key];
  if (!run || isText) return;
  event.preventDefault();
  run();
}
