import assert from "node:assert/strict";
import { test } from "node:test";

import { asText, changeInWords, labelsIn } from "../../../cgaudit/pages/audit/js/labelset.js";

test("a set is written as Python writes it", () => {
  assert.equal(asText(new Set(["dog", "cat"])), '["cat", "dog"]');
  assert.equal(asText([]), "[]");
  assert.equal(asText(['say "hi"', "é", "a, b"]), '["a, b", "say \\"hi\\"", "é"]');
  assert.equal(asText(["a", "a"]), '["a"]');
});

test("what is written is read again", () => {
  for (const labels of [[], ["a"], ['"', "\\", "]"], ["ünï", "\u2028"]]) {
    assert.deepEqual(new Set(labelsIn(asText(labels))), new Set(labels));
  }
  assert.deepEqual(labelsIn(null), []);
});

test("a change says what is gained and lost", () => {
  assert.equal(changeInWords(["a", "b"], ["b", "c"]), "+c −a");
  assert.equal(changeInWords(["a"], ["a"]), "");
  assert.equal(changeInWords([], ["b", "a"]), "+a +b");
});
