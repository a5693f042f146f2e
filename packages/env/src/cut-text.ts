/** A text that has been cut may get some words around it, and is not cut again for them. */
const maxWordsAround = 1000;

/** @returns the text; where it is longer than its length in UTF-16 units, its beginning and how long it was */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength + maxWordsAround) return text;
  // Not through the middle of a character.
  const head = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
  return `${head}… (${text.length} characters in all)`;
}
