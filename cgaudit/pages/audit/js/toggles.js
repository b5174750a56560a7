// The labels of the sample on the desk, each on or off; what is toggled is taken as a whole.

import { $, as, make, target } from "../../frame/js/elements.js";
import { percent } from "../../frame/js/numbers.js";
import { bringToSight, inSight, isInReach, isTyping } from "./controls.js";
import { asText, changeInWords, labelsIn } from "./labelset.js";

/**
 * @import { Card } from "./cards.js"
 * @import { SeveralReview } from "./several.js"
 */

/** Labels that have a digit for a key. */
const KEYED = 9;

/**
 * The labels that have a button: those given, suggested, probable and added by hand.
 * @param {SeveralReview} review
 * @param {Card} card
 */
const offered = (review, card) => [
  ...new Set([...review.given(card), ...review.suggested(card), ...review.chances(card).keys(), ...review.toggled]),
];

/**
 * Draw what can be toggled, and what the buttons of the desk mean.
 * @param {SeveralReview} review
 */
export function drawToggles(review) {
  const card = review.current;
  if (!card) return;
  const chances = review.chances(card);
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.name : undefined;
  $("choices").replaceChildren(
    ...offered(review, card).map((name, at) => {
      const key = at < KEYED ? String(at + 1) : "";
      const on = String(review.toggled.has(name));
      const button = make("button", { type: "button", "data-name": name, "data-key": key, "aria-pressed": on });
      if (key) button.append(make("kbd", { "aria-hidden": "true" }, key), " ");
      button.append(make("bdi", { title: name }, name));
      const odds = chances.get(name);
      if (odds !== undefined) button.append(" ", make("span", { className: "soft" }, percent(odds)));
      return button;
    }),
  );
  const again = [...$("choices").querySelectorAll("button")].find((button) => button.dataset.name === focused);
  if (focused !== undefined) again?.focus();
  const given = review.given(card);
  const inWords = (/** @type {string[]} */ labels) => labels.join(", ") || "no label";
  $("keeps").textContent = inWords(given);
  $("accepts").textContent = changeInWords(given, review.suggested(card));
  $("settles").textContent = `${inWords([...review.toggled].sort())} (${changeInWords(given, review.toggled) || "as given"})`;
}

/**
 * Turn a label on or off.
 * @param {SeveralReview} review
 * @param {string} name
 */
function toggle(review, name) {
  if (!review.toggled.delete(name)) review.toggled.add(name);
  drawToggles(review);
}

/**
 * Decide on what is toggled; what is given already means to keep it.
 * @param {SeveralReview} review
 */
function settle(review) {
  const card = review.current;
  if (!card) return;
  const label = asText(review.toggled);
  const isGiven = label === asText(review.given(card));
  review.decide(isGiven ? { action: "keep" } : { action: "relabel", label });
}

/**
 * Add the label that was typed. Any may be: a set may hold one that no sample has yet.
 * @param {SeveralReview} review
 */
function add(review) {
  const input = as(HTMLInputElement, $("label"));
  const name = input.value.trim();
  $("label-problem").textContent = name === "" ? "Type a label." : "";
  if (name === "") return;
  review.toggled.add(name);
  input.value = "";
  drawToggles(review);
  $("desk").focus({ preventScroll: true });
}

/** @param {SeveralReview} review */
export function listenToToggles(review) {
  $("choices").addEventListener("click", (event) => {
    const name = target(event).closest("button")?.dataset.name;
    if (name !== undefined) toggle(review, name);
  });
  $("settle").addEventListener("click", () => settle(review));
  // Before the listener of pages whose samples have one label, which would decide at once.
  $("another").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    add(review);
  }, { capture: true });
  $("label").addEventListener("focus", (event) => {
    event.stopImmediatePropagation();
    if ($("labels").childElementCount) return;
    $("labels").append(...review.names.map((value) => make("option", { value })));
  }, { capture: true });
  listenToTake();
}

/** T takes what is toggled, as the other keys of the desk decide. */
function listenToTake() {
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (event.key.toLowerCase() !== "t" || !plain || !as(HTMLInputElement, $("keys")).checked) return;
    const button = $("settle");
    if (isTyping(target(event)) || !inSight($("desk")) || !button.checkVisibility()) return;
    event.preventDefault();
    if (isInReach(button)) button.click();
    else bringToSight(button);
  });
}

/**
 * The labels that a decision leaves a sample with; those given where it changes none.
 * @param {SeveralReview} review
 * @param {Card} card
 */
export function decidedLabels(review, card) {
  const decision = review.decisions.of(card);
  return decision?.action === "relabel" ? labelsIn(decision.label) : review.given(card);
}
