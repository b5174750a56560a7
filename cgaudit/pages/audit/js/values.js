// The page where labels are numbers. It says everything without this script; with it numbers are
// decided on: kept, changed to what is suggested, or to one that is typed.

import "../../frame/js/mark.js";
import { $, all, as, make, picture } from "../../frame/js/elements.js";
import { count, score } from "../../frame/js/numbers.js";
import { Pictures } from "../../frame/js/pictures.js";
import { sortByHeads } from "../../frame/js/sorting.js";
import { listenToDesk, listenToKeys } from "./controls.js";
import { listenToFiles } from "./files.js";
import { offerMap } from "./map.js";
import { isNumber } from "./numeric.js";
import { listenToFilters, listenToGallery, openAnywhere, openTwin, setMode } from "./modes.js";
import { Review } from "./review.js";
import { offerOdd, offerTwins } from "./twins.js";
import { restoreView } from "./view.js";

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

/** @param {Pictures} pictures */
function startValues(pictures) {
  const source = $("review-data");
  const nodes = all(HTMLElement, "#gallery > li, #drawn > li");
  if (!nodes.length) return pictures.fill([]);
  /** @type {ReviewData & Numeric} */
  const data = JSON.parse(source.textContent ?? "");
  const review = new Review(data, source.dataset.key ?? "", nodes, pictures);
  // A digit is the beginning of a number here, and no class.
  review.namesAreDigits = false;
  makeCards(review, data, nodes.length);
  review.says = {
    worst: $("samples-say").textContent ?? "",
    sets: "Set by set: samples with nearly the same features whose values are far apart.",
    random: document.getElementById("drawn-say")?.textContent ?? "",
  };
  document.getElementById("random")?.remove();
  refuseOthers(data);
  listenToKeys(review);
  listenToDesk(review);
  listenToGallery(review);
  listenToFilters(review);
  listenToFiles(review);
  offerTwins(review, (card) => openTwin(review, card));
  offerOdd(review, (card) => openAnywhere(review, card));
  offerMap(review, (card) => openAnywhere(review, card));
  $("n-worst").textContent = count(review.pools.worst.length);
  setMode(review, restoreView(review), { keep: true });
}

document.addEventListener("DOMContentLoaded", () => {
  const pictures = new Pictures(all(Element, ".sets > li, .odd > li"));
  for (const table of all(HTMLTableElement, "table.health")) sortByHeads(table);
  startValues(pictures);
  document.documentElement.classList.add("ready");
});
