/**
 * What the editor works on: the plan that came in, the text of its edits, and the way back.
 *
 * A pure module: importing it does nothing, although the host does so (see plan_edits.js).
 *
 * @typedef {Object} Shown what the node Edit Plan last said (nodes/edit_plan_node.py)
 * @property {string|null} incoming_hash
 * @property {string} edited_hash
 * @property {boolean} waiting
 * @property {Object|null} [incoming]
 * @property {Object} [edited]
 * @property {{at: string[], kind: string, text: string}[]} [misfits]
 * @property {{path: string, message: string, advice: string, severity: string}[]} [notes]
 * @property {boolean} [too_large] the plans are left out
 */

import { apply, diff, same } from "../plan_edits.js";
import { MOST_BYTES, readEdits, writeEdits } from "./plan/edit_text.js";
import { drawable } from "./plan/plan_shape.js";

const MOST_STEPS_BACK = 200;

/** One node's editing. Whoever shows it draws anew after every call. */
export class Session {
  /** @type {Shown|null} */
  shown = null;
  text = "";
  /** The edited plan; null where there is none to show. */
  plan = null;
  /** Edits that do not fit the plan that came in: {edit, kind}. */
  misfits = [];
  /** How many edits are left out because they were made on another plan. */
  discarded = 0;
  /** Why the text cannot be used, as words of a program; null where it can. */
  problem = null;
  /** Whether edits made something of the plan that cannot be drawn. */
  isBroken = false;
  /** Whether the last change was refused, since its text would be too large for the node. */
  isTooLarge = false;
  #onNewPlan = "keep";
  #past = [];
  #future = [];
  #group = null;

  /** The plan that came in; null for none. */
  get incoming() {
    return this.shown?.incoming ?? null;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Whether the plan shown here is the one that the node last gave on. */
  get isAsRun() {
    return this.plan !== null && same(this.plan, this.shown?.edited);
  }

  /** Whether the run waits for exactly this plan. */
  get canApprove() {
    return this.shown?.waiting === true && this.isAsRun;
  }

  /**
   * Take what the node said after a run.
   *
   * @param {Shown} shown
   */
  take(shown) {
    this.shown = shown;
    this.#read();
  }

  /** @param {"keep"|"discard"|"stop"} choice the node's setting on_new_plan */
  onNewPlan(choice) {
    this.#onNewPlan = choice;
    this.#read();
  }

  /** Take a text that came with the workflow; there is no way back before it. */
  load(text) {
    [this.#past, this.#future, this.#group] = [[], [], null];
    this.text = text;
    this.#read();
  }

  /** Take a text that somebody wrote by hand. */
  write(text) {
    this.#go(text, null);
  }

  /**
   * Change the plan.
   *
   * @param {(plan: Object) => Object} change gives the changed plan; the old one stays as it is
   * @param {string|null} [group] changes in a row with the same name are one step back
   * @returns {boolean} whether anything has changed
   */
  change(change, group = null) {
    const next = change(this.plan);
    if (same(next, this.plan)) return false;
    // Edits that did not fit wait for a plan they fit again, until somebody drops them.
    const rest = this.misfits.map(({ edit }) => edit).filter((edit) => !fits(next, edit));
    const edits = [...diff(this.incoming, next), ...rest];
    return this.#go(this.#written(edits), group);
  }

  /** Forget the edits that do not fit. */
  dropMisfits() {
    this.#go(this.#written(diff(this.incoming, this.plan)), null);
  }

  /** Approve the plan that the run waits with. */
  approve() {
    const { base, edits } = readEdits(this.text);
    this.#go(writeEdits({ base, edits, approved: this.shown.edited_hash }), null);
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #written(edits) {
    return writeEdits({ base: this.shown?.incoming_hash ?? null, edits, approved: null });
  }

  #go(text, group) {
    if (text === this.text) return false;
    this.isTooLarge = new TextEncoder().encode(text).length > MOST_BYTES;
    if (this.isTooLarge) return false;
    if (group === null || group !== this.#group) this.#past.push(this.text);
    if (this.#past.length > MOST_STEPS_BACK) this.#past.shift();
    this.#group = group;
    this.#future = [];
    this.text = text;
    this.#read();
    return true;
  }

  #step(from, to) {
    if (from.length === 0) return;
    to.push(this.text);
    this.text = from.pop();
    this.#group = null;
    this.#read();
  }

  #read() {
    [this.plan, this.misfits, this.discarded, this.problem] = [null, [], 0, null];
    this.isBroken = false;
    if (this.shown?.too_large) return;
    try {
      const { base, edits } = readEdits(this.text);
      const isWhole = edits.some(({ at }) => at.length === 0);
      if (this.shown === null && !isWhole) return;
      const isOther = edits.length > 0 && base !== (this.shown?.incoming_hash ?? null);
      if (isOther && this.#onNewPlan === "discard") this.discarded = edits.length;
      const { plan, misfits } = apply(this.incoming, this.discarded ? [] : edits);
      this.plan = drawable(plan);
      this.isBroken = this.plan === null && (plan !== null || this.shown === null);
      this.misfits = misfits.map(({ at, kind }) => ({
        edit: edits.find((edit) => edit.at === at),
        kind,
      }));
    } catch (error) {
      this.problem = error.message;
    }
  }
}

function fits(plan, edit) {
  return apply(plan, [edit]).misfits.length === 0;
}
