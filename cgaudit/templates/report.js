"use strict";
// The page says everything without this script; it sorts the classes and filters the samples.

document.documentElement.classList.add("js");

// Sort the class table by a click on a column's head.
{
  const table = document.getElementById("health");
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v ?? cell.firstChild?.textContent ?? "";
  };
  const compare = (a, b, numeric) =>
    numeric
      ? (parseFloat(a.replaceAll(",", "")) || 0) - (parseFloat(b.replaceAll(",", "")) || 0)
      : a.localeCompare(b, undefined, { numeric: true });
  Array.from(table.tHead.rows[0].cells, (head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const numeric = head.classList.contains("num");
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numeric;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column), numeric));
      body.append(...rows);
    });
  });
}

// Show the samples of one confused pair.
{
  const cards = Array.from(document.querySelectorAll("#gallery > li"));
  const bar = document.getElementById("filter");
  const pairs = new Map();

  const isOf = (card, key) =>
    !card.classList.contains("fine") && `${card.dataset.g},${card.dataset.p}` === key;

  const select = (key, says, count) => {
    let shown = 0;
    for (const card of cards) {
      card.hidden = key !== null && !isOf(card, key);
      shown += card.hidden ? 0 : 1;
    }
    for (const [other, buttons] of pairs) {
      for (const button of buttons) button.setAttribute("aria-pressed", String(other === key));
    }
    bar.hidden = key === null;
    document.getElementById("nothing").hidden = key === null || shown > 0;
    document.getElementById("status").textContent = 
      key === null ? "" : `${says}: ${shown} of ${count} flagged are shown here`;
    if (key !== null) document.getElementById("samples").scrollIntoView();
  };

  const offer = (place, says, count) => {
    const key = `${place.dataset.g},${place.dataset.p}`;
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.append(...place.childNodes);
    place.append(button);
    pairs.set(key, [...(pairs.get(key) ?? []), button]);
    button.addEventListener("click", () => {
      const chosen = button.getAttribute("aria-pressed") === "true";
      select(chosen ? null : key, says, count);
    });
    return button;
  };

  const heads = document.querySelectorAll(".heatmap thead th bdi");
  for (const cell of document.querySelectorAll(".heatmap td[data-g]")) {
    const given = cell.parentElement.querySelector("th bdi").textContent;
    const suggested = heads[cell.cellIndex - 1].textContent;
    const count = cell.textContent;
    const button = offer(cell, `${given} → ${suggested}`, count);
    button.title = `${given} → ${suggested}: ${count}`;
    button.setAttribute("aria-label", `${given}, suggested ${suggested}: ${count} flagged`);
  }
  for (const item of document.querySelectorAll(".ranking li")) {
    const [given, suggested] = Array.from(item.querySelectorAll("bdi"), (part) => part.textContent);
    offer(item, `${given} → ${suggested}`, item.querySelector(".num").textContent);
  }
  document.getElementById("clear").addEventListener("click", () => select(null));
}
