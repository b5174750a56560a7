// The page where labels are numbers. It says everything without this script; with it numbers are
// decided on: kept, changed to what is suggested, or to one that is typed.

import "../../frame/js/mark.js";
import { $, as, make, picture } from "../../frame/js/elements.js";
import { count, score } from "../../frame/js/numbers.js";
import { begin, saysOf } from "./begin.js";
import { isNumber } from "./numeric.js";
import { Review } from "./review.js";

/** @import { ReviewData } from "./cards.js" */

/**
 * What the page carries besides, where labels are numbers.
 * @typedef {object} Numeric
 * @property {boolean} comma whether numbers are written with a decimal comma
 * @property {string} example a number as the data writes it
 * @property {string[]} why what is said of each sample that has no card in the page
 */

/**
 * Make the card of a sample that the page carries none of.
 * @param {ReviewData & Numeric} data
 * @param {number} index of the sample
 * @param {number} at its place among those without a card
 */
function numericCard(data, index, at) {
  const [text, thumbnail] = data.rest[at];
  const label = (/** @type {number} */ code) => data.labels[code] ?? "(too long for this page)";
  const node = make("li", { className: data.flagged[index] ? "" : "fine", "data-at": String(index) });
  if (thumbnail !== null) node.append(picture(thumbnail, `Picture of sample ${data.rank[index]}`));
  else if (text === null) node.append(make("p", { className: "pic none" }, "no picture"));
  if (text !== null) node.append(make("blockquote", { dir: "auto" }, text));
  const change = make("p", { className: "change" }, make("bdi", { className: "given" }, label(data.given[index])));
  change.append(" → ", make("bdi", { className: "other" }, label(data.suggested[index])));
  const facts = make("dl", {}, make("dt", {}, "label_score"), make("dd", {}, score(data.score[index])));
  const id = make("p", { className: "id" }, make("b", {}, count(data.rank[index])), " ");
  id.append(make("bdi", {}, data.id[index] ?? "(an id too long for this page)"));
  node.append(change, facts, make("p", { className: "why" }, data.why[at]), id);
  return node;
}

/**
 * Give the samples without a card in the page one when it is asked for.
 * @param {Review} review
 * @param {ReviewData & Numeric} data
 * @param {number} shown how many have one
 */
function makeCards(review, data, shown) {
  for (const card of review.cards.slice(shown)) {
    /** @type {HTMLElement|undefined} */
    let node;
    Object.defineProperty(card, "node", { get: () => (node ??= numericCard(data, card.index, card.index - shown)) });
  }
}

/**
 * Let only numbers be typed: a label that is none could not be written.
 * @param {Numeric} data
 */
function refuseOthers(data) {
  $("another").addEventListener("submit", (event) => {
    const text = as(HTMLInputElement, $("label")).value;
    if (isNumber(text, data.comma)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    $("label-problem").textContent = `Type a number, such as ${data.example}.`;
  });
}

begin((data, key, nodes, pictures) => {
  const review = new Review(data, key, nodes, pictures);
  // A digit is the beginning of a number here, and no class.
  review.namesAreDigits = false;
  makeCards(review, data, nodes.length);
  review.says = saysOf("samples with nearly the same features whose values are far apart.");
  refuseOthers(data);
  return review;
});
