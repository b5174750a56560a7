import assert from "node:assert/strict";
import test from "node:test";

import { orderSays, valueSays } from "../../../cgaudit/pages/audit/js/columns.js";
import { found as foundIn } from "../../../cgaudit/pages/audit/js/filters.js";
import { asked as askedOfChange } from "../../../cgaudit/pages/change/js/filters.js";
import { card, decideAll, reviewOf } from "./inputs.mjs";

const ANY = {
  given: "", suggested: "", decision: "", split: "", by: "", low: "", high: "", order: "", id: "", flagged: false,
};
const ORDERS = {
  columns: { outlier_score: { values: [0.5, null, -2, 1e-9], high: false }, __proto__: null },
  split: [0, 1, -1, 0],
};
const CARDS = [
  card(0, { id: "A/one.png", given: 0, suggested: 1, score: 0.1 }),
  card(1, { id: "b/two.png", given: 1, suggested: 0, score: 0.5 }),
  card(2, { id: null, given: 10, suggested: 1, score: null, flagged: false }),
  card(3, { id: "b/one.png", given: 1, suggested: 1, score: 0.9, flagged: false }),
];

function queueOf(wish, letters = "") {
  const review = reviewOf(CARDS);
  decideAll(review, letters);
  return foundIn(CARDS, { ...ANY, ...wish }, review.decisions, ORDERS);
}

const found = (wish, letters = "") => queueOf(wish, letters).queue.map(({ index }) => index);

test("who asks for nothing gets all", () => assert.deepEqual(found({}), [0, 1, 2, 3]));

test("classes are asked for by their whole number", () => {
  assert.deepEqual(found({ given: "1" }), [1, 3]);
  assert.deepEqual(found({ given: "0" }), [0]);
  assert.deepEqual(found({ suggested: "1" }), [0, 2, 3]);
  assert.deepEqual(found({ given: "1", suggested: "1" }), [3]);
});

test("bounds belong to what they bound; who has no value lies within none, and is counted", () => {
  assert.deepEqual(found({ low: "0.5" }), [1, 3]);
  assert.deepEqual(found({ high: "0.5" }), [0, 1]);
  assert.deepEqual(found({ low: "0.2", high: "0.5" }), [1]);
  assert.deepEqual(found({ by: "outlier_score", high: "0" }), [2]);
  assert.deepEqual(found({ by: "outlier_score", low: "0", high: "0.5" }), [0, 3]);
  assert.equal(queueOf({ by: "outlier_score", high: "0" }).lacking, 1);
  assert.equal(queueOf({ by: "outlier_score", given: "0" }).lacking, 0);
});

test("a column sorts both ways, those without a value last", () => {
  assert.deepEqual(found({ by: "outlier_score", order: "up" }), [2, 3, 0, 1]);
  assert.deepEqual(found({ by: "outlier_score", order: "down" }), [0, 3, 2, 1]);
  assert.deepEqual(found({ by: "outlier_score" }), [0, 1, 2, 3]);
  assert.deepEqual(found({ order: "down" }), [3, 1, 0, 2]);
});

test("names sort, and bounds that were typed for a number bound none of them", () => {
  assert.deepEqual(found({ by: "given_label", order: "up", low: "5" }), [0, 1, 3, 2]);
  assert.deepEqual(found({ by: "predicted_label", order: "down" }), [0, 2, 3, 1]);
  assert.deepEqual(found({ by: "id", order: "up" }), [2, 0, 3, 1]);
  assert.equal(queueOf({ by: "id", order: "up" }).lacking, 0);
});

test("a column that is not there, or is called as what all objects have, is empty", () => {
  assert.deepEqual(found({ by: "constructor", order: "up" }), [0, 1, 2, 3]);
  assert.equal(queueOf({ by: "imported_gone", order: "up" }).lacking, 4);
});

test("a split is asked for by its number", () => {
  assert.deepEqual(found({ split: "0" }), [0, 3]);
  assert.deepEqual(found({ split: "1", given: "1" }), [1]);
});

test("what is said of the order", () => {
  assert.equal(orderSays(ANY, 3), "");
  assert.equal(orderSays({ ...ANY, order: "up" }, 0), ", by label_score ascending");
  assert.equal(orderSays({ ...ANY, by: "m", order: "down" }, 1), ", by m descending; 1 has no value");
  assert.equal(orderSays({ ...ANY, by: "m", low: "0" }, 2), "; 2 have no value and are left out");
  assert.equal(valueSays("m", 0.000123456), "m 0.0001235");
  assert.equal(valueSays("m", null), "m: no value");
  assert.equal(valueSays("id", null), "");
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
