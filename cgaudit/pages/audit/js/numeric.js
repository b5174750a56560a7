// Numbers as they are typed.

/** Numbers as people write them: groups of digits, a currency or a % around them. */
const WITH_POINT = /^[^\d.,+-]*[+-]?(\d+|\d{1,3}([, ]\d{3})+)?(\.\d*)?([eE][+-]?\d+)?[^\d.,]*$/;
const WITH_COMMA = /^[^\d.,+-]*[+-]?(\d+|\d{1,3}([. ]\d{3})+)?(,\d*)?[^\d.,]*$/;

/**
 * Whether a text writes a number as the data does.
 * @param {string} text
 * @param {boolean} comma
 */
export const isNumber = (text, comma) => /\d/.test(text) && (comma ? WITH_COMMA : WITH_POINT).test(text.trim());
