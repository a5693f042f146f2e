import type { CommandWords, FlagWords, Taken } from './command-words.ts';

/** One line a flag, as fish has it. */
export function fishScript(commands: readonly CommandWords[], flags: readonly FlagWords[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const first = `-n 'not __fish_seen_subcommand_from ${names}'`;
  const lines = [
    ...flags.map((flag) => `${first} ${flagLine(flag)}`),
    ...commands.map(({ name, meaning }) => `${first} -f -a ${name} -d ${quoted(meaning)}`),
    ...commands.flatMap(({ name, flags: own, argument }) => {
      const when = `-n '__fish_seen_subcommand_from ${name}'`;
      const beside = argument === 'file' ? [] : [`${when} -f${wordsOf(argument)}`];
      return [...beside, ...own.map((flag) => `${when} ${flagLine(flag)}`)];
    }),
  ];
  const script = lines.map((line) => `complete -c gymwire ${line}`).join('\n');
  return `# gymwire's completion for fish: gymwire completion fish | source\n${script}\n`;
}

function flagLine({ name, meaning, takes }: FlagWords): string {
  const value = takes === 'nothing' ? '' : takes === 'file' ? ' -r -F' : ` -x${wordsOf(takes)}`;
  return `-l ${name.slice(2)}${value} -d ${quoted(meaning)}`;
}

function wordsOf(takes: Taken): string {
  return typeof takes === 'string' ? '' : ` -a '${takes.join(' ')}'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
