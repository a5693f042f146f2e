/** `--config`: what a file says takes the place of flags that were not given. */
import { resolve } from 'node:path';
import { AgentError } from '@gymwire/agent-sdk';
import {
  type ConfigSettings,
  optionNames,
  optionRow,
  readTrainConfig,
  settingNames,
  settingRow,
  type TrainConfig,
} from '@gymwire/agent-sdk/parts';
import { GymwireError } from '@gymwire/protocol';
import { type Command, InvalidArgumentError } from 'commander';
import { seedList } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';
import type { TrainFlags } from './train-flags.ts';

/** What is given up with a flag: each of these says the same thing otherwise, or belongs to it. */
const givenUpWith = {
  seed: ['seeds', 'parallel'],
  seeds: ['seed'],
  server: ['serversFile', 'fleetMode'],
  serversFile: ['server', 'fleetMode'],
  // The folder is there, and has its seeds.
  resume: ['out', 'seeds'],
  lr: ['actorLearningRate', 'criticLearningRate'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A file, and which of its keys count: flags have not taken their place. */
export interface UsedConfig {
  readonly file: TrainConfig;
  /** Keys by the flags that would say the same: `--steps`, totalEnvSteps. */
  readonly keyOf: ReadonlyMap<string, string>;
  /** What of the file a resume does not look at, for people. */
  readonly notes: readonly string[];
}

/**
 * The flags as they are with those of the config file, which `--config` names.
 * @throws AgentError FILE_UNREADABLE, INVALID_OPTION; UsageError where neither names an environment, nor a run that goes on
 */
export async function withConfig(
  command: Command,
  flags: TrainFlags,
): Promise<{ readonly flags: TrainFlags; readonly config?: UsedConfig }> {
  if (flags.config === undefined) return { flags };
  const file = await readTrainConfig(flags.config);
  const isGiven = (attribute: string) => command.getOptionValueSource(attribute) === 'cli';
  const givenUp = new Set<string>(
    Object.entries(givenUpWith).flatMap(([attribute, keys]) => (isGiven(attribute) ? keys : [])),
  );
  const attributeOf = new Map(command.options.map((option) => [option.long, option.attributeName()]));
  const said: readonly (readonly [key: string, flag: string, value: unknown])[] = [
    ...optionNames.map((key) => [key, optionRow(key).flag.name, file.options[key]] as const),
    ...settingNames.map((key) => [key, settingRow(key).flag, settingFlag(key, file)] as const),
  ];
  const used = said.flatMap(([key, flag, value]) => {
    const attribute = attributeOf.get(flag);
    if (value === undefined || attribute === undefined || givenUp.has(key)) return [];
    if (!isGiven(attribute)) return [{ key, flag, attribute, value }];
    // Each argument of the environment is given, or not, for itself.
    if (key !== 'envArguments') return [];
    return [{ key, flag, attribute, value: { ...file.options.envArguments, ...flags.envArg } }];
  });
  if (file.options.envId === undefined && flags.env === undefined && flags.resume === undefined) {
    throw new UsageError(`train: ${file.path} has no envId: expected it there, or --env`);
  }
  const values = Object.fromEntries(used.map(({ attribute, value }) => [attribute, value]));
  const keyOf = new Map(used.map(({ key, flag }) => [flag, key]));
  return { flags: { ...flags, ...values }, config: { file, keyOf, notes: notesOf(file, flags.resume) } };
}

/** The file that began a run may be given to its resume as well: then `out` is the same folder. */
function notesOf({ places, settings }: TrainConfig, resume: string | undefined): readonly string[] {
  if (resume === undefined) return [];
  const isSame = settings.out !== undefined && resolve(settings.out) === resolve(resume);
  return givenUpWith.resume
    .filter((key) => places.has(key) && !(key === 'out' && isSame))
    .map((key) => `${places.get(key)}: ${key}: not looked at: --resume names a folder, which has its own`);
}

/** A setting as its flag gives it. @throws AgentError INVALID_OPTION for seeds that make no sense together */
function settingFlag(key: keyof ConfigSettings, { settings, places }: TrainConfig): unknown {
  const value = settings[key];
  switch (key) {
    case 'server':
      return Array.isArray(value) ? value.join(',') : value;
    case 'learnerThreads':
      return value === undefined ? undefined : String(value);
    case 'seeds':
      try {
        return value === undefined ? undefined : seedList(String(value));
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        throw new AgentError('INVALID_OPTION', `${places.get(key)}: ${key}: ${error.message}`);
      }
    default:
      return value;
  }
}

/** The error with the places in the file beside what it is about; as it was, where that is nothing of the file's. */
export function inConfig(thrown: unknown, config: UsedConfig | undefined): unknown {
  if (config === undefined) return thrown;
  if (thrown instanceof GymwireError) {
    const { code, details, origin, cause } = thrown;
    const message = failureInConfig(code, thrown.message, config);
    return message === thrown.message ? thrown : new GymwireError(code, message, { cause, details, origin });
  }
  if (!(thrown instanceof AgentError || thrown instanceof UsageError)) return thrown;
  const message = messageInConfig(thrown.message, config);
  if (message === thrown.message) return thrown;
  if (thrown instanceof UsageError) return new UsageError(message);
  return new AgentError(thrown.code, message, { cause: thrown.cause });
}

/** Flags that the file gave, by their keys: `run.yaml:5:17: learningStarts: …` for `--learning-starts (learningStarts): …`. */
function messageInConfig(text: string, { file, keyOf }: UsedConfig): string {
  const issues = text.split('; ').map((issue) =>
    issue.replaceAll(
      // The flag; a part of its value, where the option's name follows; that name.
      /(?<![\w-])(--[a-z][a-z-]*)(?:(?: (\w+))? \(([a-z]\w*)\))?/g,
      (all: string, flag: string, part: string | undefined, name: string | undefined, at: number) => {
        const key = keyOf.get(flag);
        if (key === undefined || (name !== undefined && name !== key)) return all;
        const path = part === undefined ? key : `${key}.${part}`;
        const place = file.places.get(path) ?? file.places.get(key) ?? file.path;
        return at === 0 ? `${place}: ${path}` : `${path} at ${place}`;
      },
    ),
  );
  return issues.join('; ');
}

/** What a failure says, by places: an environment that the file names is refused, an argument of it, or an address. */
export function failureInConfig(code: string, message: string, config: UsedConfig): string {
  const key = blamed(code, message, config);
  if (key === undefined) return messageInConfig(message, config);
  return `${config.file.places.get(key) ?? config.file.path}: ${key}: ${message}`;
}

/** The key that a server's refusal is about, if the file has it; of an argument, by its name in the message. */
function blamed(code: string, message: string, { file, keyOf }: UsedConfig): string | undefined {
  const keys = new Set(keyOf.values());
  const said = (key: string) => (keys.has(key) ? key : undefined);
  if (code === 'UNKNOWN_ENV') return said('envId');
  if (code !== 'UNKNOWN_ARGUMENT' && code !== 'INVALID_ARGUMENT') return undefined;
  const given = file.options.envArguments ?? {};
  // The first: others may be listed as those that there are.
  const argument = message.match(/[\w-]+/g)?.find((word) => Object.hasOwn(given, word));
  if (argument !== undefined && keys.has('envArguments')) return `envArguments.${argument}`;
  if (code === 'UNKNOWN_ARGUMENT') return said('envArguments');
  const { server } = file.settings;
  return typeof server === 'string' && message.includes(server) ? said('server') : undefined;
}
