// What is looked at, kept in this browser: a reload goes on where one was.

import { $, as, field } from "../../frame/js/elements.js";
import { FIELDS } from "./filters.js";

/**
 * @import { Mode, Review } from "./review.js"
 */

/**
 * @typedef {object} View
 * @property {Mode} mode
 * @property {Record<string, string|boolean>} fields of the filter form
 * @property {number|null} current the card on the desk
 */

/** @param {Pick<Review, "key">} review */
const keyOf = (review) => `cgaudit:${review.key}:view`;

/**
 * Keep what is looked at now.
 * @param {Review} review
 */
export function rememberView(review) {
  const form = as(HTMLFormElement, $("filters"));
  /** @type {View} */
  const view = {
    mode: review.mode,
    fields: {
      ...Object.fromEntries(FIELDS.map((name) => [name, field(form, name).value])),
      flagged: as(HTMLInputElement, field(form, "flagged")).checked,
    },
    current: review.current?.index ?? null,
  };
  try {
    localStorage.setItem(keyOf(review), JSON.stringify(view));
  } catch {
    // Where nothing is kept, nothing is lost either.
  }
}

/**
 * Take up what was looked at before; return the mode.
 * @param {Review} review
 * @returns {Mode}
 */
export function restoreView(review) {
  const view = viewOf(review);
  if (!view) return "worst";
  const form = as(HTMLFormElement, $("filters"));
  for (const name of FIELDS) {
    const kept = view.fields?.[name];
    if (typeof kept !== "string") continue;
    const place = field(form, name);
    // A column may be gone since: a select without that choice would be left with none.
    if (place instanceof HTMLSelectElement && !Array.from(place.options).some(({ value }) => value === kept)) continue;
    place.value = kept;
  }
  as(HTMLInputElement, field(form, "flagged")).checked = view.fields?.flagged === true;
  review.current = review.cards[view.current ?? -1] ?? null;
  return Object.hasOwn(review.pools, view.mode) && review.pools[view.mode].length ? view.mode : "worst";
}

/**
 * @param {Pick<Review, "key">} review
 * @returns {View|null}
 */
function viewOf(review) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(review)) ?? "null");
  } catch {
    return null;
  }
}
