// What the keys and the buttons of the desk do.

import { $, as, field, make, target } from "../../frame/js/elements.js";
import { deskIsBeside } from "./desk.js";
import { forgetSearch } from "./modes.js";
import { drawTally } from "./tally.js";
import { say } from "./words.js";

/** @import { Review } from "./review.js" */

/**
 * What to do, by the names that the keys and the buttons have for it.
 * @typedef {Record<string, () => void>} Actions
 */

/** @type {Record<string, string>} */
const KEYS = {
  a: "accept", k: "keep", d: "drop", s: "skip", u: "undo", l: "type", c: "comment", "/": "find",
  ArrowLeft: "previous", ArrowRight: "next",
};

/**
 * @param {Review} review
 * @returns {Actions}
 */
const actionsOf = (review) => ({
  accept: () => acceptSuggested(review),
  keep: () => review.decide({ action: "keep" }),
  drop: () => review.decide({ action: "drop" }),
  skip: () => review.decide({ action: "skip" }),
  undo: () => review.undo(),
  previous: () => review.step(-1),
  next: () => review.step(1),
  find: () => as(HTMLInputElement, field(as(HTMLFormElement, $("filters")), "id")).select(),
  type: () => $("label").focus(),
  comment: () => $("comment").focus(),
});

/** @param {Review} review */
function acceptSuggested(review) {
  const card = review.current;
  if (!card) return;
  if (card.suggested === card.given) say("No other class is suggested here: K keeps the label.");
  else review.decide({ action: "relabel", label: review.label(card.suggested) });
}

/**
 * Set a label that was typed or named by its key; the given one means to keep it.
 * @param {Review} review
 * @param {string} label
 */
function setLabel(review, label) {
  const known = Object.values(review.data.labels).includes(label);
  if (label === "" || (!known && review.data.complete)) {
    $("label-problem").textContent = label === "" ? "Type a label." : `No class is called “${label}”.`;
    return;
  }
  $("label-problem").textContent = "";
  const isGiven = review.current !== null && label === review.label(review.current.given);
  review.decide(isGiven ? { action: "keep" } : { action: "relabel", label });
}

/**
 * Whether a key pressed there is meant for a field.
 * @param {Element} place
 */
export const isTyping = (place) => place.closest("input:not([type=checkbox], [type=radio]), select, textarea") !== null;

/**
 * Whether a key moves between the choices of a field that is focused.
 * @param {Element} place
 * @param {string} key
 */
const choosesThere = (place, key) =>
  place instanceof HTMLInputElement && place.type === "radio" && key.startsWith("Arrow");

/**
 * Whether enough of an element is seen to know what a key would decide on.
 * @param {Element} element
 */
export function inSight(element) {
  const box = element.getBoundingClientRect();
  const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  return seen >= Math.min(box.height, innerHeight) / 2;
}

/** @param {Review} review */
export function listenToKeys(review) {
  const actions = actionsOf(review);
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const place = target(event);
    if (key === "Escape" && isTyping(place)) return leave(review, event);
    if (!plain || !as(HTMLInputElement, $("keys")).checked || !inSight($("desk"))) return;
    if (isTyping(place) || choosesThere(place, key)) return;
    // A key held down moves on, but decides once.
    if (event.repeat && !key.startsWith("Arrow")) return;
    const button = buttonOf(review, key);
    if (!KEYS[key] && !button) return;
    event.preventDefault();
    // Where no sample is left the desk has no buttons: what was decided can still be taken back.
    if (button?.checkVisibility() && !(isInReach(button) && isExhibitInSight())) return bringToSight(button);
    if (KEYS[key]) actions[KEYS[key]]();
    else button?.click();
  });
}

/**
 * Go from a field back to the desk. A search is over then: the browser empties its field and says so
 * to nobody, which would leave the list filtered by what is no longer there.
 * @param {Review} review
 * @param {Event} event
 */
function leave(review, event) {
  if (target(event).getAttribute("type") === "search") {
    event.preventDefault();
    forgetSearch(review);
  }
  $("desk").focus({ preventScroll: true });
}

/**
 * The button that does what a key does; none where there is nothing to decide.
 * @param {Review} review
 * @param {string} key
 * @returns {HTMLElement|null}
 */
function buttonOf(review, key) {
  if (/^\d$/.test(key)) return buttonOfDigit(review, key);
  if (key === "l") return $("label");
  if (key === "c") return $("comment");
  return document.querySelector(`#desk [data-do="${KEYS[key]}"]:not([hidden])`);
}

/**
 * @param {Review} review
 * @param {string} digit
 * @returns {HTMLElement|null}
 */
function buttonOfDigit(review, digit) {
  const card = review.current;
  if (!card) return null;
  const named = (/** @type {number} */ code) => review.namesAreDigits && review.label(code) === digit;
  if (named(card.given)) return document.querySelector('#actions [data-do="keep"]');
  if (named(card.suggested)) return document.querySelector('#actions [data-do="accept"]');
  const choices = Array.from($("choices").querySelectorAll("button"));
  return choices.find((button) => button.dataset.key === digit) ?? null;
}

/**
 * Whether an element can be seen and touched: nothing lies over it, and it is not scrolled away.
 * @param {HTMLElement} element
 */
export function isInReach(element) {
  const box = element.getBoundingClientRect();
  const points = [
    [(box.left + box.right) / 2, (box.top + box.bottom) / 2],
    [box.left + 3, box.top + 3],
    [box.right - 3, box.bottom - 3],
  ];
  return points.every(([x, y]) => element.contains(document.elementFromPoint(x, y)));
}

/** Whether what would be decided on is in the window; where the desk is above the rest it scrolls along. */
function isExhibitInSight() {
  if (!deskIsBeside()) return true;
  const box = $("exhibit").getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}

/**
 * Show what a key would do, and on what, before it does it.
 * @param {HTMLElement} element
 */
export function bringToSight(element) {
  if (deskIsBeside()) $("desk").scrollIntoView({ block: "nearest", behavior: "instant" });
  element.scrollIntoView({ block: "nearest", behavior: "instant" });
  say("That was out of sight: look, then press again.");
}

/** @param {Review} review */
export function listenToDesk(review) {
  const actions = actionsOf(review);
  $("desk").addEventListener("click", (event) => {
    const { do: action, label } = target(event).closest("button")?.dataset ?? {};
    if (action) actions[action]();
    else if (label !== undefined) review.decide({ action: "relabel", label });
  });
  $("another").addEventListener("submit", (event) => {
    event.preventDefault();
    setLabel(review, as(HTMLInputElement, $("label")).value);
    if (!$("label-problem").textContent) $("desk").focus({ preventScroll: true });
  });
  listenToComment(review);
  $("label").addEventListener("focus", () => {
    const labels = Object.values(review.data.labels).filter((label) => label !== null);
    $("labels").append(...labels.map((label) => make("option", { value: label })));
  }, { once: true });
}

/**
 * Keep what is noted on the sample as it is typed: it goes with whatever is decided, before or after.
 * @param {Review} review
 */
function listenToComment(review) {
  const input = as(HTMLInputElement, $("comment"));
  input.addEventListener("input", () => {
    if (review.current) review.decisions.comment(review.current, input.value);
    drawTally(review);
  });
  $("remark").addEventListener("submit", (event) => {
    event.preventDefault();
    $("desk").focus({ preventScroll: true });
  });
}
