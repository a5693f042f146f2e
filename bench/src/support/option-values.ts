import { type ParseArgsConfig, parseArgs } from 'node:util';

/** @throws Error naming the flag */
export function positiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new OptionError(`--${flag}: expected a positive integer, got ${text}`);
}

/** What a bench takes, and what `--help` says of it. */
export interface BenchOptions extends ParseArgsConfig {
  /** The name, as in `npm run bench -- name`. */
  readonly name: string;
  readonly summary: string;
  /** What follows the options, such as `<run folder>…`; absent: nothing. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, OptionConfig>>;
}

type OptionConfig = NonNullable<ParseArgsConfig['options']>[string] & { readonly what: string };

/** What was asked for is help: nothing is measured. */
export class HelpShown extends Error {}

/** What was given is no option, or no value for one. */
export class OptionError extends Error {}

/** Its types do not follow from a config that is not known yet. */
interface Token {
  readonly kind: string;
  readonly name?: string;
}

/**
 * Parses as node:util's parseArgs does, where of two values for one option the last wins without a word.
 * @throws HelpShown after `--help`; OptionError naming what is wrong
 */
export function parseOnce<Config extends BenchOptions>(config: Config): ReturnType<typeof parseArgs<Config>> {
  if (config.args?.includes('--help') === true || config.args?.includes('-h') === true) {
    console.log(describeBench(config));
    throw new HelpShown();
  }
  try {
    refuseRepeats(config);
    return parseArgs(config);
  } catch (cause) {
    if (cause instanceof OptionError) throw cause;
    throw new OptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function refuseRepeats(config: BenchOptions): void {
  const given = new Set<string>();
  const { tokens = [] } = parseArgs({ ...config, tokens: true }) as { readonly tokens?: readonly Token[] };
  for (const { kind, name = '' } of tokens) {
    if (kind !== 'option') continue;
    if (given.has(name) && config.options[name]?.multiple !== true) {
      throw new OptionError(`--${name} was given twice`);
    }
    given.add(name);
  }
}

function describeBench({ name, summary, operands, options }: BenchOptions): string {
  const flags = Object.entries(options).map(([option, { type, what, default: value }]) => {
    const byDefault = value === undefined || value === false || value === '' ? '' : ` (${String(value)})`;
    return [type === 'boolean' ? `--${option}` : `--${option} <value>`, `${what}${byDefault}`] as const;
  });
  const widest = Math.max(0, ...flags.map(([flag]) => flag.length));
  return [
    `npm run bench -- ${name} ${operands === undefined ? '' : `${operands} `}[options]`,
    `\n${summary}\n`,
    ...flags.map(([flag, what]) => `  ${flag.padEnd(widest)}  ${what}`),
    `  ${'--help'.padEnd(widest)}  this`,
  ].join('\n');
}
