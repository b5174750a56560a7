// What is decided so far, and what that says about the rest.

import { $, as } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { labelErrors, remainingFlags } from "./estimate.js";
import { fixes } from "./fixes.js";

/**
 * @import { Decision } from "./decisions.js"
 * @import { Review } from "./review.js"
 */

/**
 * How many of so many samples are decided, and as what.
 * @param {Decision[]} decisions
 * @param {number} total
 */
export function tallyOf(decisions, total) {
  const tally = { relabel: 0, keep: 0, drop: 0, skip: 0 };
  for (const decision of decisions) tally[decision.action] += 1;
  const parts = [];
  if (tally.relabel) parts.push(`${tally.relabel} changed`);
  if (tally.keep) parts.push(`${tally.keep} kept`);
  if (tally.drop) parts.push(`${tally.drop} dropped`);
  const detail = parts.length ? `: ${parts.join(", ")}` : "";
  const skipped = tally.skip ? `; ${tally.skip} skipped` : "";
  return `${count(decisions.length - tally.skip)} of ${count(total)} decided${detail}${skipped}`;
}

/** @param {Review} review */
export function drawTally(review) {
  const pool = review.pool;
  const decisions = pool.map((card) => review.decisions.of(card)).filter((decision) => decision !== undefined);
  $("tally").textContent = tallyOf(decisions, pool.length);
  const progress = as(HTMLProgressElement, $("progress"));
  progress.max = Math.max(1, pool.length);
  progress.value = decisions.length;
  const unkept = review.decisions.kept ? "" : " This browser keeps no data for this file: download before you leave.";
  $("estimate").textContent = estimateOf(review) + unkept;
  drawButtons(fixes(review).length, review.decisions.size);
  const accepts = review.acceptable.length;
  $("accept-all").textContent = `Change all ${count(accepts)} to what is suggested`;
  $("accept-all").hidden = accepts < 2;
}

/** @param {Review} review */
function estimateOf(review) {
  if (review.mode === "random") return labelErrors(review);
  return review.mode === "worst" ? remainingFlags(review) : "";
}

/**
 * @param {number} n decisions to download
 * @param {number} made decisions, with those to skip
 */
function drawButtons(n, made) {
  const download = as(HTMLButtonElement, $("download"));
  download.textContent = n ? `Download ${count(n)} ${n === 1 ? "decision" : "decisions"}` : "Download decisions";
  download.disabled = n === 0;
  const here = as(HTMLButtonElement, $("download-here"));
  here.textContent = `Download ${count(n)}`;
  here.disabled = n === 0;
  as(HTMLButtonElement, $("forget")).disabled = made === 0;
  $("so-far").textContent = made ? `${count(made)} decided so far` : "";
}
