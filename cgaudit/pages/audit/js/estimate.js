// What the decisions say about the samples that are not decided.

import { count, percent } from "../../frame/js/numbers.js";
import { byRank } from "./cards.js";

/**
 * @import { Card } from "./cards.js"
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/** @typedef {{k: number, n: number, low: number, high: number}} Interval */

/** How many of the last decided flags, by rank, tell what to expect of the next ones. */
const WINDOW = 20;

/** Fewer decisions than this say nothing about the others. */
const ENOUGH = 5;

/**
 * The Wilson score interval (Wilson 1927), 95 %, for k of n.
 * @param {number} k
 * @param {number} n
 * @returns {Interval}
 */
export function wilson(k, n) {
  const z = 1.959964;
  const centre = (k + z ** 2 / 2) / (n + z ** 2);
  const half = (z / (n + z ** 2)) * Math.sqrt((k * (n - k)) / n + z ** 2 / 4);
  return { k, n, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** @param {Decision} decision */
const isWrong = (decision) => decision.action === "relabel" || decision.action === "drop";

/** @param {Decision} decision */
const isJudged = (decision) => decision.action !== "skip";

/**
 * The interval of the share of wrong labels among decisions, skipped ones left out.
 * @param {Decision[]} decisions
 */
export function shareWrong(decisions) {
  const decided = decisions.filter(isJudged);
  return wilson(decided.filter(isWrong).length, decided.length);
}

/**
 * Decisions up to the first sample that has none, and how many were made further on.
 * @param {Card[]} cards
 * @param {Pick<Review["decisions"], "of">} decisions
 */
export function startOf(cards, decisions) {
  const made = cards.map((card) => decisions.of(card));
  const open = made.findIndex((decision) => !decision);
  const end = open < 0 ? made.length : open;
  const start = made.slice(0, end).filter((decision) => decision !== undefined);
  return { start, later: made.slice(end).filter(Boolean).length };
}

/** @param {number} n */
const laterNote = (n) => (n ? `${count(n)} decided further on will count once those before are decided.` : "");

/**
 * What the decided flags say about those that remain: those before the first open one, of which the
 * last few are the nearest in rank to what comes next.
 * @param {Pick<Review, "cards"|"data"|"decisions">} review
 */
export function remainingFlags(review) {
  const flagged = byRank(review.cards.filter((card) => card.flagged));
  if (!flagged.length) return "Nothing is flagged: these are the samples that the rest of the data supports least.";
  const { start, later } = startOf(flagged, review.decisions);
  const judged = start.filter(isJudged);
  const needed = Math.min(ENOUGH, flagged.length) - judged.length;
  if (needed > 0 && start.length < flagged.length) {
    const more = `After ${needed} more ${needed === 1 ? "decision" : "decisions"} on flagged samples, from the top, this says what to expect of the rest.`;
    return `${more} ${laterNote(later)}`.trim();
  }
  if (!judged.length) return "";
  const last = shareWrong(judged.slice(-WINDOW));
  const share = `${last.k} of the last ${last.n} flags, by rank, had a wrong label: ${percent(last.k / last.n)} (95 % interval ${percent(last.low)} to ${percent(last.high)}, Wilson).`;
  return [share, expected(review.data.counts.flagged - start.length, last), laterNote(later)].filter(Boolean).join(" ");
}

/**
 * How many wrong labels to expect among the flags that remain; they rank lower.
 * @param {number} left
 * @param {Interval} last
 */
export function expected(left, last) {
  if (left === 0) return "No flag is left to decide.";
  const next = Math.min(left, WINDOW);
  const [low, high] = [Math.floor(last.low * next), Math.ceil(last.high * next)];
  const range = low === high ? low : `${low} to ${high}`;
  const rest = left > next ? `, and no larger share of the ${count(left)} that remain: they rank lower` : "";
  return `Expect about ${range} wrong among the next ${next}${rest}. Stop when that is not worth your time.`;
}

/**
 * What the random sample says about all labels: its start up to the first undecided one.
 * @param {Pick<Review, "pool"|"data"|"decisions">} review
 */
export function labelErrors(review) {
  const { start, later } = startOf(review.pool, review.decisions);
  const share = shareWrong(start);
  const notes = [];
  if (start.length > share.n) notes.push(`${count(start.length - share.n)} skipped left out.`);
  if (later) notes.push(laterNote(later));
  if (share.n < ENOUGH) {
    return ["Decide them in this order: each says something about all labels.", ...notes].join(" ");
  }
  const all = review.data.counts.labelled;
  const low = Math.max(share.k, Math.floor(share.low * all));
  const high = Math.ceil(share.high * all);
  return [
    `${share.k} of ${share.n} drawn at random had a wrong label: ${percent(share.k / share.n)} (95 % interval ${percent(share.low)} to ${percent(share.high)}, Wilson) of all ${count(all)} labels, or ${count(low)} to ${count(high)} of them.`,
    ...notes,
  ].join(" ");
}
