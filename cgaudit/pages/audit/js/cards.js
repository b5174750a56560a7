// The samples that the page shows.

/**
 * What the page carries for the review, as Python's `review_data` lays it in: one entry a sample in
 * each list, classes by number.
 * @typedef {object} ReviewData
 * @property {Record<string, string|null>} labels by class number; null where too long for this page
 * @property {boolean} complete whether all labels of the data are among them
 * @property {(string|null)[]} id null where too long for this page
 * @property {(string|null)[]} hash
 * @property {number[]} given
 * @property {number[]} suggested
 * @property {number[]} flagged
 * @property {(number|null)[]} score
 * @property {number[][]} top
 * @property {number[][]} odds
 * @property {number} worst how many are the most suspicious; the others were drawn only
 * @property {number[]} drawn the random sample, in its order
 * @property {{labelled: number, flagged: number}} counts of the whole data
 */

/**
 * @typedef {object} Card
 * @property {number} index
 * @property {HTMLElement} node
 * @property {string|null} id
 * @property {string|null} hash
 * @property {number} given
 * @property {number} suggested
 * @property {boolean} flagged
 * @property {number|null} score
 * @property {number[]} top the most probable classes
 * @property {number[]} odds how probable they are
 */

/**
 * @param {ReviewData} data
 * @param {HTMLElement[]} nodes
 * @returns {Card[]}
 */
export const cardsOf = (data, nodes) =>
  nodes.map((node, index) => ({
    index,
    node,
    id: data.id[index],
    hash: data.hash[index],
    given: data.given[index],
    suggested: data.suggested[index],
    flagged: Boolean(data.flagged[index]),
    score: data.score[index],
    top: data.top[index],
    odds: data.odds[index],
  }));
