// Which of the relabelled samples are asked for.

import { $, as, field, find, offerClasses, target } from "../../frame/js/elements.js";
import { count, samples } from "../../frame/js/numbers.js";

/** @import { Shelf } from "./shelf.js" */

/**
 * What is known of a card, and what is asked for: "" asks for any.
 * @typedef {{verdict: string, from: string, to: string, id: string}} Facts
 */

/**
 * A test of cards: whether one is what the form and the pressed verdict ask for.
 * @param {Facts} wish
 * @returns {(card: Facts) => boolean}
 */
export function asked(wish) {
  const id = wish.id.trim().toLowerCase();
  return (card) =>
    (wish.verdict === "" || card.verdict === wish.verdict) &&
    (wish.from === "" || card.from === wish.from) &&
    (wish.to === "" || card.to === wish.to) &&
    (id === "" || card.id.toLowerCase().includes(id));
}

/**
 * @param {HTMLFormElement} form
 * @returns {Facts}
 */
const wishOf = (form) => ({
  verdict: find(form, ".modes [aria-pressed=true]").dataset.verdict ?? "",
  from: field(form, "from").value,
  to: field(form, "to").value,
  id: field(form, "id").value,
});

/**
 * @param {HTMLElement} card
 * @param {string} part
 */
const text = (card, part) => find(card, part).textContent ?? "";

/**
 * @param {HTMLElement} card
 * @returns {Facts}
 */
const factsOf = (card) => ({
  verdict: card.dataset.verdict ?? "",
  from: text(card, ".from"),
  to: text(card, ".to"),
  id: text(card, ".id"),
});

/**
 * @param {HTMLFormElement} form
 * @param {Element|null} pressed
 */
function press(form, pressed) {
  for (const button of form.querySelectorAll(".modes button")) {
    button.setAttribute("aria-pressed", String(button === pressed));
  }
}

/**
 * Let the form decide which cards are on the shelf.
 * @param {HTMLFormElement} form
 * @param {Shelf} shelf
 * @param {() => void} redraw
 */
export function listenToFilters(form, shelf, redraw) {
  const total = shelf.cards.length;
  const refilter = () => {
    const fits = asked(wishOf(form));
    const n = shelf.ask((card) => fits(factsOf(card)));
    $("status").textContent = n === total ? samples(total) : `${count(n)} of ${samples(total)}`;
    $("nothing").hidden = n > 0;
    redraw();
  };
  for (const side of ["from", "to"]) {
    const select = as(HTMLSelectElement, field(form, side));
    offerClasses(select, shelf.cards.map((card) => text(card, `.${side}`)), String);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", refilter);
  form.addEventListener("click", (event) => {
    const button = target(event).closest(".modes button");
    if (!button) return;
    press(form, button);
    refilter();
  });
  form.addEventListener("reset", () => {
    press(form, form.querySelector(".modes button"));
    setTimeout(refilter);
  });
  refilter();
}
