/** What agent-sdk says of options, in the words of whoever gave flags. */
import { AgentError, type AgentErrorCode } from '@gymwire/agent-sdk';
import { type OptionName, optionNames, optionRow, optionShorthands } from '@gymwire/agent-sdk/parts';
import type { OptionFlags } from './train-flags.ts';

const aboutOptions: ReadonlySet<AgentErrorCode> = new Set([
  'INVALID_OPTION',
  'CONFIG_MISMATCH',
  'ENV_MISMATCH',
]);

/** Those of `train` that are no options of a run. */
const settings = {
  learner: '--learner',
  learnerThreads: '--learner-threads',
  resume: '--resume',
  seeds: '--seeds',
  parallel: '--parallel',
} as const;

/**
 * The error with flags beside the options that it is about.
 * @param flags what was given: an option that a short flag set is told by that one
 */
export function inFlags(thrown: unknown, flags: OptionFlags = {}): unknown {
  if (!(thrown instanceof AgentError)) return thrown;
  if (thrown.code === 'RUN_EXISTS') {
    const message = thrown.message.replace('(resume: true)', '(--resume)').replace('(runFolder)', '(--out)');
    return new AgentError(thrown.code, message, { cause: thrown.cause });
  }
  if (thrown.code === 'RUN_NOT_FOUND') {
    const message = thrown.message.replace('leave resume away', 'give --env, and no --resume');
    return new AgentError(thrown.code, message, { cause: thrown.cause });
  }
  if (!aboutOptions.has(thrown.code)) return thrown;
  const flagOf = flagsOf(flags);
  const [first = ''] = /^\w+/.exec(thrown.message) ?? [];
  // What a file says is not what was given.
  if (!flagOf.has(first)) return thrown;
  const issues = thrown.message.split('; ').map((issue) => renameOptions(issue, flagOf));
  return new AgentError(thrown.code, issues.join('; '), { cause: thrown.cause });
}

function flagsOf(flags: OptionFlags): ReadonlyMap<string, string> {
  const own = optionNames.map((name) => [name, optionRow(name).flag.name] as const);
  const short = optionShorthands
    .filter(({ flag }) => flags[flag.name.slice(2)] !== undefined)
    .flatMap(({ flag, sets }) => sets.map((name: OptionName) => [name, flag.name] as const));
  return new Map<string, string>([...own, ...Object.entries(settings), ...short]);
}

/** The option that an issue is about comes first, and keeps its name: `--steps (totalEnvSteps): …`. */
function renameOptions(issue: string, flagOf: ReadonlyMap<string, string>): string {
  const subject = /^(\w+)(?:\.(\w+))?/.exec(issue);
  const flag = flagOf.get(subject?.[1] ?? '');
  if (subject === null || flag === undefined) return inWords(issue, flagOf);
  const [text, name, part] = subject;
  const named = part === undefined ? `${flag} (${name})` : `${flag} ${part} (${name})`;
  return named + inWords(issue.slice(text.length), flagOf);
}

/** A plain word may be meant as one. */
function inWords(text: string, flagOf: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\b[a-z]+[A-Z]\w*/g, (word) => flagOf.get(word) ?? word);
}
