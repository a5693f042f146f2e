import { ExporterError } from './errors.ts';

/**
 * What the file's owner wants in it: names and values are text that survives as UTF-8.
 * @throws ExporterError `INVALID_USER_METADATA`
 */
export function checkUserMetadata(metadata: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (name === '') throw invalid('a name', JSON.stringify(name));
    if (!isText(name)) throw invalid('a name that UTF-8 can hold', JSON.stringify(name));
    if (typeof value !== 'string') throw invalid(`metadata.${name}: a string`, typeof value);
    if (!isText(value)) throw invalid(`metadata.${name}: text that UTF-8 can hold`, JSON.stringify(value));
  }
}

/** Half a surrogate pair is lost on the way into a file. */
function isText(text: string): boolean {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text;
}

function invalid(expected: string, got: string): ExporterError {
  return new ExporterError('INVALID_USER_METADATA', `expected ${expected}, got ${got}`);
}
