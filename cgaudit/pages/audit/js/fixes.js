// The file of decisions: what `cgaudit apply` reads, and what this page takes back.

import { count } from "../../frame/js/numbers.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/**
 * A row of a file that anybody may have written.
 * @typedef {{id?: unknown, action?: unknown, label?: unknown, given_label?: unknown, decided_at?: unknown, comment?: unknown}} Row
 */

/**
 * The rows of the file; what was skipped is not decided.
 * @param {Pick<Review, "cards"|"data"|"decisions"|"label">} review
 */
export function fixes(review) {
  return review.cards.flatMap((card) => {
    const decision = review.decisions.of(card);
    if (!decision || decision.action === "skip") return [];
    const comment = review.decisions.commentOn(card).trim();
    return {
      id: card.id,
      action: decision.action,
      ...(decision.action === "relabel" && { label: decision.label }),
      given_label: review.label(card.given),
      ...(card.hash !== null && { content_hash: card.hash }),
      ...(review.data.reviewer && { reviewer: review.data.reviewer }),
      ...(decision.at && { decided_at: decision.at }),
      ...(comment && { comment }),
    };
  });
}

/**
 * The file itself, one row a line.
 * @param {object[]} rows
 */
export const fileOf = (rows) => `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;

/**
 * Read such a file.
 * @param {string} text
 * @returns {Row[]}
 */
export function rowsIn(text) {
  /** @type {unknown} */
  let rows = null;
  try {
    rows = JSON.parse(text);
  } catch {
    // Said below: what a parser reports means nothing to a reviewer.
  }
  if (!Array.isArray(rows)) throw new Error("it is not a file of decisions that this page downloads (JSON)");
  return rows.map((row) => (typeof row === "object" && row !== null ? row : {}));
}

/**
 * The decision that a row holds, if it holds one.
 * @param {Row} row
 * @returns {Decision|null}
 */
function decisionIn({ action, label, decided_at }) {
  const when = typeof decided_at === "string" ? { at: decided_at } : {};
  if (action === "keep" || action === "drop") return { action, ...when };
  return action === "relabel" && typeof label === "string" ? { action, label, ...when } : null;
}

/**
 * Which decisions of a file are on samples shown here, and how many on another label than theirs.
 * @param {Pick<Review, "cards"|"label">} review
 * @param {Row[]} rows
 */
export function fitting(review, rows) {
  const byId = new Map(review.cards.map((card) => [card.id, card]));
  /** @type {[Card, Decision, string?][]} */
  const taken = [];
  let changed = 0;
  for (const row of rows) {
    const card = typeof row.id === "string" && byId.get(row.id);
    if (!card || !["relabel", "keep", "drop"].includes(String(row.action))) continue;
    const decision = decisionIn(row);
    const given = review.label(card.given);
    if ((row.given_label ?? given) !== given) changed += 1;
    else if (decision) taken.push(typeof row.comment === "string" ? [card, decision, row.comment] : [card, decision]);
  }
  return { taken, changed };
}

/**
 * Take decisions from such a file; return a sentence about what became of them.
 * @param {Pick<Review, "cards"|"decisions"|"label">} review
 * @param {string} text
 */
export function takeFixes(review, text) {
  const rows = rowsIn(text);
  const { taken, changed } = fitting(review, rows);
  const replaced = taken.filter(([card]) => review.decisions.of(card)).length;
  if (taken.length) review.decisions.decideAll(taken);
  const parts = [`${count(taken.length)} of ${count(rows.length)} decisions loaded.`];
  if (replaced) parts.push(`${count(replaced)} took the place of one made here; Undo takes the file back.`);
  if (changed) parts.push(`${count(changed)} were made on another label than this report's.`);
  const absent = rows.length - taken.length - changed;
  if (absent) parts.push(`${count(absent)} are not on samples shown here.`);
  return parts.join(" ");
}
