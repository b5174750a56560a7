// The page where a sample may have several labels. It says everything without this script; with it
// labels are turned on and off, and what is toggled is decided on as a whole.

import "../../frame/js/mark.js";
import { $, as, field, make, offerClasses, picture } from "../../frame/js/elements.js";
import { count, percent, score } from "../../frame/js/numbers.js";
import { Pictures } from "../../frame/js/pictures.js";
import { begin, saysOf } from "./begin.js";
import { labelsIn } from "./labelset.js";
import { Review } from "./review.js";
import { decidedLabels, drawToggles, listenToToggles } from "./toggles.js";

/** @import { Card, ReviewData } from "./cards.js" */

/**
 * What the page carries besides, where a sample may have several labels.
 * @typedef {object} SeveralData
 * @property {(string|null)[]} names the labels to choose from; null where too long for this page
 * @property {[number, number][][]} chances of each sample: labels by number, and how probable each is
 */

/** The filters by one label: which labels of a card each looks at. */
const SIDES = ["has", "missing", "extra"];

export class SeveralReview extends Review {
  /** @type {Set<string>} what is on, of the sample on the desk */
  toggled = new Set();
  /** @type {number|null} the sample that is toggled */
  #toggling = null;

  /**
   * @param {ReviewData & SeveralData} data
   * @param {string} key
   * @param {HTMLElement[]} nodes
   * @param {Pictures} pictures
   */
  constructor(data, key, nodes, pictures) {
    super(data, key, nodes, pictures);
    this.several = data;
    // A digit is the place of a label in the list, whatever labels are called.
    this.namesAreDigits = false;
  }

  /** The labels to choose from. */
  get names() {
    return this.several.names.filter((name) => name !== null);
  }

  /** @param {Pick<Card, "given">} card */
  given(card) {
    return labelsIn(this.label(card.given));
  }

  /** @param {Pick<Card, "suggested">} card */
  suggested(card) {
    return labelsIn(this.label(card.suggested));
  }

  /**
   * How probable some labels are, by their names.
   * @param {Pick<Card, "index">} card
   * @returns {Map<string, number>}
   */
  chances(card) {
    /** @type {Map<string, number>} */
    const found = new Map();
    for (const [number, odds] of this.several.chances[card.index]) {
      const name = this.several.names[number];
      if (name !== null) found.set(name, odds);
    }
    return found;
  }

  /**
   * The labels of a card that a filter looks at.
   * @param {Card} card
   * @param {string} side
   */
  side(card, side) {
    const [given, suggested] = [this.given(card), this.suggested(card)];
    if (side === "missing") return suggested.filter((name) => !given.includes(name));
    return side === "extra" ? given.filter((name) => !suggested.includes(name)) : given;
  }

  /**
   * The cards of this mode that have the labels that are asked for.
   * @override
   */
  get pool() {
    const form = as(HTMLFormElement, $("filters"));
    const wishes = SIDES.map((side) => [side, field(form, side).value]).filter(([, name]) => name !== "");
    return super.pool.filter((card) => wishes.every(([side, name]) => this.side(card, side).includes(name)));
  }

  /** @override */
  draw() {
    if (this.current && this.current.index !== this.#toggling) {
      this.toggled = new Set(decidedLabels(this, this.current));
    }
    this.#toggling = this.current?.index ?? null;
    super.draw();
    drawToggles(this);
  }
}

/**
 * Make the card of a sample that the page carries none of.
 * @param {SeveralReview} review
 * @param {Card} card
 * @param {number} at its place among those without a card
 */
function severalCard(review, card, at) {
  const [text, thumbnail] = review.data.rest[at];
  const node = make("li", { className: card.flagged ? "" : "fine", "data-at": String(card.index) });
  if (thumbnail !== null) node.append(picture(thumbnail, `Picture of sample ${card.rank}`));
  else if (text === null) node.append(make("p", { className: "pic none" }, "no picture"));
  if (text !== null) node.append(make("blockquote", { dir: "auto" }, text));
  const [extra, missing, chances] = [review.side(card, "extra"), review.side(card, "missing"), review.chances(card)];
  const chip = (/** @type {string} */ name) => {
    const mark = missing.includes(name) ? "missing" : extra.includes(name) ? "extra" : "";
    const sign = mark === "missing" ? "+" : mark === "extra" ? "−" : "";
    const made = make("span", { className: `chip ${mark}` }, sign, make("bdi", {}, name));
    const odds = chances.get(name);
    if (mark && odds !== undefined) made.append(" ", make("span", { className: "soft" }, percent(odds)));
    return made;
  };
  const chips = [...review.given(card), ...missing].map(chip);
  const none = make("span", { className: "soft" }, "no label");
  const facts = make("dl", {}, make("dt", {}, "label_score"), make("dd", {}, score(card.score)));
  const id = make("p", { className: "id" }, make("b", {}, count(card.rank)), " ");
  id.append(make("bdi", {}, card.id ?? "(an id too long for this page)"));
  node.append(make("p", { className: "change several" }, ...(chips.length ? chips : [none])), facts, id);
  return node;
}

/**
 * Give the samples without a card in the page one when it is asked for.
 * @param {SeveralReview} review
 * @param {number} shown how many have one
 */
function makeCards(review, shown) {
  for (const card of review.cards.slice(shown)) {
    /** @type {HTMLElement|undefined} */
    let node;
    Object.defineProperty(card, "node", { get: () => (node ??= severalCard(review, card, card.index - shown)) });
  }
}

begin((data, key, nodes, pictures) => {
  const review = new SeveralReview(data, key, nodes, pictures);
  makeCards(review, nodes.length);
  review.says = saysOf("samples with nearly the same features whose labels differ.");
  for (const side of SIDES) {
    const select = as(HTMLSelectElement, field(as(HTMLFormElement, $("filters")), side));
    offerClasses(select, review.cards.flatMap((card) => review.side(card, side)), (name) => name);
  }
  listenToToggles(review);
  return review;
});
