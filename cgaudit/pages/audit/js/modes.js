// What is shown in the gallery: the mode, the filters, and what is put on the desk from there.

import { $, as, field, make, target } from "../../frame/js/elements.js";
import { deskIsBeside } from "./desk.js";
import { markPairs } from "./pairs.js";

/**
 * @import { Pair } from "./pairs.js"
 * @import { Mode, Review } from "./review.js"
 */

/** @param {Review} review */
export function listenToGallery(review) {
  $("gallery").addEventListener("click", (event) => {
    const node = target(event).closest(".open")?.parentElement;
    const card = node && review.byNode.get(node);
    if (!card) return;
    review.open(card, { follow: false });
    if (!deskIsBeside()) $("desk").scrollIntoView({ block: "start" });
  });
  $("more").addEventListener("click", () => review.showMore());
}

/** @param {Review} review */
export function refilter(review) {
  review.filter();
  markPairs(review);
}

/**
 * Review the most suspicious samples, or those drawn at random.
 * @param {Review} review
 * @param {Mode} mode
 */
function setMode(review, mode) {
  review.mode = mode;
  review.current = null;
  for (const button of $("modes").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  $("samples-title").textContent = mode === "random" ? "A random sample" : "Most suspicious samples";
  $("samples-say").textContent = review.says[mode];
  refilter(review);
}

/**
 * Filter by a pair of classes, or by none; show the result unless a pair was taken back.
 * @param {Review} review
 * @param {Pair|null} pair
 */
export function choosePair(review, pair) {
  const form = as(HTMLFormElement, $("filters"));
  for (const [name, code] of Object.entries({ given: pair?.g, suggested: pair?.p })) {
    const select = as(HTMLSelectElement, field(form, name));
    // A pair may have no sample among those shown; the filter is to find none then.
    if (code !== undefined && !select.querySelector(`option[value="${code}"]`)) {
      select.append(make("option", { value: code }, review.label(Number(code)) ?? `class ${code}`));
    }
    select.value = code ?? "";
  }
  as(HTMLInputElement, field(form, "flagged")).checked = pair !== null;
  setMode(review, "worst");
  if (pair) $("bench").scrollIntoView();
}

/** @param {Review} review */
export function listenToFilters(review) {
  const form = $("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => refilter(review));
  form.addEventListener("reset", () => setTimeout(() => refilter(review)));
  $("modes").addEventListener("click", (event) => {
    const button = target(event).closest("button");
    if (!button) return;
    const mode = button.dataset.mode === "random" ? "random" : "worst";
    if (mode === review.mode) return;
    setMode(review, mode);
    $("desk").scrollIntoView({ block: "nearest" });
  });
}
