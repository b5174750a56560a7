// The gallery of the samples that are asked for.

import { $, as, find, make } from "../../frame/js/elements.js";
import { count, samples } from "../../frame/js/numbers.js";
import { orderSays } from "./columns.js";
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
  const says = review.valueSays();
  for (const card of cards) {
    markCard(card, review.decisions.of(card), card === review.current);
    sayColumn(card.node, says(card), ".id");
  }
  $("nothing").hidden = review.queue.length > 0;
  $("more").hidden = review.queue.length <= cards.length;
  const pool = review.pool.length;
  const shown = review.queue.length === pool ? samples(pool) : `${count(review.queue.length)} of ${samples(pool)}`;
  $("status").textContent = shown + orderSays(review.wish, review.lacking);
}

/**
 * Say a sample's value in the chosen column among its other figures.
 * @param {HTMLElement} place
 * @param {string} says nothing where no column is chosen
 * @param {string} [before] what it stands before; the end where that is not there
 */
export function sayColumn(place, says, before = ".none-of-these") {
  const there = place.querySelector(":scope > .column-says");
  if (!says) return there?.remove();
  const line = there ?? make("p", { className: "column-says" });
  line.textContent = says;
  if (!there) place.insertBefore(line, place.querySelector(`:scope > ${before}`));
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
