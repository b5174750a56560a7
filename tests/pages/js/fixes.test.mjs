import assert from "node:assert/strict";
import test from "node:test";

import { fileOf, fitting, fixes, rowsIn, takeFixes } from "../../../cgaudit/pages/audit/js/fixes.js";
import { card, decideAll, reviewOf } from "./inputs.mjs";

const HOSTILE = 'a"b\\c\n</script>\u2028é😀';
const cards = () => [card(0, { id: HOSTILE }), card(1), card(2, { hash: null }), card(3), card(4)];

function decided(letters, made = cards()) {
  const review = reviewOf(made);
  decideAll(review, letters);
  return review;
}

test("the rows are what `cgaudit apply` reads, without what was skipped", () => {
  assert.deepEqual(fixes(decided("rsk-d")), [
    { id: HOSTILE, action: "relabel", label: "dog", given_label: "cat", content_hash: "h0" },
    { id: "img/2.png", action: "keep", given_label: "cat" },
    { id: "img/4.png", action: "drop", given_label: "cat", content_hash: "h4" },
  ]);
});

test("a comment goes with its decision, there and back", () => {
  const first = decided("rs");
  first.decisions.comment(first.cards[0], ` ${HOSTILE} `);
  first.decisions.comment(first.cards[1], "of a sample that was skipped");
  const file = fileOf(fixes(first));
  assert.equal(JSON.parse(file)[0].comment, HOSTILE);
  assert.equal(JSON.parse(file).length, 1);
  const second = decided("");
  takeFixes(second, file);
  assert.equal(second.decisions.commentOn(second.cards[0]), HOSTILE);
  assert.deepEqual(fixes(second), fixes(first));
});

test("a file has a row a line", () => {
  assert.equal(fileOf([{ id: "a" }, { id: "b" }]), '[\n  {"id":"a"},\n  {"id":"b"}\n]\n');
});

test("a downloaded file brings the same decisions to a page that has none", () => {
  const first = decided("rsk-d");
  const second = decided("");
  const says = takeFixes(second, fileOf(fixes(first)));
  assert.equal(says, "3 of 3 decisions loaded.");
  assert.deepEqual(fixes(second), fixes(first));
  assert.equal(second.decisions.of(second.cards[1]), undefined);
});

test("it takes the place of what was decided, and one undo takes it back", () => {
  const second = decided("kk");
  const says = takeFixes(second, fileOf(fixes(decided("rsk"))));
  assert.equal(says, "2 of 2 decisions loaded. 1 took the place of one made here; Undo takes the file back.");
  assert.equal(second.decisions.of(second.cards[0]).action, "relabel");
  second.decisions.undo();
  assert.deepEqual(second.cards.map((one) => second.decisions.of(one)?.action), ["keep", "keep", undefined, undefined, undefined]);
});

test("decisions on another label, and on samples that are not shown, are counted and left", () => {
  const rows = [
    { id: "img/1.png", action: "keep", given_label: "bird" },
    { id: "elsewhere", action: "keep", given_label: "cat" },
    { id: "img/3.png", action: "keep" },
  ];
  const review = decided("");
  const { taken, changed } = fitting(review, rows);
  assert.deepEqual(taken.map(([one, decision]) => [one.index, decision]), [[3, { action: "keep" }]]);
  assert.equal(changed, 1);
  assert.equal(
    takeFixes(review, JSON.stringify(rows)),
    "1 of 3 decisions loaded. 1 were made on another label than this report's. 1 are not on samples shown here.",
  );
});

test("rows that hold no decision are left, whatever they are", () => {
  const id = "img/1.png";
  const rows = [null, 7, "x", [], {}, { id }, { id, action: "skip" }, { id, action: "relabel" }, { id, action: "relabel", label: 3 }, { id: null, action: "keep" }];
  const review = decided("", [...cards(), card(5, { id: null })]);
  assert.deepEqual(fitting(review, rowsIn(JSON.stringify(rows))), { taken: [], changed: 0 });
});

test("what is no list of rows is refused in words for a reviewer", () => {
  for (const text of ["", "{", "{}", "null", "id,label\n"]) {
    assert.throws(() => rowsIn(text), /^Error: it is not a file of decisions/);
  }
});
