import assert from "node:assert/strict";
import test from "node:test";

import { asked } from "../../../cgaudit/pages/audit/js/filters.js";
import { asked as askedOfChange } from "../../../cgaudit/pages/change/js/filters.js";
import { card, decideAll, reviewOf } from "./inputs.mjs";

const ANY = { given: "", suggested: "", decision: "", low: "", high: "", id: "", flagged: false };
const CARDS = [
  card(0, { id: "A/one.png", given: 0, suggested: 1, score: 0.1 }),
  card(1, { id: "b/two.png", given: 1, suggested: 0, score: 0.5 }),
  card(2, { id: null, given: 10, suggested: 1, score: null, flagged: false }),
  card(3, { id: "b/one.png", given: 1, suggested: 1, score: 0.9, flagged: false }),
];

function found(wish, letters = "") {
  const review = reviewOf(CARDS);
  decideAll(review, letters);
  return CARDS.filter(asked({ ...ANY, ...wish }, review.decisions)).map(({ index }) => index);
}

test("who asks for nothing gets all", () => assert.deepEqual(found({}), [0, 1, 2, 3]));

test("classes are asked for by their whole number", () => {
  assert.deepEqual(found({ given: "1" }), [1, 3]);
  assert.deepEqual(found({ given: "0" }), [0]);
  assert.deepEqual(found({ suggested: "1" }), [0, 2, 3]);
  assert.deepEqual(found({ given: "1", suggested: "1" }), [3]);
});

test("bounds belong to what they bound; who has no score is never left out by them", () => {
  assert.deepEqual(found({ low: "0.5" }), [1, 2, 3]);
  assert.deepEqual(found({ high: "0.5" }), [0, 1, 2]);
  assert.deepEqual(found({ low: "0.2", high: "0.5" }), [1, 2]);
});

test("an id is found by a part of it, whatever its case", () => {
  assert.deepEqual(found({ id: " ONE" }), [0, 3]);
  assert.deepEqual(found({ id: "a/" }), [0]);
  assert.deepEqual(found({ id: "null" }), []);
});

test("flagged only", () => assert.deepEqual(found({ flagged: true }), [0, 1]));

test("what was decided, and what is open", () => {
  assert.deepEqual(found({ decision: "open" }, "r-k"), [1, 3]);
  assert.deepEqual(found({ decision: "relabel" }, "r-k"), [0]);
  assert.deepEqual(found({ decision: "skip" }, "rsk"), [1]);
});

test("all that is asked for must hold", () => {
  assert.deepEqual(found({ given: "1", flagged: true, low: "0.4", id: "two", decision: "open" }), [1]);
  assert.deepEqual(found({ given: "1", flagged: true, low: "0.6", id: "two", decision: "open" }), []);
});

test("the page of a change asks by verdict, labels and id", () => {
  const any = { verdict: "", from: "", to: "", id: "" };
  const facts = [
    { verdict: "supported", from: "cat", to: "dog", id: "A1" },
    { verdict: "contradicted", from: "cat", to: "catfish", id: "b1" },
  ];
  const seen = (wish) => facts.filter(askedOfChange({ ...any, ...wish })).map(({ id }) => id);
  assert.deepEqual(seen({}), ["A1", "b1"]);
  assert.deepEqual(seen({ verdict: "contradicted" }), ["b1"]);
  assert.deepEqual(seen({ to: "cat" }), []);
  assert.deepEqual(seen({ from: "cat", to: "dog" }), ["A1"]);
  assert.deepEqual(seen({ id: " a" }), ["A1"]);
});
