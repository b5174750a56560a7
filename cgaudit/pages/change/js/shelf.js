// A gallery of cards, laid out in portions.

import { STEP, as, find } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";

/** Cards of a gallery before more are asked for. */
const FIRST = 24;

/** One gallery: the cards that are asked for, the first of them laid out. */
export class Shelf {
  #list;
  #more;
  #cards;
  #asked;
  #most = FIRST;

  /**
   * @param {Element} element
   * @param {() => void} redraw
   */
  constructor(element, redraw) {
    this.#list = find(element, ".gallery");
    this.#more = find(element, ".more");
    this.#cards = Array.from(this.#list.children, (card) => as(HTMLElement, card));
    this.#asked = this.#cards;
    this.#more.addEventListener("click", () => {
      this.#most += STEP;
      redraw();
    });
  }

  get cards() {
    return this.#cards;
  }

  /**
   * Ask for the cards that pass a test; return how many do.
   * @param {(card: HTMLElement) => boolean} test
   */
  ask(test) {
    this.#asked = this.#cards.filter(test);
    this.#most = FIRST;
    return this.#asked.length;
  }

  /** Let everything that is asked for be laid out: paper has no button for more. */
  unroll() {
    this.#most = Infinity;
  }

  /** Lay out what is asked for; return these cards. */
  draw() {
    const shown = this.#asked.slice(0, this.#most);
    this.#list.replaceChildren(...shown);
    const left = this.#asked.length - shown.length;
    this.#more.hidden = left === 0;
    find(this.#more, "button").textContent =
      left > STEP ? `Show ${count(STEP)} more of ${count(left)}` : `Show the other ${count(left)}`;
    return shown;
  }
}
