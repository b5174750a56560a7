// The page says everything without this script. With it the class table sorts, the samples filter,
// and labels are decided on: by keys, mouse or touch, kept in this browser, downloaded as a file.
// Nothing is sent anywhere; the page's policy would not let it.

import "../../frame/js/mark.js";
import { $, all, as, field, offerClasses } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { Pictures } from "../../frame/js/pictures.js";
import { sortByHeads } from "../../frame/js/sorting.js";
import { listenToDesk, listenToKeys } from "./controls.js";
import { listenToFiles } from "./files.js";
import { offerMap } from "./map.js";
import { choosePair, listenToFilters, listenToGallery, openAnywhere, openTwin, setMode } from "./modes.js";
import { offerPairs } from "./pairs.js";
import { Review } from "./review.js";
import { offerOdd, offerTwins } from "./twins.js";
import { restoreView } from "./view.js";

/** @param {Pictures} pictures */
function startReview(pictures) {
  const source = $("review-data");
  const nodes = all(HTMLElement, "#gallery > li, #drawn > li");
  if (!nodes.length) return pictures.fill([]);
  const data = JSON.parse(source.textContent ?? "");
  const review = new Review(data, source.dataset.key ?? "", nodes, pictures);
  review.says = {
    worst: $("samples-say").textContent ?? "",
    sets: "Set by set: of samples with nearly the same features, at least one label is wrong, or they belong to several classes.",
    random: document.getElementById("drawn-say")?.textContent ?? "",
  };
  document.getElementById("random")?.remove();
  offerClassesOf(review, "given");
  offerClassesOf(review, "suggested");
  offerPairs((pair) => choosePair(review, pair));
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

/**
 * Offer in a filter the classes that the samples have.
 * @param {Review} review
 * @param {"given"|"suggested"} side
 */
function offerClassesOf(review, side) {
  const select = as(HTMLSelectElement, field(as(HTMLFormElement, $("filters")), side));
  const label = (/** @type {number} */ code) => review.label(code) ?? `class ${code}`;
  offerClasses(select, review.cards.map((card) => card[side]), label);
}

document.addEventListener("DOMContentLoaded", () => {
  const pictures = new Pictures(all(Element, ".sets > li, .odd > li"));
  for (const table of all(HTMLTableElement, "table.health")) sortByHeads(table);
  startReview(pictures);
  document.documentElement.classList.add("ready");
});
