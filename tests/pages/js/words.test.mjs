import assert from "node:assert/strict";
import test from "node:test";

import { pairSays } from "../../../cgaudit/pages/audit/js/pairs.js";
import { tallyOf } from "../../../cgaudit/pages/audit/js/tally.js";
import { inBrief, inWords } from "../../../cgaudit/pages/audit/js/words.js";
import { count, percent, samples } from "../../../cgaudit/pages/frame/js/numbers.js";
import { compare } from "../../../cgaudit/pages/frame/js/sorting.js";
import { card, reviewOf } from "./inputs.mjs";

test("numbers are written as the rest of the page writes them", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.deepEqual([samples(1), samples(2000)], ["1 sample", "2,000 samples"]);
  assert.deepEqual(
    [0, 0.0004, 0.0123, 0.1, 1].map(percent),
    ["0\u00a0%", "<0.1\u00a0%", "1.2\u00a0%", "10\u00a0%", "100\u00a0%"],
  );
});

test("numbers sort as numbers, names by the numbers in them", () => {
  assert.ok(compare("1,000", "999", true) > 0);
  assert.ok(compare("–", "0.1", true) < 0);
  assert.ok(compare("class 10", "class 9", false) > 0);
});

test("a pair says how much of it is not shown", () => {
  assert.equal(pairSays("1,200", 1200), ", 1,200 flagged in all of this pair");
  assert.equal(pairSays("1,200", 40), ", 1,200 flagged in all of this pair; the scores table has the others");
});

test("the tally counts what was skipped as not decided", () => {
  const made = ["relabel", "relabel", "drop", "skip"].map((action) => ({ action }));
  assert.equal(tallyOf(made, 1200), "3 of 1,200 decided: 2 changed, 1 dropped; 1 skipped");
  assert.equal(tallyOf([], 3), "0 of 3 decided");
});

test("a decision and the next sample in words", () => {
  assert.equal(inWords({ action: "relabel", label: "dog" }), "changed to dog");
  assert.equal(inWords({ action: "drop" }), "dropped");
  const cards = [card(0), card(1, { suggested: 0 })];
  const review = { ...reviewOf(cards), queue: cards };
  assert.equal(inBrief(review, cards[0]), "Next: 1 of 2, cat, suggested dog.");
  assert.equal(inBrief(review, cards[1]), "Next: 2 of 2, cat, no better class.");
});
