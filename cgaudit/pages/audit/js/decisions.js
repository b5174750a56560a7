// What was decided, kept in this browser.

/** @import { Card } from "./cards.js" */

/**
 * What was decided, and when.
 * @typedef {({action: "relabel", label: string}|{action: "keep"|"drop"|"skip"}) & {at?: string}} Decision
 */

/** The decisions on this report, kept in this browser under the report's key. */
export class Decisions {
  /** @type {Map<number, Decision>} */
  #made = new Map();
  /** @type {[number, Decision|undefined][][]} */
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

  get size() {
    return this.#made.size;
  }

  /**
   * @param {Pick<Card, "index">} card
   * @param {Decision} decision
   */
  decide(card, decision) {
    this.decideAll([[card, decision]]);
  }

  /** @param {[Pick<Card, "index">, Decision][]} pairs */
  decideAll(pairs) {
    this.#past.push(pairs.map(([card]) => [card.index, this.#made.get(card.index)]));
    for (const [card, decision] of pairs) this.#set(card.index, decision);
    this.#write();
  }

  /** Take the last decision back, or all that one file brought; return the samples' indices. */
  undo() {
    const last = this.#past.pop() ?? [];
    for (const [index, decision] of last) this.#set(index, decision);
    this.#write();
    return last.map(([index]) => index);
  }

  forget() {
    this.#made.clear();
    this.#past = [];
    this.#write();
  }

  /** Read what this browser keeps, as another tab may have written it. */
  read() {
    try {
      /** @type {[number, Decision][]} */
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      this.#made = new Map(kept);
    } catch {
      this.kept = false;
    }
  }

  /**
   * @param {number} index
   * @param {Decision|undefined} decision
   */
  #set(index, decision) {
    if (decision) this.#made.set(index, decision);
    else this.#made.delete(index);
  }

  #write() {
    try {
      localStorage.setItem(this.#key, JSON.stringify([...this.#made]));
    } catch {
      this.kept = false;
    }
  }
}
