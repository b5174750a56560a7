// The buttons that take decisions to a file, from a file, and back.

import { $, as, make } from "../../frame/js/elements.js";
import { count } from "../../frame/js/numbers.js";
import { fileOf, fixes, takeFixes } from "./fixes.js";
import { filed, say } from "./words.js";

/** @import { Review } from "./review.js" */

/** @param {Review} review */
function download(review) {
  const file = new Blob([fileOf(fixes(review))], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: review.data.reviewer ? `fixes-${review.data.reviewer}.json` : "fixes.json" });
  link.click();
  URL.revokeObjectURL(link.href);
  const idle = review.decisions.idleComments;
  if (idle) filed(`${count(idle)} ${idle === 1 ? "comment is" : "comments are"} on samples of which nothing is decided, and not in the file.`);
  const then = document.getElementById("then");
  if (then) then.hidden = false;
}

/**
 * @param {Review} review
 * @param {File} file
 */
async function load(review, file) {
  try {
    filed(takeFixes(review, await file.text()));
  } catch (error) {
    filed(`${file.name} cannot be loaded: ${error instanceof Error ? error.message : error}.`);
  }
  review.filter();
}

/** @param {Review} review */
function forget(review) {
  if (!confirm("Forget all decisions made on this report in this browser?")) return;
  review.decisions.forget();
  filed("");
  say("");
  review.filter();
}

/** @param {Review} review */
export function listenToFiles(review) {
  for (const id of ["download", "download-here"]) $(id).addEventListener("click", () => download(review));
  $("forget").addEventListener("click", () => forget(review));
  const input = as(HTMLInputElement, $("load"));
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) void load(review, file);
  });
  addEventListener("storage", () => {
    review.decisions.read();
    review.draw();
  });
}
