// What was done and what is there, in words.

import { $, make } from "../../frame/js/elements.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/** @param {Decision} decision */
export function inWords(decision) {
  if (decision.action === "relabel") return `changed to ${decision.label}`;
  return { keep: "kept", drop: "dropped", skip: "skipped" }[decision.action];
}

/**
 * What is on the desk, for those who do not see it.
 * @param {Pick<Review, "label"|"queue">} review
 * @param {Card} card
 */
export function inBrief(review, card) {
  const suggested = card.suggested === card.given ? "no better class" : `suggested ${review.label(card.suggested)}`;
  return `Next: ${review.queue.indexOf(card) + 1} of ${review.queue.length}, ${review.label(card.given)}, ${suggested}.`;
}

/**
 * Say what happened; a screen reader also hears the rest.
 * @param {string} words
 */
export const say = (words, rest = "") => $("said").replaceChildren(words, make("span", { className: "vh" }, ` ${rest}`));

/**
 * Say what became of a file, beside the buttons for files.
 * @param {string} words
 */
export const filed = (words) => void ($("filed").textContent = words);
