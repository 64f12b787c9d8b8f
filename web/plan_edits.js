/**
 * Edits of a plan in the browser: the twin of planning/edits.py and edit_places.py.
 *
 * A pure module: it touches no page, and importing it does nothing. The host imports every
 * JavaScript file of this folder as an extension, so that must stay so.
 *
 * Plans are plain data as Python sends them, read by plan_json.js. Objects have no order here, since JavaScript puts keys such as
 * "7" first.
 *
 * @typedef {Object} Edit
 * @property {string[]} at the place, such as ["scenes", "s1", "layout", "4", "boxes", "ball"]
 * @property {*} [was] the value that was there; absent where there was none
 * @property {*} [to] the value that is there from now on; absent where there is none any more
 *
 * @typedef {Object} Misfit
 * @property {string[]} at the place of an edit that was left out
 * @property {"changed"|"gone"|"taken"} kind why, as in planning/edits.py
 *
 * @typedef {{kind: "leaf"|"record"|"members"|"listed"|"numbered", fields?: Object<string, Shape>,
 *   key?: "id"|"frame"|null, item?: Shape}} Shape
 */

const ORDER = "order";
const MOST_FRAMES = 1024;
const MOST_LETTERS = 200;
const NUMBER = /^(?:0|[1-9][0-9]{0,3})$/;
const SLUG = /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/;

/** @type {Shape} */
const LEAF = { kind: "leaf" };
const MEMBERS = { kind: "members" };
const NUMBERED = { kind: "numbered" };

function record(leaves, others = {}) {
  const fields = Object.fromEntries(leaves.split(" ").map((name) => [name, LEAF]));
  return { kind: "record", fields: { ...fields, ...others } };
}

function listed(key, item) {
  return { kind: "listed", key, item };
}

const KEYFRAME = record("caption", { boxes: MEMBERS });
const CAMERA = record("direction speed strength", {
  path: listed("frame", record("pan_x pan_y zoom roll")),
});
const SCENE = record("prompt frames background layout_strength seed locked", {
  frame_prompts: NUMBERED,
  entities: listed(null, LEAF),
  layout: listed("frame", KEYFRAME),
  camera: CAMERA,
  action: MEMBERS,
});
const PLAN = record("version prompt fps width height", {
  entities: listed("id", record("name kind description reference_image")),
  scenes: listed("id", SCENE),
});
const ROOT = { kind: "record", fields: { plan: PLAN } };

/**
 * The least edits that make one plan the other, always in the same order.
 *
 * @param {Object|null} base a plan; null for none, which gives one edit with the whole plan
 * @param {Object} edited another one
 * @returns {Edit[]}
 */
export function diff(base, edited) {
  const tree = base === null ? undefined : keyed(PLAN, base);
  return [...changes(PLAN, tree, keyed(PLAN, edited), [])];
}

/**
 * Make those edits in a plan that fit it, one after the other.
 *
 * @param {Object|null} plan stays as it is
 * @param {Edit[]} edits
 * @returns {{plan: Object|null, misfits: Misfit[]}} the edited plan, which may be an invalid one,
 *   and the edits that were left out
 * @throws {RangeError} a plan has no such place as an edit names
 */
export function apply(plan, edits) {
  for (const edit of edits) shapeAt(edit.at);
  const root = plan === null ? {} : { plan: keyed(PLAN, plan) };
  const misfits = [];
  for (const edit of edits) {
    const kind = edit.at[0] === ORDER ? reorder(root, edit) : change(root, edit);
    if (kind !== null) misfits.push({ at: edit.at, kind });
  }
  return { plan: plain(PLAN, root.plan) ?? null, misfits };
}

/** Whether two values are the same JSON; the order of an object's keys is none of it. */
export function same(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, i) => same(item, other[i]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
    );
  }
  if (typeof one === "bigint" || typeof other === "bigint") {
    return isNumber(one) && isNumber(other) && one == other;
  }
  return one === other;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value) {
  return typeof value === "number" || typeof value === "bigint";
}

function isSlug(name) {
  return name.length <= 64 && SLUG.test(name);
}

/** An object with other values; `{...}` and assignment would lose a key named __proto__. */
function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, v]) => [name, change(name, v)]));
}

function child(shape, name) {
  if (shape.kind === "record") {
    return Object.hasOwn(shape.fields, name) ? shape.fields[name] : null;
  }
  if (shape.kind === "members") return name.length > 0 && name.length <= MOST_LETTERS ? LEAF : null;
  if (shape.kind === "numbered") return NUMBER.test(name) ? LEAF : null;
  if (shape.kind !== "listed") return null;
  return (shape.key === "frame" ? NUMBER.test(name) : isSlug(name)) ? shape.item : null;
}

function shapeAt(at) {
  let shape = PLAN;
  for (const name of at[0] === ORDER ? at.slice(1) : at) {
    shape = child(shape, name);
    if (shape === null) throw new RangeError(`${JSON.stringify(at)} is no place in a plan`);
  }
  if (at[0] === ORDER && !isOrdered(shape)) {
    throw new RangeError(`${JSON.stringify(at)} is no order`);
  }
}

function isOrdered(shape) {
  return shape.kind === "listed" && shape.key !== "frame";
}

function nameOf(shape, item) {
  const name = shape.key === null ? item : isObject(item) ? item[shape.key] : undefined;
  if (shape.key === "frame") {
    return Number.isInteger(name) && name >= 0 && name < MOST_FRAMES ? String(name) : null;
  }
  return typeof name === "string" && isSlug(name) ? name : null;
}

/** The tree of a value: lists with named items become Maps. What has not that shape stays. */
function keyed(shape, value) {
  if (shape.kind === "record" && isObject(value)) {
    return mapped(value, (name, item) => keyed(child(shape, name) ?? LEAF, item));
  }
  if (shape.kind === "members" && isObject(value)) return mapped(value, (_, item) => item);
  if (shape.kind === "numbered" && Array.isArray(value)) {
    return new Map(value.map((item, index) => [String(index), item]));
  }
  if (shape.kind === "listed" && Array.isArray(value)) {
    const names = value.map((item) => nameOf(shape, item));
    if (!names.includes(null) && new Set(names).size === names.length) {
      return new Map(value.map((item, index) => [names[index], keyed(shape.item, item)]));
    }
  }
  return value;
}

function plain(shape, tree) {
  if (shape.kind === "record" && isObject(tree)) {
    return mapped(tree, (name, item) => plain(child(shape, name) ?? LEAF, item));
  }
  if (shape.kind === "members" && isObject(tree)) return mapped(tree, (_, item) => item);
  if (!(tree instanceof Map)) return tree;
  if (shape.kind === "numbered") return [...tree.values()];
  const names = [...tree.keys()];
  if (!isOrdered(shape)) names.sort((one, other) => Number(one) - Number(other));
  return names.map((name) => plain(shape.item, tree.get(name)));
}

/** What is in a tree by name; null for a leaf, or what has not that shape. */
function opened(shape, tree) {
  const wantsMap = shape.kind === "listed" || shape.kind === "numbered";
  if (tree instanceof Map) return wantsMap ? tree : null;
  return isObject(tree) && !wantsMap && shape.kind !== "leaf" ? tree : null;
}

function get(owner, name) {
  if (owner instanceof Map) return owner.get(name);
  return Object.hasOwn(owner, name) ? owner[name] : undefined;
}

function put(owner, name, value) {
  if (owner instanceof Map) owner.set(name, value);
  else Object.defineProperty(owner, name, { value, ...SHOWN });
}

const SHOWN = { writable: true, enumerable: true, configurable: true };

function remove(owner, name) {
  if (owner instanceof Map) owner.delete(name);
  else delete owner[name];
}

function inner(shape, name) {
  if (shape.kind === "record") return child(shape, name) ?? LEAF;
  return shape.kind === "listed" ? shape.item : LEAF;
}

function* changes(shape, was, to, at) {
  const [old, now] = [opened(shape, was), opened(shape, to)];
  if (old === null || now === null || (shape.kind === "numbered" && old.size !== now.size)) {
    const [before, after] = [plain(shape, was), plain(shape, to)];
    if (!same(before, after)) yield edit(at, before, after);
    return;
  }
  for (const name of namesOf(shape, old, now)) {
    yield* changes(inner(shape, name), get(old, name), get(now, name), [...at, name]);
  }
  if (isOrdered(shape)) {
    const [first, last] = [[...old.keys()], [...now.keys()]];
    const appended = [...common(first, last), ...last.filter((name) => !old.has(name))];
    if (!same(appended, last)) yield edit([ORDER, ...at], first, last);
  }
}

function edit(at, was, to) {
  return { at, ...(was === undefined ? {} : { was }), ...(to === undefined ? {} : { to }) };
}

function namesOf(shape, old, now) {
  if (shape.kind === "record") {
    const has = (name) => Object.hasOwn(old, name) || Object.hasOwn(now, name);
    return Object.keys(shape.fields).filter(has);
  }
  if (shape.kind === "members") {
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  }
  return [...new Set([...old.keys(), ...now.keys()])];
}

function change(root, { at, was, to }) {
  const [shape, owner] = ownerOf(root, at);
  const name = ["plan", ...at].at(-1);
  const within = inner(shape, name);
  const now = owner === null ? undefined : plain(within, get(owner, name));
  if (same(now, to)) return null;
  if (owner === null || (now === undefined && was !== undefined)) return "gone";
  if (now !== undefined && was === undefined) return "taken";
  if (!same(now, was)) return "changed";
  if (to === undefined) remove(owner, name);
  else put(owner, name, keyed(within, to));
  return null;
}

function reorder(root, { at, was, to }) {
  const [shape, owner] = ownerOf(root, at.slice(1));
  const name = at.at(-1);
  const now = owner === null ? null : opened(inner(shape, name), get(owner, name));
  if (now === null) return "gone";
  const names = [...now.keys()];
  const wanted = common(to, names);
  if (same(wanted, common(names, to))) return null;
  if (!same(common(was, names), common(names, was))) return "changed";
  let before = null;
  for (const item of names) {
    if (!to.includes(item)) {
      wanted.splice(before === null ? 0 : wanted.indexOf(before) + 1, 0, item);
    }
    before = item;
  }
  put(owner, name, new Map(wanted.map((item) => [item, now.get(item)])));
  return null;
}

function common(names, others) {
  return names.filter((name) => others.includes(name));
}

function ownerOf(root, at) {
  let [shape, owner] = [ROOT, root];
  for (const name of ["plan", ...at].slice(0, -1)) {
    shape = inner(shape, name);
    owner = owner === null ? null : opened(shape, get(owner, name));
  }
  return [shape, owner];
}
