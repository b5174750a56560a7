// The confused pairs, as buttons that filter the gallery.

import { $, all, as, field, find, make } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";

/** @import { Review } from "./review.js" */

/**
 * A given and a suggested class, by their numbers as the page holds them.
 * @typedef {{g: string, p: string}} Pair
 */

/**
 * Make the cells of the heat map and the ranked pairs buttons.
 * @param {(pair: Pair|null) => void} choose
 */
export function offerPairs(choose) {
  const heads = document.querySelectorAll(".heatmap thead th bdi");
  for (const cell of all(HTMLTableCellElement, ".heatmap td[data-g]")) {
    const given = find(as(HTMLElement, cell.parentElement), "th bdi").textContent;
    const suggested = heads[cell.cellIndex - 1].textContent;
    const button = offerPair(cell, choose);
    button.title = `${given} → ${suggested}: ${cell.title}`;
    button.setAttribute("aria-label", `${given}, suggested ${suggested}: ${cell.title}`);
    cell.removeAttribute("title");
  }
  for (const item of all(HTMLElement, ".ranking li")) offerPair(item, choose);
}

/**
 * @param {HTMLElement} place
 * @param {(pair: Pair|null) => void} choose
 */
function offerPair(place, choose) {
  const { g = "", p = "" } = place.dataset;
  const button = make("button", { type: "button", className: "pick" });
  button.append(...place.childNodes);
  place.append(button);
  button.addEventListener("click", () => {
    choose(button.getAttribute("aria-pressed") === "true" ? null : { g, p });
  });
  return button;
}

/**
 * How much of a pair is shown.
 * @param {string} n flagged samples of the pair, as the page writes them
 * @param {number} shown
 */
export const pairSays = (n, shown) =>
  `, ${n} flagged in all of this pair${count(shown) === n ? "" : "; the scores table has the others"}`;

/**
 * Press the buttons of the pair that the filters name, and say how much of it is shown.
 * @param {Review} review
 */
export function markPairs(review) {
  const form = as(HTMLFormElement, $("filters"));
  const [given, suggested] = [field(form, "given").value, field(form, "suggested").value];
  const flagged = as(HTMLInputElement, field(form, "flagged")).checked;
  let says = "";
  for (const button of all(HTMLButtonElement, "button.pick")) {
    const { g, p, n = "" } = as(HTMLElement, button.parentElement).dataset;
    const chosen = flagged && g === given && p === suggested;
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) says = pairSays(n, review.queue.length);
  }
  $("pair").textContent = review.mode === "worst" ? says : "";
}
