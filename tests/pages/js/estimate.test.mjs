import assert from "node:assert/strict";
import test from "node:test";

import { expected, labelErrors, remainingFlags, shareWrong, startOf, wilson } from "../../../cgaudit/pages/audit/js/estimate.js";
import { card, decideAll, reviewOf } from "./inputs.mjs";

const cards = (n, changes) => Array.from({ length: n }, (_, index) => card(index, changes));
const near = (actual, wanted) => assert.ok(Math.abs(actual - wanted) < 5e-5, `${actual} is not ${wanted}`);

/** The bounds are where the score test rejects: (k/n - p)² = z² p (1 - p) / n. */
function rejects(k, n, p) {
  return Math.abs((k / n - p) ** 2 - (1.959964 ** 2 * p * (1 - p)) / n) < 1e-12;
}

test("the Wilson interval has the textbook's values", () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  for (const [k, n, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]]) {
    const interval = wilson(k, n);
    near(interval.low, low);
    near(interval.high, high);
  }
});

test("the bounds of the Wilson interval solve its equation", () => {
  for (const [k, n] of [[1, 5], [3, 7], [19, 20], [250, 400]]) {
    const { low, high } = wilson(k, n);
    assert.ok(rejects(k, n, low) && rejects(k, n, high));
    assert.ok(low < k / n && k / n < high);
  }
});

test("the interval stays within 0 and 1, and mirrors", () => {
  assert.equal(wilson(0, 5).low, 0);
  assert.equal(wilson(5, 5).high, 1);
  near(wilson(2, 9).low, 1 - wilson(7, 9).high);
});

test("relabelled and dropped are wrong, kept is right, skipped does not count", () => {
  const actions = ["relabel", "drop", "keep", "skip", "keep"].map((action) => ({ action }));
  const { k, n } = shareWrong(actions);
  assert.deepEqual([k, n], [2, 4]);
});

test("only the decisions before the first open sample make up the start", () => {
  const review = reviewOf(cards(6));
  decideAll(review, "rs-kd");
  const { start, later } = startOf(review.cards, review.decisions);
  assert.deepEqual(start.map(({ action }) => action), ["relabel", "skip"]);
  assert.equal(later, 2);
});

test("too few flags say how many more they need", () => {
  const review = reviewOf(cards(30));
  decideAll(review, "rkks");
  assert.match(remainingFlags(review), /^After 2 more decisions on flagged samples/);
  decideAll(review, "rkkrs-k");
  assert.match(remainingFlags(review), /^After 1 more decision on .* 1 decided further on will count/);
});

test("the last twenty flags say what to expect of the next twenty", () => {
  const review = reviewOf(cards(200), { flagged: 200 });
  decideAll(review, "r".repeat(15) + "k".repeat(10) + "d".repeat(5));
  // 10 of the last 20: 29.9 to 70.1 %, so 5 to 15 of 20.
  assert.equal(
    remainingFlags(review),
    "10 of the last 20 flags, by rank, had a wrong label: 50\u00a0% (95 % interval 30\u00a0% to 70\u00a0%, Wilson). " +
      "Expect about 5 to 15 wrong among the next 20, and no larger share of the 170 that remain: they rank lower. " +
      "Stop when that is not worth your time.",
  );
});

test("samples that are not flagged say nothing about flags", () => {
  const review = reviewOf(cards(8, { flagged: false }), { flagged: 0 });
  decideAll(review, "rrrrrrrr");
  assert.match(remainingFlags(review), /^Nothing is flagged/);
});

test("the end is said", () => {
  assert.equal(expected(0, wilson(3, 5)), "No flag is left to decide.");
  assert.match(expected(3, wilson(5, 5)), /^Expect about 1 to 3 wrong among the next 3\. /);
});

test("the random sample bounds the wrong labels of all", () => {
  const review = reviewOf(cards(100), { labelled: 50_000 });
  decideAll(review, "r".repeat(5) + "k".repeat(94) + "s");
  const { low, high } = wilson(5, 99);
  assert.equal(
    labelErrors(review),
    "5 of 99 drawn at random had a wrong label: 5.1\u00a0% (95 % interval 2.2\u00a0% to 11\u00a0%, Wilson) of all 50,000 labels, or " +
      `${Math.floor(low * 50_000).toLocaleString("en")} to ${Math.ceil(high * 50_000).toLocaleString("en")} of them. 1 skipped left out.`,
  );
});

test("fewer than five drawn samples say nothing about all", () => {
  const review = reviewOf(cards(10));
  decideAll(review, "rrrr-k");
  assert.match(labelErrors(review), /^Decide them in this order: .* 1 decided further on will count/);
});
