/** What a shell can complete, of the commands as they are defined. */
import { presetIds } from '@gymwire/agent-sdk/parts';
import type { Argument, Command, Option } from 'commander';

/** A flag, and what follows it. */
export interface FlagWords {
  readonly name: string;
  readonly meaning: string;
  readonly takes: Taken;
}

/** Nothing; one of these words; a file or folder; or what nobody can guess. */
export type Taken = 'nothing' | 'file' | 'text' | readonly string[];

export interface CommandWords {
  readonly name: string;
  readonly meaning: string;
  readonly flags: readonly FlagWords[];
  /** What it takes beside flags. */
  readonly argument: Taken;
}

/** @param commands with all of their flags */
export function commandWords(commands: readonly Command[]): readonly CommandWords[] {
  return commands.map((command) => ({
    name: command.name(),
    meaning: command.description(),
    flags: [...command.options, helpFlag].map(flagWords),
    argument: takenBy(command.registeredArguments[0]),
  }));
}

const helpFlag = { long: '--help', description: 'what the command takes' };

export function flagWords(option: Pick<Option, 'long' | 'description'> & Partial<Option>): FlagWords {
  return { name: option.long ?? '', meaning: option.description, takes: takenByFlag(option) };
}

const files = /^<(file|folder|path|module|run|policy)\b/;

function takenByFlag({ long, flags = '', argChoices }: Partial<Option>): Taken {
  if (argChoices !== undefined) return argChoices;
  const value = /<[^>]+>/.exec(flags)?.[0];
  if (value === undefined) return 'nothing';
  if (long === '--env') return presetIds;
  return files.test(value) ? 'file' : 'text';
}

function takenBy(argument: Argument | undefined): Taken {
  if (argument === undefined) return 'nothing';
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (argument.name() === 'env') return presetIds;
  return files.test(`<${argument.name()}`) ? 'file' : 'text';
}
