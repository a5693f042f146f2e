import { type ParseArgsConfig, parseArgs } from 'node:util';

/** @throws Error naming the flag */
export function positiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${flag}: expected a positive integer, got ${text}`);
}

/** Its types do not follow from a config that is not known yet. */
interface Token {
  readonly kind: string;
  readonly name?: string;
}

/** As node:util's parseArgs, where of two values for one option the last wins without a word. @throws Error naming it */
export function parseOnce<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const given = new Set<string>();
  const { tokens = [] } = parseArgs({ ...config, tokens: true }) as { readonly tokens?: readonly Token[] };
  for (const { kind, name = '' } of tokens) {
    if (kind !== 'option') continue;
    if (given.has(name) && config.options?.[name]?.multiple !== true) {
      throw new Error(`--${name} was given twice`);
    }
    given.add(name);
  }
  return parseArgs(config);
}
