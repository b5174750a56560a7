// Numbers as the pages write them.

/** @param {number} number */
export const count = (number) => number.toLocaleString("en");

/** @param {number} number */
export const samples = (number) => `${count(number)} ${number === 1 ? "sample" : "samples"}`;

/**
 * A score with three digits, or as many as tell it from 0 and 1; as the page's Python writes it.
 * @param {number|null} value
 */
export function score(value) {
  if (value === null) return "–";
  const gap = value >= 0 && value <= 1 ? Math.min(value, 1 - value) : 1;
  if (gap === 0 || gap >= 0.001) return value.toFixed(3);
  if (gap < 1e-6) return value < 0.5 ? "<0.000001" : ">0.999999";
  return value.toFixed(1 - Math.floor(Math.log10(gap)));
}

/** @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1\u00a0%";
  if (share > 0.999 && share < 1) return ">99.9\u00a0%";
  return `${(100 * share).toFixed((share > 0 && share < 0.1) || (share > 0.9 && share < 1) ? 1 : 0)}\u00a0%`;
}
