// Sets of labels as text: the notation that the scores, the decisions and `cgaudit apply` share.

/**
 * The labels that a text lists; none where it lists none.
 * @param {string|null} text
 * @returns {string[]}
 */
export function labelsIn(text) {
  if (text === null) return [];
  /** @type {unknown} */
  const found = JSON.parse(text);
  return Array.isArray(found) ? found.map(String) : [];
}

/**
 * A set of labels as it is written.
 * @param {Iterable<string>} labels
 */
export const asText = (labels) => `[${[...new Set(labels)].sort().map((it) => JSON.stringify(it)).join(", ")}]`;

/**
 * What a set gained and lost, to read: `+dog −cat`.
 * @param {Iterable<string>} before
 * @param {Iterable<string>} after
 */
export function changeInWords(before, after) {
  const [was, is] = [new Set(before), new Set(after)];
  const gained = [...is].filter((it) => !was.has(it)).sort();
  const lost = [...was].filter((it) => !is.has(it)).sort();
  return [...gained.map((it) => `+${it}`), ...lost.map((it) => `−${it}`)].join(" ");
}
