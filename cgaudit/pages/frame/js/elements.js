// How the scripts get at the page's elements. A page says everything without them.

/** Cards put into the page at once. */
export const STEP = 200;

/**
 * The element as the type that it has; a page and its scripts go together, so another is a fault.
 * @template {Element} T
 * @param {new () => T} type
 * @param {Element|RadioNodeList|null|undefined} found
 * @returns {T}
 */
export function as(type, found) {
  if (found instanceof type) return found;
  throw new TypeError(`${found} is no ${type.name}`);
}

/** @param {string} id of an element that is there */
export const $ = (id) => as(HTMLElement, document.getElementById(id));

/**
 * The first element that is meant; there is one.
 * @param {ParentNode} parent
 * @param {string} selector
 */
export const find = (parent, selector) => as(HTMLElement, parent.querySelector(selector));

/**
 * All elements that are meant.
 * @template {Element} T
 * @param {new () => T} type
 * @param {string} selector
 */
export const all = (type, selector) =>
  Array.from(document.querySelectorAll(selector), (element) => as(type, element));

/**
 * A field of a form by its name.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLSelectElement ? found : as(HTMLInputElement, found);
}

/**
 * The element that an event happened on; what happens on the document happens on its root.
 * @param {Event} event
 */
export const target = (event) => (event.target instanceof Element ? event.target : document.documentElement);

/**
 * Make an element with properties, attributes (by `aria-…` or `data-…` names) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} properties
 * @param {...(Node|string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make a drawing of one of the page's pictures.
 * @param {number} number of the picture
 * @param {string} says
 */
export function picture(number, says) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#t${number}`);
  const size = sizes()[number];
  if (size) drawing.setAttribute("viewBox", `0 0 ${size}`);
  drawing.setAttribute("class", "pic");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", says);
  drawing.append(use);
  return drawing;
}

/** @type {string[]|undefined} */
let known;

/** Width and height of the page's pictures, in their order. */
function sizes() {
  const source = () => document.getElementById("pictures")?.textContent ?? "";
  return (known ??= Array.from(source().matchAll(/<image [^>]*?width="(\d+)" height="(\d+)"/g), ([, w, h]) => `${w} ${h}`));
}

/**
 * Offer in a select the classes that the cards have.
 * @template {number|string} C
 * @param {HTMLSelectElement} select
 * @param {C[]} codes
 * @param {(code: C) => string} label
 */
export function offerClasses(select, codes, label) {
  const offers = [...new Set(codes)].map((code) => ({ value: String(code), name: label(code) }));
  offers.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  select.append(...offers.map(({ value, name }) => make("option", { value }, name)));
}
