// Cards of samples that the page carries no card of: what is known of them, in the same form.

import { make, picture } from "../../frame/js/elements.js";
import { count, percent, score } from "../../frame/js/numbers.js";

/** @import { ReviewData } from "./cards.js" */

/**
 * Make the card of a sample.
 * @param {ReviewData} data
 * @param {number} index of the sample
 * @param {number} at its place among those without a card
 */
export function cardOf(data, index, at) {
  const [text, thumbnail] = data.rest[at];
  const label = (/** @type {number} */ code) => data.labels[code] ?? `class ${code}`;
  const [given, suggested] = [label(data.given[index]), label(data.suggested[index])];
  const agrees = data.given[index] === data.suggested[index];
  const odds = (/** @type {number} */ code) => data.odds[index][data.top[index].indexOf(code)];
  const node = make("li", { className: data.flagged[index] ? "" : "fine", "data-at": String(index) });
  if (thumbnail !== null) node.append(picture(thumbnail, `Picture of sample ${data.rank[index]}`));
  else if (text === null) node.append(make("p", { className: "pic none" }, "no picture"));
  if (text !== null) node.append(make("blockquote", { dir: "auto" }, text));
  const change = make("p", { className: "change" }, make("bdi", { className: "given" }, given));
  const better = agrees
    ? [" ", make("span", { className: "soft" }, "no better class")]
    : [" → ", make("bdi", { className: "other" }, suggested)];
  change.append(...better);
  const facts = make("dl", {}, make("dt", {}, "label_score"), make("dd", {}, score(data.score[index])));
  const why = agrees
    ? `Not flagged: no label is more probable than ${given}.`
    : `Judged by all other samples it is ${suggested} (${percent(odds(data.suggested[index]) ?? 0)}), not ${given} (${percent(data.score[index] ?? 0)}).`;
  const id = make("p", { className: "id" }, make("b", {}, count(data.rank[index])), " ");
  id.append(make("bdi", {}, data.id[index] ?? "(an id too long for this page)"));
  node.append(change, facts, make("p", { className: "why" }, why), id);
  return node;
}
