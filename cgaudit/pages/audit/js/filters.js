// Which samples are asked for, and in which order.

import { $, as, field } from "../../frame/js/elements.js";
import { hasBounds, inOrder, range, short, valueOf, within } from "./columns.js";

/**
 * @import { Card } from "./cards.js"
 * @import { OrderData } from "./columns.js"
 * @import { Review } from "./review.js"
 */

/**
 * What the filter form asks for, as its fields hold it: "" asks for any.
 * @typedef {object} Wish
 * @property {string} given the number of a class
 * @property {string} suggested the number of a class
 * @property {string} decision an action, or "open"
 * @property {string} split the number of a split
 * @property {string} by the column that bounds and sorts, "" for label_score
 * @property {string} low
 * @property {string} high
 * @property {string} order "up", "down", or "" for the rank
 * @property {string} id
 * @property {boolean} flagged whether the flagged only
 */

/** The fields that hold a text. */
export const FIELDS = /** @type {const} */ (["given", "suggested", "decision", "split", "by", "low", "high", "order", "id"]);

/**
 * @param {HTMLFormElement} form
 * @returns {Wish}
 */
export const wishOf = (form) => ({
  .../** @type {Record<typeof FIELDS[number], string>} */ (
    Object.fromEntries(FIELDS.map((name) => [name, field(form, name).value]))
  ),
  flagged: as(HTMLInputElement, field(form, "flagged")).checked,
});

/**
 * A test of cards: whether one is what is asked for, whatever its value in the chosen column.
 * @param {Wish} wish
 * @param {Pick<Review["decisions"], "of">} decisions
 * @param {Pick<OrderData, "split">} data
 * @returns {(card: Card) => boolean}
 */
export function asked(wish, decisions, data) {
  const id = wish.id.trim().toLowerCase();
  return (card) =>
    (wish.given === "" || card.given === Number(wish.given)) &&
    (wish.suggested === "" || card.suggested === Number(wish.suggested)) &&
    (wish.split === "" || data.split[card.index] === Number(wish.split)) &&
    (!wish.flagged || card.flagged) &&
    (id === "" || (card.id ?? "").toLowerCase().includes(id)) &&
    (wish.decision === "" || (decisions.of(card)?.action ?? "open") === wish.decision);
}

/**
 * What is asked for of cards, in the order that is asked for, and how many of what the other fields
 * ask for have no value in the chosen column.
 * @param {Card[]} cards
 * @param {Wish} wish
 * @param {Pick<Review["decisions"], "of">} decisions
 * @param {Pick<OrderData, "columns"|"split">} data
 */
export function found(cards, wish, decisions, data) {
  const value = valueOf(data, wish.by);
  const fitting = cards.filter(asked(wish, decisions, data));
  const lacking = wish.by === "id" ? 0 : fitting.filter((card) => value(card) === null).length;
  return { queue: inOrder(fitting.filter(within(wish, value)), wish, value), lacking };
}

/**
 * Say between what the chosen column lies, where bounds are typed; nothing bounds a name.
 * @param {Review} review
 */
export function drawBounds(review) {
  const form = as(HTMLFormElement, $("filters"));
  const by = field(form, "by").value;
  const lies = hasBounds(by) ? range(review.pool, valueOf(review.orders, by)) : null;
  for (const [at, name] of ["low", "high"].entries()) {
    const input = as(HTMLInputElement, field(form, name));
    input.disabled = !hasBounds(by);
    // The scale of label_score is known; what is on this page would be taken for it.
    input.placeholder = by === "" ? String(at) : lies ? short(lies[at]) : "";
  }
}

/**
 * Sort by a column that was chosen: from the end to look at first, in whichever order it has then.
 * @param {Review} review
 */
export function sortByChosen(review) {
  const form = as(HTMLFormElement, $("filters"));
  const by = field(form, "by").value;
  const high = Object.hasOwn(review.orders.columns, by) && review.orders.columns[by].high;
  field(form, "order").value = by === "" ? "" : high ? "down" : "up";
  // Bounds of one column are none of another.
  for (const name of ["low", "high"]) field(form, name).value = "";
}
