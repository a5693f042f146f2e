/** What a thread or process of ours gets of the flags that this process was started with. */

/** What users' modules may need to be imported: loaders and conditions. All else is about the process itself. */
const loaderFlags =
  /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--experimental-(strip|transform)-types|--preserve-symlinks|--enable-source-maps|--no-warnings)(=|$)/;
const takesValue = /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C)$/;

/** @param given Node's `process.execArgv` */
export function inheritedFlags(given: readonly string[]): string[] {
  return given.filter((flag, i) => loaderFlags.test(flag) || takesValue.test(given[i - 1] ?? ''));
}

/**
 * For `new Worker`. A thread has all flags of its process by itself, but none starts from a file with `--input-type`,
 * which is about a program on the command line; and a list of one's own may not have flags of V8.
 * @param given Node's `process.execArgv`
 */
export function threadFlags(given: readonly string[]): { readonly execArgv?: string[] } {
  return given.some((flag) => /^--input-type(=|$)/.test(flag)) ? { execArgv: inheritedFlags(given) } : {};
}
