// The review: which samples there are, which of them are asked for, which one is on the desk.

import { $, STEP, as } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { byRank, cardsOf } from "./cards.js";
import { readOrders, valueOf, valueSays, within } from "./columns.js";
import { Decisions } from "./decisions.js";
import { deskIsBeside, drawDesk } from "./desk.js";
import { asked, drawBounds, found, wishOf } from "./filters.js";
import { drawGallery } from "./gallery.js";
import { drawTally } from "./tally.js";
import { drawTwins } from "./twins.js";
import { rememberView } from "./view.js";
import { inBrief, inWords, say } from "./words.js";

/**
 * @import { Pictures } from "../../frame/js/pictures.js"
 * @import { Card, ReviewData } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 */

/** @typedef {"worst"|"sets"|"odd"|"random"} Mode */

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
  says = { worst: "", sets: "", odd: "", random: "" };
  /** How many of what is asked for have no value in the column that is chosen. */
  lacking = 0;
  orders = readOrders();
  #shown = STEP;

  /**
   * @param {ReviewData} data
   * @param {string} key
   * @param {HTMLElement[]} nodes the cards of the samples
   * @param {Pictures} pictures
   */
  constructor(data, key, nodes, pictures) {
    this.data = data;
    this.key = key;
    this.decisions = new Decisions(key);
    this.pictures = pictures;
    this.cards = cardsOf(data, nodes);
    this.byNode = new Map(nodes.map((node, index) => [node, this.cards[index]]));
    /** @type {Record<Mode, Card[]>} */
    this.pools = {
      worst: byRank(this.cards.filter((card) => card.flagged || data.reviewer || card.index < data.worst)),
      sets: byRank(this.cards.filter((card) => card.set >= 0)).sort((a, b) => a.set - b.set),
      odd: data.odd.map((index) => this.cards[index]),
      random: data.drawn.map((index) => this.cards[index]),
    };
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
    return this.pools[this.mode];
  }

  /**
   * The card that a piece of the page stands for.
   * @param {HTMLElement} node
   */
  cardAt(node) {
    return this.byNode.get(node) ?? this.cards[Number(node.dataset.at)] ?? null;
  }

  /** The other samples of the same set of near-duplicates whose labels differ. */
  mates(/** @type {Card} */ card) {
    return card.set < 0 ? [] : this.pools.sets.filter((other) => other.set === card.set && other !== card);
  }

  /** What of the queue is open and would get another label if all that is suggested were accepted. */
  get acceptable() {
    return this.queue.filter(
      (card) =>
        !this.decisions.of(card) && card.suggested !== card.given && card.id !== null &&
        this.label(card.given) !== null && this.label(card.suggested) !== null,
    );
  }

  /** Change all that the filters ask for to what is suggested; one undo takes it back. */
  acceptAll() {
    const cards = this.acceptable;
    const at = new Date().toISOString();
    /** @type {[Card, Decision][]} */
    const pairs = cards.map((card) => [card, { action: "relabel", label: this.label(card.suggested) ?? "", at }]);
    this.decisions.decideAll(pairs);
    this.filter();
    say(`${count(cards.length)} changed to what is suggested; Undo takes all of them back.`);
  }

  /** Ask anew which cards fit; keep the current one where it still does. */
  filter() {
    ({ queue: this.queue, lacking: this.lacking } = found(this.pool, this.wish, this.decisions, this.orders));
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
    this.decisions.decide(card, { ...intent, at: new Date().toISOString() });
    const next = this.#firstOpen(after);
    const fits = this.#fits();
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
    drawBounds(this);
    drawTally(this);
    drawTwins(this);
    rememberView(this);
  }

  /** What the filters ask for. */
  get wish() {
    return wishOf(as(HTMLFormElement, $("filters")));
  }

  /** What says a card's value in the column that is chosen. */
  valueSays() {
    const { by } = this.wish;
    const value = valueOf(this.orders, by);
    return (/** @type {Card} */ card) => valueSays(by, value(card));
  }

  /** @returns {(card: Card) => boolean} */
  #fits() {
    const wish = this.wish;
    const [others, bounds] = [asked(wish, this.decisions, this.orders), within(wish, valueOf(this.orders, wish.by))];
    return (card) => others(card) && bounds(card);
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
