// The near-duplicates whose labels differ, where the page shows them: each can be decided on.

import { all, find, make } from "../../frame/js/elements.js";
import { inWords } from "./words.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Review } from "./review.js"
 */

/**
 * Give each of them a button that puts it on the desk.
 * @param {(card: Card) => void} open
 * @param {Review} review
 */
export function offerTwins(review, open) {
  for (const node of all(HTMLElement, ".twins > li[data-at]")) {
    const card = review.cards[Number(node.dataset.at)];
    if (!card) continue;
    const label = `Decide on ${find(node, ".id bdi").textContent}`;
    const button = make("button", { type: "button", className: "open", "aria-label": label });
    button.addEventListener("click", () => open(card));
    node.append(button, make("p", { className: "stamp" }));
  }
}

/**
 * Give each odd sample that can be decided on a button that puts it on the desk.
 * @param {Review} review
 * @param {(card: Card) => void} open
 */
export function offerOdd(review, open) {
  for (const node of all(HTMLElement, ".odd > li[data-at]")) {
    const card = review.cards[Number(node.dataset.at)];
    if (!card) continue;
    const button = make("button", { type: "button", className: "to-desk" }, "Open on the desk");
    button.setAttribute("aria-label", `Open on the desk: ${find(node, ".id bdi").textContent}`);
    button.addEventListener("click", () => open(card));
    node.append(button);
  }
}

/**
 * Say on each what was decided.
 * @param {Review} review
 */
export function drawTwins(review) {
  for (const node of all(HTMLElement, ".twins > li[data-at]:has(.open)")) {
    const card = review.cards[Number(node.dataset.at)];
    const decision = review.decisions.of(card);
    node.dataset.decision = decision?.action ?? "";
    find(node, ".stamp").textContent = decision ? inWords(decision) : "";
  }
}
