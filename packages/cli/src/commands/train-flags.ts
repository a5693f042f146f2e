/** The flags that say how to train, made of agent-sdk's table of options, which has their ranges, defaults and meanings. */
import type { LearnerName } from '@gymwire/agent-sdk';
import {
  defaultText,
  type OptionFlag,
  type OptionName,
  optionNames,
  optionRow,
  optionShorthands,
  type ResumeOptions,
} from '@gymwire/agent-sdk/parts';
import { type Command, Option } from 'commander';
import { repeatable } from '../once-only.ts';
import { collectArgument, type JsonArguments } from '../parse-arguments.ts';
import type { FleetFlags } from '../server-flags.ts';
import { optionReader } from './option-reader.ts';

/** Those of `train` that are no options of a run, and three that are. */
export interface TrainFlags extends FleetFlags, SeedsFlags {
  readonly env?: string;
  readonly seed?: number;
  readonly envArg?: JsonArguments;
  readonly learner: LearnerName;
  readonly learnerThreads: string;
  readonly out?: string;
  readonly resume?: string;
  readonly config?: string;
  readonly takeOver?: boolean;
  readonly evalServer?: string;
}

/** What asks for several runs. */
interface SeedsFlags {
  readonly seeds?: readonly number[];
  readonly parallel?: number;
}

/** What Commander makes of the flags, by its own names for them. */
export type OptionFlags = Readonly<Record<string, unknown>>;

/**
 * One option's flag, for every command that takes it.
 * @param value the command's default, in words
 * @param words instead of the meaning
 */
export function optionFlag(name: OptionName, value = defaultText(name), words?: string): Option {
  const { flag, meaning } = optionRow(name);
  const text =
    lowerFirst((words ?? meaning).replace(/\.$/, '')) + (value === undefined ? '' : `; default: ${value}`);
  if (name === 'envArguments') {
    return repeatable<JsonArguments | undefined>(written(flag), text, collectArgument, undefined);
  }
  const { choices, read } = optionReader(name);
  const option = new Option(written(flag), text);
  if (choices !== undefined) return option.choices(choices);
  return read === undefined ? option : option.argParser(read);
}

export function addOptionFlags(command: Command): Command {
  for (const name of optionNames) {
    command.addOption(optionFlag(name));
    const { flag } = optionRow(name);
    // A flag wins over a config file, also where it says no.
    if (flag.value === undefined) {
      const no = flag.name.replace('--', '--no-');
      command.addOption(new Option(no, `not ${flag.name}, whatever the config file says`));
    }
  }
  for (const { flag, sets, meaning } of optionShorthands) {
    const { read } = optionReader(sets[0]);
    const option = new Option(written(flag), lowerFirst(meaning.replace(/\.$/, '')));
    const longer = sets.map((name) => new Option(written(optionRow(name).flag)).attributeName());
    command.addOption(option.conflicts(longer).argParser(read ?? String));
  }
  return command;
}

/** What was not given is undefined: the preset, the default or the resumed run has it. */
export function trainOptions(flags: OptionFlags): ResumeOptions {
  const given = (flag: OptionFlag) => flags[new Option(written(flag)).attributeName()];
  const short = optionShorthands.flatMap(({ flag, sets }) =>
    sets.map((name) => [name, given(flag)] as const),
  );
  const own = optionNames.map((name) => [name, given(optionRow(name).flag)] as const);
  const set = [...own, ...short].filter(([, value]) => value !== undefined);
  // The flags were read by the schemas of their options, and agent-sdk judges them again.
  return Object.fromEntries(set) as ResumeOptions;
}

function written({ name, value }: OptionFlag): string {
  return value === undefined ? name : `${name} ${value}`;
}

/** In a list of flags a meaning is no sentence. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
