// Which samples are asked for.

import { as, field } from "../../frame/js/elements.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Review } from "./review.js"
 */

/**
 * What the filter form asks for, as its fields hold it: "" asks for any.
 * @typedef {object} Wish
 * @property {string} given the number of a class
 * @property {string} suggested the number of a class
 * @property {string} decision an action, or "open"
 * @property {string} low
 * @property {string} high
 * @property {string} id
 * @property {boolean} flagged whether the flagged only
 */

/**
 * @param {HTMLFormElement} form
 * @returns {Wish}
 */
export const wishOf = (form) => ({
  given: field(form, "given").value,
  suggested: field(form, "suggested").value,
  decision: field(form, "decision").value,
  low: field(form, "low").value,
  high: field(form, "high").value,
  id: field(form, "id").value,
  flagged: as(HTMLInputElement, field(form, "flagged")).checked,
});

/**
 * A test of cards: whether one is what is asked for.
 * @param {Wish} wish
 * @param {Pick<Review["decisions"], "of">} decisions
 * @returns {(card: Card) => boolean}
 */
export function asked(wish, decisions) {
  const low = wish.low === "" ? -Infinity : Number(wish.low);
  const high = wish.high === "" ? Infinity : Number(wish.high);
  const id = wish.id.trim().toLowerCase();
  return (card) =>
    (wish.given === "" || card.given === Number(wish.given)) &&
    (wish.suggested === "" || card.suggested === Number(wish.suggested)) &&
    (!wish.flagged || card.flagged) &&
    (card.score === null || (card.score >= low && card.score <= high)) &&
    (id === "" || (card.id ?? "").toLowerCase().includes(id)) &&
    (wish.decision === "" || (decisions.of(card)?.action ?? "open") === wish.decision);
}
