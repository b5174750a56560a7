// What is shown in the gallery: the mode, the filters, and what is put on the desk from there.

import { $, as, field, make, target } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { deskIsBeside } from "./desk.js";
import { sortByChosen } from "./filters.js";
import { markPairs } from "./pairs.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Pair } from "./pairs.js"
 * @import { Mode, Review } from "./review.js"
 */

/** @type {Record<Mode, string>} */
const TITLES = {
  worst: "Most suspicious samples",
  sets: "Near-duplicates whose labels differ",
  odd: "Outliers and odd pictures",
  random: "A random sample",
};

/** @param {Review} review */
export function listenToGallery(review) {
  $("gallery").addEventListener("click", (event) => {
    const node = target(event).closest(".open")?.parentElement;
    const card = node && review.cardAt(node);
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
export function setMode(review, mode, { keep = false } = {}) {
  review.mode = mode;
  if (!keep) review.current = null;
  for (const button of $("modes").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  $("samples-title").textContent = TITLES[mode];
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

/**
 * Put a near-duplicate on the desk, among those of its kind.
 * @param {Review} review
 * @param {Card} card
 */
export const openTwin = (review, card) => openAmong(review, card, "sets");

/**
 * Put a sample on the desk from wherever it is seen, among those that it belongs to.
 * @param {Review} review
 * @param {Card} card
 */
export function openAnywhere(review, card) {
  const modes = /** @type {Mode[]} */ ([review.mode, "worst", "sets", "odd", "random"]);
  const mode = modes.find((one) => review.pools[one].includes(card));
  if (mode) openAmong(review, card, mode);
}

/**
 * @param {Review} review
 * @param {Card} card
 * @param {Mode} mode
 */
function openAmong(review, card, mode) {
  as(HTMLFormElement, $("filters")).reset();
  review.current = card;
  setMode(review, mode, { keep: true });
  review.open(card, { follow: false });
  showDesk("start");
}

/**
 * Bring the desk to sight and have the keys act on it.
 * @param {ScrollLogicalPosition} block
 */
function showDesk(block) {
  $("desk").scrollIntoView({ block });
  $("desk").focus({ preventScroll: true });
}

/**
 * Show the sample that an id was typed for, and go on from the field to the desk; stay where there is none.
 * @param {Review} review
 */
function showFound(review) {
  const sought = review.wish.id.trim();
  const card = review.queue.find(({ id }) => id === sought) ?? review.current ?? review.queue[0];
  if (!card) return;
  review.open(card, { follow: false });
  showDesk(deskIsBeside() ? "nearest" : "start");
}

/**
 * Take back what was typed into the search, and show all again.
 * @param {Review} review
 */
export function forgetSearch(review) {
  const search = field(as(HTMLFormElement, $("filters")), "id");
  if (search.value === "") return;
  search.value = "";
  refilter(review);
}

/** @param {Review} review */
function acceptAll(review) {
  const n = review.acceptable.length;
  const what = n === 1 ? "1 sample" : `${count(n)} samples`;
  if (n && confirm(`Change ${what} to the label that is suggested? Undo takes it back.`)) review.acceptAll();
}

/** @param {Review} review */
export function listenToFilters(review) {
  const form = as(HTMLFormElement, $("filters"));
  form.addEventListener("submit", (event) => event.preventDefault());
  // A form of several fields without a button to send it submits nothing by Enter.
  field(form, "id").addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key === "Enter") showFound(review);
  });
  form.addEventListener("input", (event) => {
    const name = target(event).getAttribute("name");
    if (name === "by") sortByChosen(review);
    // Whoever sorts wants to see what comes first.
    if (name === "by" || name === "order") review.current = null;
    refilter(review);
  });
  form.addEventListener("reset", () => setTimeout(() => refilter(review)));
  $("accept-all").addEventListener("click", () => acceptAll(review));
  $("modes").addEventListener("click", (event) => {
    const button = target(event).closest("button");
    if (!button) return;
    const mode = /** @type {Mode} */ (button.dataset.mode);
    if (mode === review.mode) return;
    setMode(review, mode);
    $("desk").scrollIntoView({ block: "nearest" });
  });
}
