/**
 * Colours of a plan's things, as the pictures of a plan have them (rendering/storyboard_marks.py).
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 */

// Apart for the colour-blind too where possible.
const PALETTE = [
  "rgb(0 114 178)",
  "rgb(213 94 0)",
  "rgb(0 150 110)",
  "rgb(184 60 130)",
  "rgb(120 80 200)",
  "rgb(150 110 0)",
  "rgb(20 150 200)",
  "rgb(190 30 50)",
];
// A red ball in blue would mislead.
const SAID = new Map(
  Object.entries({ blue: 0, orange: 1, green: 2, pink: 3, purple: 4, yellow: 5, red: 7 }),
);
const BACKGROUND = "rgb(96 108 122)";
const GOLDEN_ANGLE = 137.5;

/**
 * The colour of every thing, the same in all scenes; backgrounds are grey.
 *
 * @param {{entities: {id: string, name: string, kind: string}[]}} plan
 * @returns {Map<string, string>} id to a CSS colour
 */
export function entityColours(plan) {
  const colours = new Map();
  const taken = new Set();
  const things = plan.entities.filter((entity) => entity.kind !== "background");
  for (const { id, name } of things) {
    const word = name
      .toLowerCase()
      .split(/\s+/)
      .find((part) => SAID.has(part));
    const said = PALETTE[SAID.get(word)];
    if (said === undefined || taken.has(said)) continue;
    colours.set(id, said);
    taken.add(said);
  }
  const free = PALETTE.filter((colour) => !taken.has(colour));
  const others = things.filter(({ id }) => !colours.has(id));
  for (const [number, { id }] of others.entries()) {
    const hue = Math.round(number * GOLDEN_ANGLE) % 360;
    colours.set(id, free[number] ?? `hsl(${hue} 55% 42%)`);
  }
  for (const { id, kind } of plan.entities) if (kind === "background") colours.set(id, BACKGROUND);
  return colours;
}
