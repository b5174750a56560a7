import assert from "node:assert/strict";
import test from "node:test";

import { Decisions } from "../../../cgaudit/pages/audit/js/decisions.js";
import { Storage, card, useStorage } from "./inputs.mjs";

const RELABEL = { action: "relabel", label: "dog" };

test("decisions come back from the browser under their report's key alone", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.decide(card(3), RELABEL);
  made.decide(card(1), { action: "skip" });
  const again = new Decisions("one");
  assert.deepEqual(again.of(card(3)), RELABEL);
  assert.deepEqual(again.of(card(1)), { action: "skip" });
  assert.equal(again.of(card(2)), undefined);
  assert.equal(again.size, 2);
  assert.equal(new Decisions("two").size, 0);
});

test("undo gives back what was decided before, and says of which samples", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.decide(card(0), { action: "keep" });
  made.decideAll([[card(0), RELABEL], [card(1), { action: "drop" }]]);
  assert.deepEqual(made.undo(), [0, 1]);
  assert.deepEqual(made.of(card(0)), { action: "keep" });
  assert.equal(made.of(card(1)), undefined);
  assert.deepEqual(made.undo(), [0]);
  assert.equal(made.size, 0);
  assert.deepEqual(made.undo(), []);
  assert.equal(new Decisions("one").size, 0);
});

test("undo survives a reload", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.decide(card(0), { action: "keep" });
  made.decideAll([[card(0), RELABEL], [card(1), { action: "drop" }]]);
  const again = new Decisions("one");
  assert.deepEqual(again.undo(), [0, 1]);
  assert.deepEqual(again.of(card(0)), { action: "keep" });
  assert.deepEqual(new Decisions("one").undo(), [0]);
});

test("a comment stays with its sample, whatever is decided or taken back", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.comment(card(2), "blurred");
  made.decide(card(2), RELABEL);
  assert.equal(made.idleComments, 0);
  made.undo();
  assert.equal(made.commentOn(card(2)), "blurred");
  assert.equal(made.idleComments, 1);
  assert.equal(new Decisions("one").commentOn(card(2)), "blurred");
  made.comment(card(2), "  ");
  assert.equal(made.commentOn(card(2)), "");
  assert.equal(new Decisions("one").idleComments, 0);
});

test("undo gives back the comment that a file's took the place of", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.comment(card(0), "mine");
  made.decideAll([[card(0), RELABEL, "theirs"], [card(1), RELABEL]]);
  assert.equal(made.commentOn(card(0)), "theirs");
  made.undo();
  assert.equal(made.commentOn(card(0)), "mine");
});

test("decisions that an earlier page kept are taken over", () => {
  const storage = new Storage();
  storage.setItem("cgaudit:one", JSON.stringify([[3, RELABEL]]));
  useStorage(storage);
  assert.deepEqual(new Decisions("one").of(card(3)), RELABEL);
});

test("to start over leaves nothing, not even something to undo", () => {
  useStorage(new Storage());
  const made = new Decisions("one");
  made.decide(card(0), RELABEL);
  made.forget();
  assert.deepEqual([made.size, made.undo(), new Decisions("one").size], [0, [], 0]);
});

test("what another tab wrote is read", () => {
  useStorage(new Storage());
  const [here, there] = [new Decisions("one"), new Decisions("one")];
  there.decide(card(5), RELABEL);
  assert.equal(here.of(card(5)), undefined);
  here.read();
  assert.deepEqual(here.of(card(5)), RELABEL);
});

test("a browser that keeps nothing still lets one decide, and is known", () => {
  useStorage({
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  });
  const made = new Decisions("one");
  assert.equal(made.kept, true);
  made.decide(card(0), RELABEL);
  assert.equal(made.kept, false);
  assert.deepEqual(made.of(card(0)), RELABEL);
});

test("damaged storage is no decisions", () => {
  const storage = new Storage();
  storage.setItem("cgaudit:one", "{");
  useStorage(storage);
  const made = new Decisions("one");
  assert.deepEqual([made.size, made.kept], [0, false]);
});
