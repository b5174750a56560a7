// What was decided and noted, kept in this browser.

/** @import { Card } from "./cards.js" */

/**
 * What was decided, and when.
 * @typedef {({action: "relabel", label: string}|{action: "keep"|"drop"|"skip"}) & {at?: string}} Decision
 */

/**
 * What a sample had before a step: its decision and, where the step brought another, its comment.
 * @typedef {[index: number, decision: Decision|null, comment?: string]} Before
 */

/**
 * What the browser keeps of a report.
 * @typedef {object} Kept
 * @property {[number, Decision][]} [made]
 * @property {[number, string][]} [comments]
 * @property {Before[][]} [past]
 */

/** Steps that can be undone after a reload. */
const MOST_STEPS = 500;

/** The decisions on this report, kept in this browser under the report's key alone. */
export class Decisions {
  /** @type {Map<number, Decision>} */
  #made = new Map();
  /** @type {Map<number, string>} of samples, decided on or not: undoing a decision leaves them */
  #comments = new Map();
  /** @type {Before[][]} */
  #past = [];
  #key;
  /** Whether the browser keeps them. */
  kept = true;

  /** @param {string} key */
  constructor(key) {
    this.#key = `cgaudit:${key}`;
    this.read();
  }

  /** @param {Pick<Card, "index">} card */
  of(card) {
    return this.#made.get(card.index);
  }

  /** @param {Pick<Card, "index">} card */
  commentOn(card) {
    return this.#comments.get(card.index) ?? "";
  }

  get size() {
    return this.#made.size;
  }

  /** How many comments are on samples of which nothing is decided: no file has those. */
  get idleComments() {
    const idle = (/** @type {number} */ index) => (this.#made.get(index)?.action ?? "skip") === "skip";
    return [...this.#comments.keys()].filter(idle).length;
  }

  /**
   * @param {Pick<Card, "index">} card
   * @param {Decision} decision
   */
  decide(card, decision) {
    this.decideAll([[card, decision]]);
  }

  /**
   * Decide on many samples in one step; a comment takes the place of the one that is there.
   * @param {[card: Pick<Card, "index">, decision: Decision, comment?: string][]} rows
   */
  decideAll(rows) {
    const before = rows.map(([card, , comment]) => this.#before(card.index, comment !== undefined));
    this.#past = [...this.#past.slice(1 - MOST_STEPS), before];
    for (const [card, decision, comment] of rows) this.#set(card.index, decision, comment);
    this.#write();
  }

  /**
   * Note why; nothing where there is nothing to say.
   * @param {Pick<Card, "index">} card
   * @param {string} comment
   */
  comment(card, comment) {
    this.#note(card.index, comment);
    this.#write();
  }

  /** Take the last decision back, or all that one file brought; return the samples' indices. */
  undo() {
    const last = this.#past.pop() ?? [];
    for (const [index, decision, comment] of last) this.#set(index, decision, comment);
    this.#write();
    return last.map(([index]) => index);
  }

  forget() {
    this.#made.clear();
    this.#comments.clear();
    this.#past = [];
    this.#write();
  }

  /** Read what this browser keeps, as another tab may have written it. */
  read() {
    try {
      /** @type {Kept|[number, Decision][]} */
      const found = JSON.parse(localStorage.getItem(this.#key) ?? "{}");
      // Pages of earlier releases kept the decisions alone.
      const { made, comments, past } = Array.isArray(found) ? { made: found } : found;
      this.#made = new Map(made);
      this.#comments = new Map(comments);
      this.#past = past ?? [];
    } catch {
      this.kept = false;
    }
  }

  /**
   * @param {number} index
   * @param {boolean} withComment
   * @returns {Before}
   */
  #before(index, withComment) {
    const decision = this.#made.get(index) ?? null;
    return withComment ? [index, decision, this.#comments.get(index) ?? ""] : [index, decision];
  }

  /**
   * @param {number} index
   * @param {Decision|null} decision
   * @param {string} [comment]
   */
  #set(index, decision, comment) {
    if (decision) this.#made.set(index, decision);
    else this.#made.delete(index);
    if (comment !== undefined) this.#note(index, comment);
  }

  /**
   * @param {number} index
   * @param {string} comment
   */
  #note(index, comment) {
    if (comment.trim()) this.#comments.set(index, comment);
    else this.#comments.delete(index);
  }

  #write() {
    const kept = { made: [...this.#made], comments: [...this.#comments], past: this.#past };
    try {
      localStorage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      this.kept = false;
    }
  }
}
