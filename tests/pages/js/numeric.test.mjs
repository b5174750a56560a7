import assert from "node:assert/strict";
import { test } from "node:test";

import { isNumber } from "../../../cgaudit/pages/audit/js/numeric.js";

test("numbers with a point", () => {
  for (const text of ["12", "-3", "1,234.5", "1 234.5", ".5", "5.", "1e5", "€ 12", "7 %", " 8 "]) {
    assert.ok(isNumber(text, false), text);
  }
  for (const text of ["", "blue", "-", "12,5", "1.234,5", "1-2", "3 4", "12 or 13"]) {
    assert.ok(!isNumber(text, false), text);
  }
});

test("numbers with a decimal comma", () => {
  for (const text of ["12", "-3", "1.234,5", "12,5", ",5", "€ 12,5"]) assert.ok(isNumber(text, true), text);
  for (const text of ["", "12.5", "1,234.5", "blue"]) assert.ok(!isNumber(text, true), text);
});
