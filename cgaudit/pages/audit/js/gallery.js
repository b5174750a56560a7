// The gallery of the samples that are asked for.

import { $, as, find, make } from "../../frame/js/elements.js";
import { count, samples } from "../../frame/js/numbers.js";
import { inWords } from "./words.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/**
 * Show cards in the gallery: what they were decided to be, and which one is on the desk.
 * @param {Review} review
 * @param {Card[]} cards
 */
export function drawGallery(review, cards) {
  const gallery = $("gallery");
  const nodes = cards.map((card) => card.node);
  const there = gallery.children;
  if (nodes.length !== there.length || nodes.some((node, at) => node !== there[at])) {
    gallery.replaceChildren(...nodes);
  }
  review.pictures.fill(nodes);
  for (const card of cards) markCard(card, review.decisions.of(card), card === review.current);
  $("nothing").hidden = review.queue.length > 0;
  $("more").hidden = review.queue.length <= cards.length;
  const pool = review.pool.length;
  $("status").textContent =
    review.queue.length === pool ? samples(pool) : `${count(review.queue.length)} of ${samples(pool)}`;
}

/**
 * Give a card its button, its decision and its frame.
 * @param {Card} card
 * @param {Decision|undefined} decision
 * @param {boolean} current
 */
function markCard({ node }, decision, current) {
  const button = node.querySelector(".open") ?? addButton(node);
  node.dataset.decision = decision?.action ?? "";
  const stamp = as(HTMLElement, node.lastElementChild);
  const says = decision ? inWords(decision) : "";
  if (stamp.textContent !== says) stamp.textContent = says;
  if (current) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

/**
 * Give a card the button that puts it on the desk, and a place for what is decided.
 * @param {HTMLElement} node
 */
function addButton(node) {
  const label = `Put sample ${find(node, ".id b").textContent} on the desk`;
  const button = make("button", { type: "button", className: "open", "aria-label": label });
  node.append(button, make("p", { className: "stamp" }));
  return button;
}
