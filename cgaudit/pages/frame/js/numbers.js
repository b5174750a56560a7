// Numbers as the pages write them.

/** @param {number} number */
export const count = (number) => number.toLocaleString("en");

/** @param {number} number */
export const samples = (number) => `${count(number)} ${number === 1 ? "sample" : "samples"}`;

/** @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1\u00a0%";
  if (share > 0.999 && share < 1) return ">99.9\u00a0%";
  return `${(100 * share).toFixed((share > 0 && share < 0.1) || (share > 0.9 && share < 1) ? 1 : 0)}\u00a0%`;
}
