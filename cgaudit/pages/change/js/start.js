// The page says everything without this script. With it the relabelled samples filter, the class
// table sorts, and long galleries are laid out in portions.

import "../../frame/js/mark.js";
import { as } from "../../frame/js/elements.js";
import { Pictures } from "../../frame/js/pictures.js";
import { sortByHeads } from "../../frame/js/sorting.js";
import { offerDecisions } from "./decide.js";
import { listenToFilters } from "./filters.js";
import { Shelf } from "./shelf.js";

document.addEventListener("DOMContentLoaded", () => {
  // Before the pictures listen too, and make all that are laid out.
  addEventListener("beforeprint", () => {
    for (const shelf of shelves) shelf.unroll();
    redraw();
  });
  const pictures = new Pictures();
  const redraw = () => pictures.fill(shelves.flatMap((shelf) => shelf.draw()));
  /** @type {Shelf[]} */
  const shelves = Array.from(document.querySelectorAll(".shelf"), (place) => new Shelf(place, redraw));
  offerDecisions();
  const filters = document.getElementById("filters");
  if (filters) listenToFilters(as(HTMLFormElement, filters), shelves[0], redraw);
  else redraw();
  const health = document.getElementById("health");
  if (health) sortByHeads(as(HTMLTableElement, health));
  document.documentElement.classList.add("ready");
});
