// The page says everything without this script. With it the class table sorts, the samples filter,
// and labels are decided on: by keys, mouse or touch, kept in this browser, downloaded as a file.
// Nothing is sent anywhere; the page's policy would not let it.

import "../../frame/js/mark.js";
import { $, as, field, offerClasses } from "../../frame/js/elements.js";
import { begin, saysOf } from "./begin.js";
import { choosePair } from "./modes.js";
import { offerPairs } from "./pairs.js";
import { Review } from "./review.js";

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

begin((data, key, nodes, pictures) => {
  const review = new Review(data, key, nodes, pictures);
  review.says = saysOf("of samples with nearly the same features, at least one label is wrong, or they belong to several classes.");
  offerClassesOf(review, "given");
  offerClassesOf(review, "suggested");
  offerPairs((pair) => choosePair(review, pair));
  return review;
});
