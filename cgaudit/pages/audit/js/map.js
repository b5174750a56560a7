// The map of the data: which sample a point is, and the way from there to the desk.

import { all, as, make } from "../../frame/js/elements.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Review } from "./review.js"
 */

/** A point is meant by a pointer that is so near, in pixels. */
const NEAR = 10;

/**
 * @typedef {object} Point
 * @property {number} x in a square of 100
 * @property {number} y
 * @property {Card|null} card where it can be decided on
 * @property {string|null} id as the page may show it
 */

/**
 * @param {Review} review
 * @returns {Point[]}
 */
function pointsOf({ cards, orders }) {
  const steps = Array.from((orders.steps ?? "").matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g));
  return steps.map(([, x, y], at) => {
    const it = orders.points?.[at] ?? null;
    const card = typeof it === "number" ? (cards[it] ?? null) : null;
    return { x: Number(x), y: Number(y), card, id: card ? card.id : typeof it === "string" ? it : null };
  });
}

/**
 * The point that a pointer means; none where it is near none.
 * @param {Point[]} points
 * @param {DOMMatrix} place from the square to the window
 * @param {{clientX: number, clientY: number}} pointer
 */
export function nearest(points, place, { clientX, clientY }) {
  /** @type {Point|null} */
  let best = null;
  let least = NEAR ** 2;
  for (const point of points) {
    const distance = (place.a * point.x + place.e - clientX) ** 2 + (place.d * point.y + place.f - clientY) ** 2;
    // Of two as near, the one that can be decided on.
    if (distance < least || (distance === least && point.card && !best?.card)) [best, least] = [point, distance];
  }
  return best;
}

/** @param {Point} point */
const says = ({ id, card }) =>
  `${id ?? "(no room for its id on this page)"}${card ? " · open on the desk" : " · not on this page's desk"}`;

/**
 * Ring the points that can be decided on, below all others: a large dot with a hole that they lie in.
 * @param {SVGSVGElement} square
 * @param {Point[]} points
 */
function ring(square, points) {
  const d = points.filter(({ card }) => card).map(({ x, y }) => `M${x} ${y}h0`).join("");
  const [rings, holes] = ["held", "hole"].map((name) => {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    return path;
  });
  square.prepend(rings, holes);
  return rings;
}

/**
 * @param {Review} review
 * @param {(card: Card) => void} open
 */
export function offerMap(review, open) {
  const figure = document.querySelector("figure.plane");
  const points = pointsOf(review);
  if (!figure || !points.length) return;
  const tip = make("p", { className: "tip", "aria-hidden": "true" });
  tip.hidden = true;
  figure.append(tip);
  for (const map of all(SVGSVGElement, ".plane .map")) {
    const rings = ring(as(SVGSVGElement, map.querySelector("svg")), points);
    const meant = (/** @type {MouseEvent} */ event) => {
      const place = rings.getScreenCTM();
      return place && nearest(points, place, event);
    };
    map.addEventListener("pointermove", (event) => {
      const point = meant(event);
      map.classList.toggle("opens", Boolean(point?.card));
      tip.hidden = !point;
      if (point) showTip(tip, figure, event, says(point));
    });
    map.addEventListener("pointerleave", () => (tip.hidden = true));
    map.addEventListener("click", (event) => {
      const card = meant(event)?.card;
      if (card) open(card);
    });
  }
}

/**
 * @param {HTMLElement} tip
 * @param {Element} figure what it stands in
 * @param {MouseEvent} event
 * @param {string} words
 */
function showTip(tip, figure, event, words) {
  tip.textContent = words;
  const box = figure.getBoundingClientRect();
  // Within the figure, so that no id widens the page.
  const left = Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${event.clientY - box.top + 14}px`;
}
