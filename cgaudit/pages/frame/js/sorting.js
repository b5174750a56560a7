// The class table, sorted by a click on a column's head.

import { as, make } from "./elements.js";

/**
 * How two values of a column compare; numbers may have commas, names have numbers in them.
 * @param {string} a
 * @param {string} b
 * @param {boolean} numeric
 */
export function compare(a, b, numeric) {
  const number = (/** @type {string} */ text) => parseFloat(text.replaceAll(",", "")) || 0;
  return numeric ? number(a) - number(b) : a.localeCompare(b, undefined, { numeric: true });
}

/**
 * What a row is sorted by.
 * @param {HTMLTableRowElement} row
 * @param {number} column
 */
function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.v ?? cell.firstChild?.textContent ?? "";
}

/** @param {HTMLTableElement} table */
export function sortByHeads(table) {
  const body = table.tBodies[0];
  const heads = Array.from(as(HTMLTableSectionElement, table.tHead).rows[0].cells);
  heads.forEach((head, column) => {
    const button = make("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    const numeric = head.classList.contains("num");
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numeric;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column), numeric));
      body.append(...rows);
    });
  });
}
