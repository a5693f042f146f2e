/** Texts that hold what strangers wrote, for a terminal. */

/**
 * What a terminal obeys, or shows as something else: control characters (those of C1 too), what turns the direction of writing,
 * separators of lines, and halves of surrogate pairs.
 */
const commands =
  /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Lines of a text that has several begin so: none of them can pass for a line of ours. */
const indent = '\n  ';

/** @returns the text with a ? for each character that a terminal would obey */
export function harmless(text: string): string {
  return text.replaceAll(commands, '?').replaceAll('\n', indent);
}

/** @returns JSON that means the same as JSON.stringify's, with such characters escaped */
export function harmlessJson(value: unknown): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(commands, escape);
}
