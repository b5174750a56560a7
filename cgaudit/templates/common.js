"use strict";
// What the pages share. They say everything without it.

document.documentElement.classList.add("js");

/** Cards put into the page at once. */
const STEP = 200;

/** Cards whose pictures are made at once. */
const PORTION = 10;

const $ = (id) => document.getElementById(id);

/** Make an element with properties, attributes (by `aria-…` or `data-…` names) and children. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const count = (number) => number.toLocaleString("en");
const samples = (number) => `${count(number)} ${number === 1 ? "sample" : "samples"}`;

function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1\u00a0%";
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}\u00a0%`;
}

// ------------------------------------------------------------------------------------ pictures

/**
 * The pictures, which stand once in the page and are drawn wherever they are used.
 *
 * They stand in a noscript, so that to a browser with scripting they are text at first: a thousand
 * images at once would hold up the page for a second. They become images in small portions, those
 * of the desk at once.
 */
class Pictures {
  #sources = $("pictures")?.textContent.match(/<image .*?\/>/g) ?? [];
  #made = new Set();
  #filled = new WeakSet();
  #waiting = [];
  #others;
  #place;

  /** @param others what is always in the page; its pictures are made after all that is asked for */
  constructor(others = []) {
    this.#others = others;
    document.body.insertAdjacentHTML("beforeend", '<svg class="sprite" width="0" height="0" aria-hidden="true"><defs></defs></svg>');
    this.#place = document.body.lastElementChild.firstElementChild;
    addEventListener("beforeprint", () => this.#make(this.#waiting.splice(0)));
  }

  /** Make the pictures of a card now. */
  need(node) {
    if (!this.#filled.has(node)) this.#make([node]);
  }

  /** Make the pictures of cards as time permits. */
  fill(nodes) {
    const idle = this.#waiting.length === 0;
    this.#waiting = [...nodes, ...this.#others].filter((node) => !this.#filled.has(node));
    if (idle) this.#continue();
  }

  #continue() {
    this.#make(this.#waiting.splice(0, PORTION));
    if (this.#waiting.length) setTimeout(() => this.#continue());
  }

  /** The sources are this page's own and hold no text of the data. */
  #make(nodes) {
    for (const node of nodes) this.#filled.add(node);
    const ids = nodes.flatMap((node) =>
      Array.from(node.querySelectorAll("use"), (use) => use.getAttribute("href").slice(2)),
    );
    const fresh = [...new Set(ids)].filter((id) => !this.#made.has(id));
    for (const id of fresh) this.#made.add(id);
    this.#place.insertAdjacentHTML("beforeend", fresh.map((id) => this.#sources[id]).join(""));
  }
}

/** Offer in a select the classes that the cards have. */
function offerClasses(select, codes, label) {
  const names = [...new Set(codes)].map((code) => [code, label(code)]);
  names.sort((a, b) => a[1].localeCompare(b[1], undefined, { numeric: true }));
  select.append(...names.map(([code, name]) => make("option", { value: code }, name)));
}

// -------------------------------------------------------------------------------- class table

/** Sort the class table by a click on a column's head. */
function sortByHeads(table) {
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v ?? cell.firstChild?.textContent ?? "";
  };
  const number = (text) => parseFloat(text.replaceAll(",", "")) || 0;
  Array.from(table.tHead.rows[0].cells, (head, column) => {
    const button = make("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    const numeric = head.classList.contains("num");
    const compare = (a, b) =>
      numeric ? number(a) - number(b) : a.localeCompare(b, undefined, { numeric: true });
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numeric;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
      body.append(...rows);
    });
  });
}
