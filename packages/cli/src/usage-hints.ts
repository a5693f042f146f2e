/** What Commander's messages of wrong usage leave out: what was probably meant, and how it is written. */
import type { Command, CommanderError } from 'commander';
import { commandName } from './command-name.ts';

/** Other words for flags that are no options of training; those have theirs in the table of options. */
const synonyms: Readonly<Record<string, string>> = {
  address: '--server',
  folder: '--out',
  output: '--out',
  'output-dir': '--out',
  'run-folder': '--out',
  url: '--server',
};

/**
 * Commander's message, with what was probably meant or an example.
 * @param command the one that was called; undefined: none was
 * @param example what follows the command's name in an example of it
 */
export async function withHint(
  { code, message }: CommanderError,
  command: Command | undefined,
  example: string | undefined,
): Promise<string> {
  if (command === undefined) return message;
  switch (code) {
    case 'commander.unknownOption':
      return unknownOption(message, command);
    case 'commander.excessArguments':
      return `${message}\n${excessHint(command)}`;
    case 'commander.missingArgument':
    case 'commander.missingMandatoryOptionValue': {
      const typed = `${commandName()} ${command.name()}`;
      return example === undefined ? message : `${message}\nFor example: ${typed} ${example}`;
    }
    default:
      return message;
  }
}

function excessHint(command: Command): string {
  const [extra = ''] = command.args.slice(command.registeredArguments.length);
  const text = JSON.stringify(extra);
  if (command.name() === 'serve') return `${text}: ${servesAll}`;
  const takesServer = command.options.some(({ long }) => long === '--server');
  const isAddress = takesServer && /^unix:|:\d+$/.test(extra);
  return isAddress
    ? `${text}: is it the server? --server ${extra}`
    : `${text} is one too many; ${seeHelp(command)}`;
}

const servesAll =
  'serve is given no names of environments: all built-in ones are served; offer yours with --module or --xml';

const seeHelp = (command: Command) => `see ${commandName()} ${command.name()} --help`;

async function unknownOption(message: string, command: Command): Promise<string> {
  const [, flag = ''] = /^error: unknown option '([^'=]*)/.exec(message) ?? [];
  if (command.name() === 'serve' && flag === '--env') return `${message.split('\n', 1)[0]}\n${servesAll}`;
  const known = command.options.flatMap(({ long }) => long ?? []);
  const meant = await meantFlags(flag, known);
  if (meant.length > 0) return `${message.split('\n', 1)[0]}\n(Did you mean ${meant.join(' or ')}?)`;
  return message.includes('\n') ? message : `${message}\n${seeHelp(command)}`;
}

/** At most three, by other names than Commander knows. */
async function meantFlags(flag: string, known: readonly string[]): Promise<readonly string[]> {
  const word = flag.replace(/^-+/, '').replaceAll('_', '-').toLowerCase();
  if (word === '') return [];
  const { optionNames, optionRow, optionShorthands } = await import('@gymwire/agent-sdk/parts');
  const rows = optionNames.map((name) => {
    const { flag, otherWords = [] } = optionRow(name);
    return { word: kebab(name), flag: flag.name, otherWords };
  });
  const ends = (name: string) => name.endsWith(`-${word}`);
  const guesses: ReadonlyArray<readonly (string | undefined)[]> = [
    [`--${word}`, synonyms[word]],
    rows.filter((row) => row.word === word || row.otherWords.includes(word)).map((row) => row.flag),
    optionShorthands.filter(({ sets }) => sets.map(kebab).every(ends)).map((row) => row.flag.name),
    rows.filter((row) => ends(row.word)).map((row) => row.flag),
  ];
  for (const guess of guesses) {
    const offered = guess.filter((one) => one !== undefined && known.includes(one)) as string[];
    if (offered.length > 0) return offered.slice(0, 3);
  }
  return [];
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
