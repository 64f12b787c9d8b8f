/**
 * Small drawings on buttons and cards; not every machine has a font with such signs.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

const SVG = "http://www.w3.org/2000/svg";
// Lines on a field of 16 by 16.
const DIAMOND = "M8 2.5 13.5 8 8 13.5 2.5 8z";
const LINES = {
  undo: "M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H6",
  redo: "M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h3",
  add: "M8 3v10M3 8h10",
  duplicate: "M5.5 5.5h8v8h-8zM10.5 3v-.5h-8v8H3",
  before: "M10 3 5 8l5 5",
  after: "M6 3l5 5-5 5",
  remove: "M4 4l8 8M12 4l-8 8",
  play: "M5 3v10l8-5z",
  stop: "M4 4h8v8H4z",
  keyframe: DIAMOND,
  keyframe_here: DIAMOND,
  replan: "M3 13l.7-2.8L11 3l2 2-7.2 7.3zM9.5 4.5l2 2",
  again: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  save: "M8 2.5v7M5 7l3 3 3-3M3 13h10",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  static: "M8 6a2 2 0 1 0 .01 0",
  left: "M13 8H3M7 4 3 8l4 4",
  right: "M3 8h10M9 4l4 4-4 4",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  zoom_in: "M8 5v6M5 8h6M8 2a6 6 0 1 0 .01 0",
  zoom_out: "M5 8h6M8 2a6 6 0 1 0 .01 0",
  path: "M2 12c4 0 3-8 7-8 3 0 2 4 5 4",
  copy_box: "M5 5h9v6H5zM11 2H2v6",
  paste_box: "M4 3h8v11H4zM6.5 1.5h3v3h-3zM8 7v5M5.5 9.5h5",
  copy_boxes: "M2 3h5v4H2zM2 9h5v4H2zM9.5 8h4.5M11.5 5.5 14 8l-2.5 2.5",
  show_onion: "M2 2h7v7H2zM5 4.5h7v7H5zM8 7h6v6H8z",
  show_boxes: "M2.5 3h6v5h-6zM8 7h5.5v6H8z",
  show_pictures: "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M11 6h.01",
  add_picture: "M2 3h12v10H2zM8 5.5v5M5.5 8h5",
  note: "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.01",
  edited: "M8 5a3 3 0 1 0 .01 0",
};
const FILLED = new Set(["play", "stop", "keyframe_here", "edited"]);

/**
 * Draw an icon; screen readers pass it by.
 *
 * @param {string} name one of those above
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", LINES[name]);
  svg.append(line);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  svg.dataset.icon = name;
  svg.setAttribute("aria-hidden", "true");
  return svg;
}
