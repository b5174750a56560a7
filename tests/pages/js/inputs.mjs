// Cards, and a review of them, as the page's modules know them; without a page.

import { Decisions } from "../../../cgaudit/pages/audit/js/decisions.js";

/** What a browser keeps, in memory. */
export class Storage {
  #kept = new Map();

  getItem(key) {
    return this.#kept.get(key) ?? null;
  }

  setItem(key, value) {
    this.#kept.set(key, String(value));
  }
}

export function useStorage(storage) {
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true, writable: true });
}

export const card = (index, changes = {}) => ({
  index, id: `img/${index}.png`, hash: `h${index}`, given: 0, suggested: 1, flagged: true,
  score: 0.1, top: [1, 0], odds: [0.8, 0.1], rank: index + 1, set: -1, file: null, ...changes,
});

/** A review of cards, with what it takes for estimates and files. */
export function reviewOf(cards, { labels = { 0: "cat", 1: "dog" }, flagged = cards.length, labelled = 1000 } = {}) {
  useStorage(new Storage());
  return {
    cards,
    pool: cards,
    decisions: new Decisions("a report"),
    label: (code) => labels[code] ?? null,
    data: { worst: cards.length, labels, counts: { flagged, labelled } },
  };
}

/** Decide on the first cards, a letter each: r(elabel to dog), k(eep), d(rop), s(kip), - (open). */
export function decideAll(review, letters) {
  const decisions = {
    r: { action: "relabel", label: "dog" }, k: { action: "keep" }, d: { action: "drop" }, s: { action: "skip" },
  };
  Array.from(letters, (letter, at) => letter !== "-" && review.decisions.decide(review.cards[at], decisions[letter]));
}
