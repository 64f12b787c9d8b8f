/**
 * The search for an action: a combobox, as WAI-ARIA has it, over the labels that models know.
 *
 * Importing it does nothing, although the host does so (see plan_edits.js).
 */

import { drawList, make } from "../dom.js";

/**
 * Labels that hold every word of what is typed; those with words that start so come first.
 *
 * @param {string[]} labels
 * @param {string} typed
 * @param {Object<string, number>} taken labels that are left out
 * @returns {string[]}
 */
export function matchingLabels(labels, typed, taken) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const free = labels.filter((label) => !Object.hasOwn(taken, label));
  const holds = (label) => words.every((word) => label.toLowerCase().includes(word));
  const starts = (label) =>
    words.every((word) => ` ${label.toLowerCase().replace("(", "")}`.includes(` ${word}`));
  const found = free.filter(holds);
  return [...found.filter(starts), ...found.filter((label) => !starts(label))];
}

/**
 * @param {Object} editor `t` gives texts, `server` the labels (see editor.js)
 * @param {(label: string) => void} choose
 * @returns {{element: Element, draw: (taken: Object<string, number>) => void}}
 */
export function createActionSearch({ t, server }, choose) {
  const options = make("div", { class: "options", role: "listbox", id: "actions", hidden: true });
  options.setAttribute("aria-label", t("actions"));
  options.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  const input = make("input", {
    ...{ type: "text", role: "combobox", autocomplete: "off", spellcheck: false },
    ...{ placeholder: t("searchActions"), "aria-label": t("searchActions") },
    ...{ "aria-autocomplete": "list", "aria-controls": "actions", "aria-expanded": "false" },
    ...{ onfocus: load, oninput: open, onclick: open, onblur: close, onkeydown: onKey },
  });
  const none = make("p", { class: "hint", role: "status" });
  const element = make("div", { class: "search" }, input, options, none);
  let [labels, taken, found, active] = [[], {}, [], -1];

  async function load() {
    if (labels.length > 0) return;
    try {
      labels = await server.labels();
      none.textContent = "";
      if (isOpen()) open();
    } catch {
      none.textContent = t("noLabels");
    }
  }

  function open() {
    if (input.value === "") delete input.dataset.touched;
    else input.dataset.touched = "yes"; // Ctrl+Z is the text's own
    options.hidden = false;
    active = input.value.trim() === "" ? -1 : 0;
    drawOptions();
  }

  function isOpen() {
    return !options.hidden;
  }

  function close() {
    options.hidden = true;
    active = -1;
    none.textContent = "";
    drawOptions();
  }

  function drawOptions() {
    found = isOpen() ? matchingLabels(labels, input.value, taken) : [];
    active = Math.min(active, found.length - 1);
    drawList(options, found, (label) => label, create, update);
    if (labels.length > 0) none.textContent = isOpen() && !found.length ? t("noAction") : "";
    input.setAttribute("aria-expanded", String(found.length > 0));
    const chosen = options.children[active];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    if (isOpen()) reveal(chosen);
  }

  /** Bring the list into view, and within it an option. */
  function reveal(option) {
    options.scrollIntoView({ block: "nearest" });
    if (option) option.scrollIntoView({ block: "nearest" });
    else options.scrollTop = 0;
  }

  function create(label) {
    const option = make("div", { class: "option", role: "option" }, label);
    option.addEventListener("click", () => take(label));
    return option;
  }

  function update(option, _, index) {
    option.id = `action-${index}`;
    option.setAttribute("aria-selected", String(index === active));
  }

  function take(label) {
    input.value = "";
    delete input.dataset.touched;
    close();
    choose(label);
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && !isOpen()) open();
    else if (by !== undefined) step(by);
    else if (event.key === "Enter" && found[active] !== undefined) take(found[active]);
    else if (event.key === "Escape" && isOpen()) close();
    else return;
    event.preventDefault();
  }

  function step(by) {
    const count = found.length;
    if (count === 0) return;
    active = active < 0 ? (by > 0 ? 0 : count - 1) : (active + by + count) % count;
    drawOptions();
  }

  return {
    element,
    draw(next) {
      taken = next;
      if (isOpen()) drawOptions();
    },
  };
}
