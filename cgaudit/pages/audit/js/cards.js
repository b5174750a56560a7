// The samples that the page shows.

import { cardOf } from "./rest.js";

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
 * @property {number[]} rank among all samples, from 1
 * @property {number[]} set of near-duplicates whose labels differ; -1 where there is none
 * @property {(string|null)[]|null} file addresses of the samples' files, seen from the page
 * @property {[string|null, number|null][]} rest text and picture of the last samples, which have no
 *   card in the page
 * @property {string} [reviewer] whose part of the work this is
 * @property {string[][]} [said] what others said of each sample
 * @property {number} worst how many are the most suspicious; the others were drawn only
 * @property {number[]} odd outliers and odd pictures, in their order
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
 * @property {number} rank
 * @property {number} set
 * @property {string|null} file
 */

/**
 * The samples that can be decided on. Those without a card in the page get one when it is asked for.
 * @param {ReviewData} data
 * @param {HTMLElement[]} nodes the cards in the page
 * @returns {Card[]}
 */
export const cardsOf = (data, nodes) =>
  data.id.map((id, index) => {
    let node = nodes[index];
    return {
      index,
      get node() {
        return (node ??= cardOf(data, index, index - nodes.length));
      },
      id,
      hash: data.hash[index],
      given: data.given[index],
      suggested: data.suggested[index],
      flagged: Boolean(data.flagged[index]),
      score: data.score[index],
      top: data.top[index],
      odds: data.odds[index],
      rank: data.rank[index],
      set: data.set[index],
      file: data.file?.[index] ?? null,
    };
  });

/**
 * @template {Pick<Card, "rank">} C
 * @param {C[]} cards
 */
export const byRank = (cards) => [...cards].sort((a, b) => a.rank - b.rank);
