import assert from "node:assert/strict";
import test from "node:test";

import { asLabels, idleComments, offersOf, rowsOf } from "../../../cgaudit/pages/change/js/decide.js";
import { score } from "../../../cgaudit/pages/frame/js/numbers.js";

const choice = (changes = {}) => ({ id: "a", given: "dog", back: "cat", suggested: "fox", hash: "h", ...changes });
const decisionsOf = (made, comments = {}) => ({ of: ({ index }) => made[index], commentOn: ({ index }) => comments[index] ?? "" });

test("a relabelling can stand, go back, or become what is suggested", () => {
  assert.deepEqual(offersOf(choice()), [
    ["Keep dog", { action: "keep" }],
    ["Back to cat", { action: "relabel", label: "cat" }],
    ["Change to fox", { action: "relabel", label: "fox" }],
    ["Drop", { action: "drop" }],
  ]);
  assert.deepEqual(offersOf(choice({ back: null, suggested: null })).map(([words]) => words), ["Keep dog", "Drop"]);
});

test("sets of labels are said in words and decided on as they are written", () => {
  const offers = offersOf(choice({ given: '["cat", "dog"]', back: "[]", suggested: null }), asLabels);
  assert.deepEqual(offers.slice(0, 2), [
    ["Keep cat, dog", { action: "keep" }],
    ["Back to no label", { action: "relabel", label: "[]" }],
  ]);
});

test("what cannot be named exactly is not decided on", () => {
  assert.deepEqual(offersOf(choice({ id: null })), []);
  assert.deepEqual(offersOf(choice({ given: null })), []);
});

test("the rows are what `cgaudit apply` reads, one a sample", () => {
  const choices = [choice(), choice({ id: "b", hash: null }), choice(), choice({ id: "c" })];
  const made = [{ action: "relabel", label: "cat", at: "2026" }, { action: "keep" }, { action: "relabel", label: "cat", at: "2026" }];
  assert.deepEqual(rowsOf(choices, decisionsOf(made, { 1: " blurred ", 3: "of nothing" })), [
    { id: "a", action: "relabel", label: "cat", given_label: "dog", content_hash: "h", decided_at: "2026" },
    { id: "b", action: "keep", given_label: "dog", comment: "blurred" },
  ]);
  assert.equal(idleComments(choices, decisionsOf(made, { 0: "on both cards", 1: " blurred ", 3: "of nothing" })), 1);
});

test("scores near an end are told apart, as Python writes them", () => {
  const written = { 0.93149: "0.931", 0: "0.000", 1: "1.000", 0.00031: "0.00031", 0.99987: "0.99987", 0.9996: "0.99960", 1e-8: "<0.000001" };
  for (const [value, text] of Object.entries(written)) assert.equal(score(Number(value)), text);
  assert.equal(score(null), "–");
});
