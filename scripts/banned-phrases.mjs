/** What no source may say, where the linter has no rule for it. */

/** @type {ReadonlyArray<readonly [pattern: RegExp, why: string, paths: RegExp]>} */
const banned = [
  [/\bas (unknown|never|any) as\b|@ts-(ignore|nocheck)\b/, 'a cast that hides a type error', /\.ts$/],
  [
    /^export (type )?\* from /,
    'all names of a file at once: name what is public, so that a new one is a decision',
    /^packages\/[^/]+\/src\/(?!generated\/).*\.ts$/,
  ],
  [
    /^\s*\/\*\* (Of|Whether|For|As) /,
    'a doc comment that does not start with what the thing is: a noun, or what a function does ("Returns …")',
    /^(?!.*\/generated\/).*\.ts$/,
  ],
  [
    /\b(error|thrown|cause|fault|last|failure|reason)\.(message|details)\.(includes|match|search|startsWith|endsWith|indexOf)\(|\/[a-z]*\.test\((error|thrown|cause|fault|last|failure|reason)\.(message|details)\b/,
    "a decision by an error's words: decide by its code and origin",
    /^packages\/.*(?<!\.test)\.ts$/,
  ],
  [
    /\bin (str\((error|thrown|wrong)\)|(error|thrown|found|reason)\.(message|details\(\)))|\.(search|match|fullmatch)\((str\((error|thrown)|(error|thrown|found|reason)\.(message|details\(\)))|\b(error|thrown|found|reason)\.(message|details\(\))\.(startswith|endswith|find)\(/,
    "a decision by an error's words: decide by its code and origin",
    /^bridges\/python\/src\/.*\.py$/,
  ],
];

/**
 * @param {string} path with slashes, from the root
 * @param {string} text
 * @returns {string[]} a line each
 */
export function findBanned(path, text) {
  const rules = banned.filter(([, , paths]) => paths.test(path));
  return text
    .split('\n')
    .flatMap((line, i) =>
      rules
        .filter(([pattern]) => pattern.test(line))
        .map(([, why]) => `${path}:${i + 1}: ${why}: ${line.trim()}`),
    );
}
