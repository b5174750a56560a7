// The columns of the tables by which samples are sorted and filtered, beside their rank.

import { $ } from "../../frame/js/elements.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Wish } from "./filters.js"
 */

/**
 * @typedef {object} Column
 * @property {(number|null)[]} values one a sample, in the order of the review's data
 * @property {boolean} high whether the high values are those to look at first
 */

/**
 * What the page carries for sorting and for the map, as Python's `orders_of` and `points_of` lay it in.
 * @typedef {object} OrderData
 * @property {Record<string, Column>} columns by name
 * @property {number[]} split the number of each sample's split, -1 for none; empty where all share one
 * @property {string} [steps] a path with a step to each point of the map
 * @property {(number|string|null)[]} [points] of each the place of its sample, else its id
 */

/**
 * A number of each card, null where it has none.
 * @typedef {(card: Card) => number|null} Value
 */

/** What is known without a column, and sorts alone: classes are numbered in the order of their names. */
const BY_NAME = ["given_label", "predicted_label", "id"];

/** @returns {OrderData} */
export const readOrders = () => JSON.parse($("order-data").textContent ?? "");

/**
 * Whether a column has numbers that can lie between two others.
 * @param {string} by
 */
export const hasBounds = (by) => !BY_NAME.includes(by);

/**
 * @param {Pick<OrderData, "columns">} data
 * @param {string} by the name of a column, "" for label_score
 * @returns {Value}
 */
export function valueOf(data, by) {
  if (by === "") return (card) => card.score;
  if (by === "given_label") return (card) => card.given;
  if (by === "predicted_label") return (card) => card.suggested;
  const values = Object.hasOwn(data.columns, by) ? data.columns[by].values : [];
  return (card) => values[card.index] ?? null;
}

/**
 * A test of values: whether they lie within the bounds that are set; no value lies within any.
 * @param {Pick<Wish, "by"|"low"|"high">} wish
 * @param {Value} value
 * @returns {(card: Card) => boolean}
 */
export function within(wish, value) {
  if (!hasBounds(wish.by) || (wish.low === "" && wish.high === "")) return () => true;
  const low = wish.low === "" ? -Infinity : Number(wish.low);
  const high = wish.high === "" ? Infinity : Number(wish.high);
  return (card) => {
    const it = value(card);
    return it !== null && it >= low && it <= high;
  };
}

/**
 * The cards in the order that is asked for; those without a value last, whatever the order.
 * @param {Card[]} cards
 * @param {Pick<Wish, "by"|"order">} wish
 * @param {Value} value
 */
export function inOrder(cards, wish, value) {
  if (wish.order === "") return cards;
  const sign = wish.order === "down" ? -1 : 1;
  if (wish.by === "id") {
    return [...cards].sort((a, b) => sign * (a.id ?? "").localeCompare(b.id ?? "", undefined, { numeric: true }));
  }
  const known = cards.filter((card) => value(card) !== null);
  known.sort((a, b) => sign * ((value(a) ?? 0) - (value(b) ?? 0)));
  return [...known, ...cards.filter((card) => value(card) === null)];
}

/**
 * What a card's value in the chosen column is, in words; nothing where no column is chosen.
 * @param {string} by
 * @param {number|null} value
 */
export function valueSays(by, value) {
  if (by === "" || !hasBounds(by)) return "";
  return value === null ? `${by}: no value` : `${by} ${short(value)}`;
}

/**
 * How the samples are sorted, and how many have nothing to be sorted by; nothing where they are ranked.
 * @param {Pick<Wish, "by"|"order"|"low"|"high">} wish
 * @param {number} lacking
 */
export function orderSays(wish, lacking) {
  const sorted = wish.order === "" ? "" : `, by ${wish.by || "label_score"} ${{ up: "ascending", down: "descending" }[wish.order]}`;
  const bounded = hasBounds(wish.by) && (wish.low !== "" || wish.high !== "");
  if (!lacking || (wish.order === "" && !bounded)) return sorted;
  return `${sorted}; ${lacking} ${lacking === 1 ? "has" : "have"} no value${bounded ? " and are left out" : ""}`;
}

/** @param {number} value */
export const short = (value) => String(Number(value.toPrecision(4)));

/**
 * The lowest and the highest value of cards; nothing where none has one.
 * @param {Card[]} cards
 * @param {Value} value
 * @returns {[number, number]|null}
 */
export function range(cards, value) {
  const known = cards.map(value).filter((it) => it !== null);
  if (!known.length) return null;
  return known.reduce(([low, high], it) => [Math.min(low, it), Math.max(high, it)], [Infinity, -Infinity]);
}
