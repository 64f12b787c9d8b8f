/**
 * Elements of the page. Texts become text nodes, so that no plan can bring markup in.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { icon } from "./icons.js";

/** Where keys with arrows go: to the right and down. */
export const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {Object} [properties] `on…` are listeners, `class`, `role`, `aria-…` and `data-…` are
 *   attributes, all others are properties of the element
 * @param {...(Node|string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (/^(class$|role$|for$|aria-|data-)/.test(name)) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A small button with an icon on it; the label is what a screen reader says. */
export function iconButton(name, label, onclick) {
  const button = make("button", { type: "button", class: "sign", onclick });
  showIcon(button, name, label);
  return button;
}

/** Give a button another icon and label. */
export function showIcon(button, name, label) {
  button.replaceChildren(icon(name));
  button.title = label;
  button.setAttribute("aria-label", label);
}

/** A control under its name. */
export function labelled(name, control, className = "") {
  return make(
    "label",
    { class: `field ${className}` },
    make("span", { class: "name" }, name),
    control,
  );
}

/**
 * Make a container's children those of a list; elements stay where their item stays, and so keep
 * the focus.
 *
 * @param {Element} container
 * @param {Array} items
 * @param {(item: *) => string} keyOf
 * @param {(item: *) => Element} create
 * @param {(element: Element, item: *, index: number) => void} update
 */
export function drawList(container, items, keyOf, create, update) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    const element = old.get(key) ?? create(item);
    old.delete(key);
    element.dataset.key = key;
    update(element, item, index);
    const before = container.children[index];
    if (before !== element) container.insertBefore(element, before ?? null);
  }
  for (const gone of old.values()) gone.remove();
}

/** Put an element where a box is in the one around it. */
export function placeBox(element, [x0, y0, x1, y1]) {
  Object.assign(element.style, {
    left: `${x0 * 100}%`,
    top: `${y0 * 100}%`,
    width: `${(x1 - x0) * 100}%`,
    height: `${(y1 - y0) * 100}%`,
  });
}

// What controls show when nobody writes in them.
const shown = new WeakMap();

/** Show a value in a text control, but not while somebody writes in it. */
export function showValue(control, value) {
  if (isFocused(control) && control.dataset.touched) return;
  shown.set(control, value);
  if (control.value !== value) control.value = value;
}

/** A text control that gives its text on when it is left or, in one line, at Enter. */
export function textControl(tag, properties, commit) {
  const control = make(tag, {
    ...properties,
    oninput: () => (control.dataset.touched = "yes"),
    onchange() {
      delete control.dataset.touched;
      if (control.value !== shown.get(control)) commit(control.value, control);
    },
  });
  return control;
}

function isFocused(control) {
  return control.getRootNode().activeElement === control;
}
