// The review: which samples there are, which of them are asked for, which one is on the desk.

import { $, STEP, as } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { cardsOf } from "./cards.js";
import { Decisions } from "./decisions.js";
import { deskIsBeside, drawDesk } from "./desk.js";
import { asked, wishOf } from "./filters.js";
import { drawGallery } from "./gallery.js";
import { drawTally } from "./tally.js";
import { inBrief, inWords, say } from "./words.js";

/**
 * @import { Pictures } from "../../frame/js/pictures.js"
 * @import { Card, ReviewData } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 */

/** @typedef {"worst"|"random"} Mode */

/**
 * What a button or key asks to decide; the label to change to may be too long for this page.
 * @typedef {Decision|{action: "relabel", label: string|null}} Intent
 */

/**
 * @param {Intent} intent
 * @returns {intent is Decision}
 */
const isDecision = (intent) => intent.action !== "relabel" || intent.label !== null;

export class Review {
  /** @type {Card[]} what the filters ask for, in order */
  queue = [];
  /** @type {Card|null} */
  current = null;
  /** @type {Mode} */
  mode = "worst";
  /** @type {Record<Mode, string>} what stands above the samples */
  says = { worst: "", random: "" };
  #shown = STEP;

  /**
   * @param {ReviewData} data
   * @param {string} key
   * @param {HTMLElement[]} nodes the cards of the samples
   * @param {Pictures} pictures
   */
  constructor(data, key, nodes, pictures) {
    this.data = data;
    this.decisions = new Decisions(key);
    this.pictures = pictures;
    this.cards = cardsOf(data, nodes);
    this.byNode = new Map(this.cards.map((card) => [card.node, card]));
    /** Where classes are called 0 to 9, the key of a digit means that class, not a place in a list. */
    this.namesAreDigits = Object.values(data.labels).some((label) => /^\d$/.test(label ?? ""));
  }

  /**
   * The label of a class as it is in the data; null where it is too long for this page.
   * @param {number} code
   */
  label(code) {
    return this.data.labels[code] ?? null;
  }

  /** The cards of this mode, in its order. */
  get pool() {
    if (this.mode === "worst") return this.cards.slice(0, this.data.worst);
    return this.data.drawn.map((index) => this.cards[index]);
  }

  /** Ask anew which cards fit; keep the current one where it still does. */
  filter() {
    this.queue = this.pool.filter(this.#asked());
    this.#shown = STEP;
    if (!this.current || !this.queue.includes(this.current)) {
      // Whoever filters wants to see what is found, decided or not.
      const sought = this.queue.length < this.pool.length ? (this.queue[0] ?? null) : null;
      this.current = this.#firstOpen(0) ?? sought;
    }
    this.draw();
  }

  /**
   * Put a card on the desk.
   * @param {Card|null} card
   */
  open(card, { follow = true } = {}) {
    this.current = card;
    while (card && this.queue.indexOf(card) >= this.#shown) this.#shown += STEP;
    this.draw();
    if (card && follow && deskIsBeside()) card.node.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} by */
  step(by) {
    const from = this.current ? this.queue.indexOf(this.current) : this.queue.length;
    const at = from + by;
    if (at >= 0 && at < this.queue.length) this.open(this.queue[at]);
  }

  showMore() {
    this.#shown += STEP;
    this.draw();
  }

  /**
   * Decide on the current sample and go on to the next open one.
   * @param {Intent} intent
   */
  decide(intent) {
    const card = this.current;
    if (!card || !this.#decidable(card) || !isDecision(intent)) return;
    const after = this.queue.indexOf(card) + 1;
    this.decisions.decide(card, intent);
    const next = this.#firstOpen(after);
    const fits = this.#asked();
    this.queue = this.queue.filter((other) => other !== card || fits(other));
    // Where none is open the desk stays empty: another key must not decide again on a decided one.
    this.open(next);
    say(`${card.id}: ${inWords(intent)}.`, next ? inBrief(this, next) : "No sample is left to decide.");
  }

  undo() {
    const undone = this.decisions.undo();
    if (!undone.length) return say("There is nothing to undo.");
    const card = this.cards[undone[0]];
    say(undone.length === 1 ? `${card.id}: taken back.` : `${count(undone.length)} decisions taken back.`);
    if (!this.queue.includes(card)) this.filter();
    if (this.queue.includes(card)) this.open(card);
    else this.draw();
  }

  draw() {
    drawGallery(this, this.queue.slice(0, this.#shown));
    drawDesk(this);
    drawTally(this);
  }

  #asked() {
    return asked(wishOf(as(HTMLFormElement, $("filters"))), this.decisions);
  }

  /** @param {number} from */
  #firstOpen(from) {
    const open = (/** @type {Card} */ card) => !this.decisions.of(card);
    return this.queue.slice(from).find(open) ?? this.queue.find(open) ?? null;
  }

  /**
   * A decision needs the exact id and labels.
   * @param {Card} card
   */
  #decidable(card) {
    if (card.id !== null && this.label(card.given) !== null) return true;
    say("This sample's id or label is too long to be decided on here.");
    return false;
  }
}
