// What the pages begin with alike, whatever their labels are.

import { $, all } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { Pictures } from "../../frame/js/pictures.js";
import { sortByHeads } from "../../frame/js/sorting.js";
import { listenToDesk, listenToKeys } from "./controls.js";
import { listenToFiles } from "./files.js";
import { offerMap } from "./map.js";
import { listenToFilters, listenToGallery, openAnywhere, openTwin, setMode } from "./modes.js";
import { offerOdd, offerTwins } from "./twins.js";
import { restoreView } from "./view.js";

/** @import { Review } from "./review.js" */

/**
 * Start a page once it is there: its tables sort, and its samples are decided on where it has any.
 * @param {(data: any, key: string, nodes: HTMLElement[], pictures: Pictures) => Review} reviewOf makes
 *   the review, given the data of the page, what decisions are kept by, and the samples that have a card
 */
export function begin(reviewOf) {
  document.addEventListener("DOMContentLoaded", () => {
    const pictures = new Pictures(all(Element, ".sets > li, .odd > li"));
    for (const table of all(HTMLTableElement, "table.health")) sortByHeads(table);
    const nodes = all(HTMLElement, "#gallery > li, #drawn > li");
    if (nodes.length) {
      const source = $("review-data");
      listen(reviewOf(JSON.parse(source.textContent ?? ""), source.dataset.key ?? "", nodes, pictures));
    } else {
      pictures.fill([]);
    }
    document.documentElement.classList.add("ready");
  });
}

/**
 * What stands above the samples.
 * @param {string} sets what is said of sets of near-duplicates
 * @returns {Review["says"]}
 */
export function saysOf(sets) {
  const random = document.getElementById("drawn-say")?.textContent ?? "";
  const odd = "Samples unlike the others, whatever their labels: does each belong in the data?";
  return { worst: $("samples-say").textContent ?? "", sets: `Set by set: ${sets}`, odd, random };
}

/** @param {Review} review */
function listen(review) {
  document.getElementById("random")?.remove();
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
