// What can be decided on a card: the label stands, goes back, or becomes the suggested one.

import { Decisions } from "../../audit/js/decisions.js";
import { fileOf } from "../../audit/js/fixes.js";
import { labelsIn } from "../../audit/js/labelset.js";
import { $, all, as, find, make } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";

/** @import { Decision } from "../../audit/js/decisions.js" */

/**
 * What it takes to decide on a sample; null where a name is too long for this page.
 * @typedef {object} Choice
 * @property {string|null} id
 * @property {string|null} given the label that it has now
 * @property {string|null} back the label that it had before
 * @property {string|null} suggested
 * @property {string|null} hash
 */

/**
 * A label as a button says it.
 * @param {string} label
 */
const asItIs = (label) => label;

/**
 * A set of labels as a button says it.
 * @param {string} label
 */
export const asLabels = (label) => labelsIn(label).join(", ") || "no label";

/**
 * The decisions that a sample offers, each with the word on its button.
 * @param {Choice} choice
 * @param {(label: string) => string} says what a button says of a label
 * @returns {[string, Decision][]}
 */
export function offersOf({ id, given, back, suggested }, says = asItIs) {
  if (id === null || given === null) return [];
  /** @type {[string, Decision][]} */
  const offers = [[`Keep ${says(given)}`, { action: "keep" }]];
  if (back !== null) offers.push([`Back to ${says(back)}`, { action: "relabel", label: back }]);
  if (suggested !== null) offers.push([`Change to ${says(suggested)}`, { action: "relabel", label: suggested }]);
  offers.push(["Drop", { action: "drop" }]);
  return offers;
}

/**
 * The rows of the file that `cgaudit apply` reads; one sample is decided on once.
 * @param {Choice[]} choices
 * @param {Pick<Decisions, "of"|"commentOn">} decisions
 */
export function rowsOf(choices, decisions) {
  const rows = new Map();
  choices.forEach((choice, index) => {
    const decision = decisions.of({ index });
    if (!decision || decision.action === "skip" || choice.id === null) return;
    const comment = decisions.commentOn({ index }).trim();
    rows.set(choice.id, {
      id: choice.id,
      action: decision.action,
      ...(decision.action === "relabel" && { label: decision.label }),
      given_label: choice.given,
      ...(choice.hash !== null && { content_hash: choice.hash }),
      ...(decision.at && { decided_at: decision.at }),
      ...(comment && { comment }),
    });
  });
  return [...rows.values()];
}

/**
 * How many samples have a comment and no decision: no file has those.
 * @param {Choice[]} choices
 * @param {Pick<Decisions, "of"|"commentOn">} decisions
 */
export function idleComments(choices, decisions) {
  const decided = new Set(rowsOf(choices, decisions).map(({ id }) => id));
  const idle = choices.filter(({ id }, index) => !decided.has(id) && decisions.commentOn({ index }).trim());
  return new Set(idle.map(({ id }) => id)).size;
}

/** Let the cards be decided on. */
export function offerDecisions() {
  const source = $("choices");
  /** @type {Choice[]} */
  const choices = JSON.parse(source.textContent ?? "[]");
  if (!choices.length) return;
  const decisions = new Decisions(source.dataset.key ?? "");
  const nodes = all(HTMLElement, ".gallery > li[data-at]");
  const draw = () => drawDecisions(nodes, choices, decisions);
  const says = source.dataset.sets === undefined ? asItIs : asLabels;
  for (const node of nodes) offerOn(node, choices, decisions, says, draw);
  $("download").addEventListener("click", () => {
    save(rowsOf(choices, decisions));
    const idle = idleComments(choices, decisions);
    if (idle) $("decided-so-far").textContent += `; ${count(idle)} ${idle === 1 ? "comment is" : "comments are"} on samples of which nothing is decided, and not in the file`;
  });
  $("undo").addEventListener("click", () => {
    decisions.undo();
    draw();
  });
  draw();
}

/**
 * @param {HTMLElement} node
 * @param {Choice[]} choices
 * @param {Decisions} decisions
 * @param {(label: string) => string} says
 * @param {() => void} draw
 */
function offerOn(node, choices, decisions, says, draw) {
  const { id } = choices[Number(node.dataset.at)];
  // A sample may have two cards: what is decided on one holds for both.
  const same = choices.flatMap((choice, index) => (choice.id === id ? [{ index }] : []));
  const buttons = offersOf(choices[Number(node.dataset.at)], says).map(([words, decision]) => {
    const button = make("button", { type: "button", "data-says": keyOf(decision) }, words);
    button.addEventListener("click", () => {
      const at = new Date().toISOString();
      decisions.decideAll(same.map((card) => [card, { ...decision, at }]));
      draw();
    });
    return button;
  });
  if (!buttons.length) return;
  const comment = make("input", { type: "text", maxLength: "1000", autocomplete: "off", dir: "auto", placeholder: "Why?", "aria-label": `Comment on ${id}` });
  comment.addEventListener("input", () => {
    for (const card of same) decisions.comment(card, comment.value);
  });
  comment.addEventListener("change", draw);
  find(node, ".id").before(make("div", { className: "decide" }, ...buttons, comment));
}

/** @param {Decision} decision */
const keyOf = (decision) => JSON.stringify([decision.action, decision.action === "relabel" ? decision.label : ""]);

/**
 * @param {HTMLElement[]} nodes
 * @param {Choice[]} choices
 * @param {Decisions} decisions
 */
function drawDecisions(nodes, choices, decisions) {
  for (const node of nodes) {
    const decision = decisions.of({ index: Number(node.dataset.at) });
    for (const button of node.querySelectorAll(".decide button")) {
      const chosen = decision !== undefined && as(HTMLElement, button).dataset.says === keyOf(decision);
      button.setAttribute("aria-pressed", String(chosen));
    }
    drawComment(node.querySelector(".decide input"), decisions.commentOn({ index: Number(node.dataset.at) }));
  }
  const n = rowsOf(choices, decisions).length;
  $("decided-so-far").textContent = n ? `${count(n)} decided` : "Decide on the cards below.";
  as(HTMLButtonElement, $("download")).disabled = n === 0;
  as(HTMLButtonElement, $("undo")).disabled = decisions.size === 0;
}

/**
 * As on the desk, a comment is written before the decision or after it.
 * @param {Element|null} input
 * @param {string} comment
 */
function drawComment(input, comment) {
  if (!(input instanceof HTMLInputElement)) return;
  if (document.activeElement !== input) input.value = comment;
}

/** @param {object[]} rows */
function save(rows) {
  const file = new Blob([fileOf(rows)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "fixes.json" });
  link.click();
  URL.revokeObjectURL(link.href);
  $("then").hidden = false;
}
