// The pictures of the samples, made when there is time for them.

import { as } from "./elements.js";

/** Cards whose pictures are made at once. */
const PORTION = 10;

/**
 * The pictures, which stand once in the page and are drawn wherever they are used.
 *
 * They stand in a noscript, so that to a browser with scripting they are text at first: a thousand
 * images at once would hold up the page for a second. They become images in small portions, those
 * of the desk at once.
 */
export class Pictures {
  /** @type {string[]} */
  #sources = document.getElementById("pictures")?.textContent?.match(/<image .*?\/>/g) ?? [];
  /** @type {Set<number>} */
  #made = new Set();
  /** @type {WeakSet<Element>} */
  #filled = new WeakSet();
  /** @type {Element[]} */
  #waiting = [];
  #others;
  #place;

  /**
   * @param {Element[]} others what is always in the page; its pictures are made after all that is
   *   asked for
   */
  constructor(others = []) {
    this.#others = others;
    document.body.insertAdjacentHTML("beforeend", '<svg class="sprite" width="0" height="0" aria-hidden="true"><defs></defs></svg>');
    this.#place = as(SVGElement, document.body.lastElementChild?.firstElementChild);
    addEventListener("beforeprint", () => this.#make(this.#waiting.splice(0)));
  }

  /**
   * Make the pictures of a card now.
   * @param {Element} node
   */
  need(node) {
    if (!this.#filled.has(node)) this.#make([node]);
  }

  /**
   * Make the pictures of cards as time permits.
   * @param {Element[]} nodes
   */
  fill(nodes) {
    const idle = this.#waiting.length === 0;
    this.#waiting = [...nodes, ...this.#others].filter((node) => !this.#filled.has(node));
    if (idle) this.#continue();
  }

  #continue() {
    this.#make(this.#waiting.splice(0, PORTION));
    if (this.#waiting.length) setTimeout(() => this.#continue());
  }

  /**
   * The sources are this page's own and hold no text of the data.
   * @param {Element[]} nodes
   */
  #make(nodes) {
    for (const node of nodes) this.#filled.add(node);
    const ids = nodes.flatMap((node) =>
      Array.from(node.querySelectorAll("use"), (use) => Number(use.href.baseVal.slice(2))),
    );
    const fresh = [...new Set(ids)].filter((id) => !this.#made.has(id));
    for (const id of fresh) this.#made.add(id);
    this.#place.insertAdjacentHTML("beforeend", fresh.map((id) => this.#sources[id]).join(""));
  }
}
