// The desk: the sample under review, large, with what can be decided on it.

import { $, as, find, make } from "../../frame/js/elements.js";
import { count, percent } from "../../frame/js/numbers.js";
import { sayColumn } from "./gallery.js";
import { inWords } from "./words.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/** Whether the desk stands beside the gallery, not above it. */
export const deskIsBeside = () => getComputedStyle($("desk")).position === "sticky";

/**
 * Lay the current sample out on the desk.
 * @param {Review} review
 */
export function drawDesk(review) {
  const card = review.current;
  $("desk").classList.toggle("bare", !card);
  if (!card) return drawBareDesk(review);
  const at = review.queue.indexOf(card) + 1;
  const decision = review.decisions.of(card);
  $("place").replaceChildren(
    make("b", {}, `${count(at)} of ${count(review.queue.length)}`), " · ",
    make("span", { id: "decided" }, decision ? inWords(decision) : "not decided"), " · ",
    make("bdi", {}, find(card.node, ".id bdi").textContent ?? ""),
  );
  if ($("exhibit").dataset.card !== String(card.index)) drawExhibit(review, card);
  sayColumn(find($("exhibit"), ".told"), review.valueSays()(card), ".why");
  letKeysScroll(find($("exhibit"), ".told"), "What is told of the sample");
  drawDecision(review, card, decision);
}

/**
 * Lay out a sample that was not on the desk before.
 * @param {Review} review
 * @param {Card} card
 */
function drawExhibit(review, card) {
  const exhibit = $("exhibit");
  review.pictures.need(card.node);
  exhibit.replaceChildren(...partsOf(card, toldOf(review, card)));
  const mates = review.mates(card);
  if (mates.length) exhibit.append(matesOf(review, mates));
  exhibit.scrollTop = 0;
  exhibit.dataset.card = String(card.index);
  letKeysScroll(exhibit.querySelector("blockquote"), "The sample's text");
  exhibit.classList.toggle("fine", !card.flagged);
  as(HTMLInputElement, $("label")).value = "";
  $("label-problem").textContent = "";
  drawChoices(review, card);
}

/** What is said of a sample, beside its picture or below its text. */
const TOLD = ".change, .odds, .line, .why, dl";

/**
 * What there is to read of a sample: its labels, why it is here, what others said.
 * @param {Review} review
 * @param {Card} card
 */
function toldOf(review, card) {
  const said = review.data.said?.[card.index] ?? [];
  const told = make("div", { className: "told" });
  if (said.length) told.append(make("ul", { className: "said-by" }, ...said.map((words) => make("li", {}, words))));
  for (const part of card.node.children) if (part.matches(TOLD)) told.append(part.cloneNode(true));
  if (card.file !== null) told.append(originalOf(card.file));
  return told;
}

/**
 * The pieces of the desk's exhibit: the picture with what is told beside it, then neighbours and the
 * rest; what is told stands below a text.
 * @param {Card} card
 * @param {HTMLElement} told
 * @returns {Node[]}
 */
function partsOf(card, told) {
  const others = Array.from(card.node.children).filter((part) => !part.matches(`${TOLD}, .id, .open, .stamp, .column-says`));
  const copies = others.map((part) => /** @type {Element} */ (part.cloneNode(true)));
  const picture = copies.find((part) => part.matches(".pic"));
  const texts = copies.filter((part) => part.matches("blockquote, .telling"));
  const rest = copies.filter((part) => part !== picture && !texts.includes(part));
  if (!picture) return [...texts, told, ...rest];
  return [make("div", { className: "sight" }, make("div", { className: "frame" }, picture), told), ...texts, ...rest];
}

/**
 * A link to the sample's file, which is there where the page lies beside the data.
 * @param {string} file
 */
const originalOf = (file) =>
  make("p", { className: "original" }, make("a", { href: file, target: "_blank", rel: "noopener" }, "The file itself"));

/** Near-duplicates of a sample shown at once. */
const MATES = 8;

/**
 * The near-duplicates of a sample that have another label, or the same.
 * @param {Review} review
 * @param {Card[]} mates
 */
function matesOf(review, mates) {
  const items = mates.slice(0, MATES).map((mate) => {
    review.pictures.need(mate.node);
    const item = make("li");
    const seen = mate.node.querySelector(":scope > .pic:not(.none), :scope > blockquote");
    if (seen) item.append(seen.cloneNode(true));
    item.append(make("bdi", {}, review.label(mate.given) ?? `class ${mate.given}`));
    const decision = review.decisions.of(mate);
    if (decision) item.append(`, ${inWords(decision)}`);
    return item;
  });
  const more = mates.length > MATES ? ` The first ${MATES} of ${count(mates.length)}:` : "";
  const texts = items.some((item) => item.querySelector("svg")) ? "" : " texts";
  return make("div", { className: `mates${texts}` }, make("p", {}, `Its near-duplicates are labelled:${more}`), make("ul", {}, ...items));
}

/**
 * Let a long text be reached by Tab, so that the keyboard can scroll it.
 * @param {HTMLElement|null} text
 * @param {string} name
 */
function letKeysScroll(text, name) {
  if (!text || text.scrollHeight <= text.clientHeight) return;
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", name);
}

/**
 * Say why no sample is on the desk.
 * @param {Review} review
 */
function drawBareDesk(review) {
  delete $("exhibit").dataset.card;
  $("exhibit").textContent = review.queue.length
    ? "All of these are decided. Download the decisions, choose a sample to look at it again, or press U to take the last one back."
    : "There is no sample to decide on here.";
}

/**
 * Press the button of what was decided, and offer what can be.
 * @param {Review} review
 * @param {Card} card
 * @param {Decision|undefined} decision
 */
function drawDecision(review, card, decision) {
  const comment = as(HTMLInputElement, $("comment"));
  // Not while it is typed: that would move the cursor.
  if (document.activeElement !== comment) comment.value = review.decisions.commentOn(card);
  const suggested = review.label(card.suggested);
  const changedTo = decision?.action === "relabel" ? decision.label : undefined;
  $("accepts").textContent = suggested;
  $("keeps").textContent = review.label(card.given);
  for (const button of $("actions").querySelectorAll("button")) {
    const action = button.dataset.do;
    const chosen = action === "accept" ? changedTo === suggested : action === decision?.action;
    if (action !== "undo") button.setAttribute("aria-pressed", String(chosen));
    if (action === "accept") button.hidden = card.suggested === card.given;
    button.title = find(button, "span").textContent ?? "";
  }
  for (const button of $("choices").querySelectorAll("button")) {
    const chosen = changedTo !== undefined && changedTo === button.dataset.label;
    button.setAttribute("aria-pressed", String(chosen));
  }
}

/**
 * Offer the most probable labels beside the given and the suggested one, each with its key.
 * @param {Review} review
 * @param {Card} card
 */
function drawChoices(review, card) {
  $("choices").replaceChildren(
    ...choicesOf(review, card).map(({ label, odds }, at) => {
      const key = review.namesAreDigits ? (/^\d$/.test(label) ? label : "") : String(at + 1);
      const button = make("button", { type: "button", "data-label": label, "data-key": key });
      if (key) button.append(make("kbd", { "aria-hidden": "true" }, key), " ");
      button.append(make("bdi", { title: label }, label));
      if (odds !== null) button.append(" ", make("span", { className: "soft" }, percent(odds)));
      return button;
    }),
  );
}

/**
 * The other labels that have a button: the most probable ones, and all that a digit names.
 * @param {Pick<Review, "data"|"label"|"namesAreDigits">} review
 * @param {Card} card
 * @returns {{label: string, odds: number|null}[]}
 */
function choicesOf(review, card) {
  const digits = review.namesAreDigits
    ? Object.keys(review.data.labels).map(Number).filter((code) => /^\d$/.test(review.label(code) ?? ""))
    : [];
  return [...new Set([...card.top, ...digits])].flatMap((code) => {
    const label = review.label(code);
    if (label === null || code === card.given || code === card.suggested) return [];
    const at = card.top.indexOf(code);
    return { label, odds: at < 0 ? null : card.odds[at] };
  });
}
