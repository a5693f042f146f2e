import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { messageOf, shown } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import { readTrustedFile } from '../fleet/secret-file.ts';
import type { ResumeOptions } from '../generated/train-options.ts';
import { expectedAndGot } from '../options/option-schema.ts';
import { optionNames } from '../options/option-table.ts';
import type { ConfigDocument, ConfigFault, Place } from './config-document.ts';
import { configKeys, configSchema, keyJsonSchema } from './config-schema.ts';
import { alternatives, type ConfigSettings, settingNames, settingRow } from './setting-table.ts';
import { unknownKey } from './unknown-key.ts';

/** What a config file says, and where it says it. */
export interface TrainConfig {
  readonly path: string;
  /** Options of training. */
  readonly options: ResumeOptions;
  /** How and where to train; relative paths are joined to the file's folder. Tokens are in files of their own. */
  readonly settings: ConfigSettings;
  /** "run.yaml:3:12" by "batchSize" and by "envArguments.g": where the value stands. */
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Reads a config file of `gymwire train`, YAML or JSON; a run's config.json, too, whose options it takes.
 * @throws AgentError FILE_UNREADABLE; INVALID_OPTION with a line for each fault, which begins with file, line and column: what is no
 * YAML, keys that there are not, wrong types and ranges; and for a file that names servers and that everybody can write
 */
export async function readTrainConfig(path: string): Promise<TrainConfig> {
  const { parseConfigDocument } = await import('./config-document.ts');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AgentError('FILE_UNREADABLE', `${path}: ${messageOf(cause)}`, { cause });
  });
  if (text.startsWith('\u{fffd}\u{fffd}') && text.includes('\0')) {
    const fault = 'this is UTF-16, which `>` of Windows PowerShell writes: save it as UTF-8';
    throw new AgentError('INVALID_OPTION', `${path}:1:1: ${fault}`);
  }
  const read = (content: string) => configOf(path, parseConfigDocument(content));
  const config = read(text);
  const isTrusted = settingNames.some(
    (name) => name in config.settings && settingRow(name).isTrusted === true,
  );
  return isTrusted ? read(await readTrustedFile('config', path)) : config;
}

function configOf(path: string, document: ConfigDocument): TrainConfig {
  refuse(path, document.faults);
  const { value, within } = ownPart(path, document);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  refuse(path, [
    ...unknownKeys(value).map((keys) => ({
      place: document.placeOfKey([...within, ...keys]),
      text: `${keys.join('.')}: ${unknownKey(keys.at(-1) ?? '')}`,
    })),
    ...(parsed.error?.issues ?? []).map((issue) => ({
      place: document.placeOf([...within, ...issue.path]),
      text: `${issue.path.join('.')}: ${expectedAndGot(issue, keyJsonSchema)}`,
    })),
    ...alternatives
      .filter((names) => names.every((name) => Object.hasOwn(value, name)))
      .map(([one, other]) => ({
        place: document.placeOfKey([...within, other]),
        text: `${other}: expected ${one} or ${other}, got both`,
      })),
  ]);
  const given = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]]));
  const settings = Object.entries(given(settingNames)).map(([name, setting]) => {
    const isPath = settingRow(name as keyof ConfigSettings).isPath === true;
    return [name, isPath ? fromFolderOf(path, String(setting)) : setting];
  });
  return {
    path,
    options: given(optionNames) as ResumeOptions,
    settings: Object.fromEntries(settings) as ConfigSettings,
    places: placesIn(path, value, within, document),
  };
}

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All of a config file, and the options of a run's config.json, which has facts of the run beside them. */
function ownPart(
  path: string,
  { value }: ConfigDocument,
): { readonly value: Mapping; readonly within: readonly string[] } {
  if (!isMapping(value)) {
    const got = value === undefined ? 'the file is empty' : `got ${shown(value)}`;
    throw new AgentError('INVALID_OPTION', `${path}:1:1: expected keys such as envId: Pendulum-v1; ${got}`);
  }
  if (Object.hasOwn(value, 'configHash') && isMapping(value['options'])) {
    return { value: value['options'], within: ['options'] };
  }
  return { value, within: [] };
}

/** Paths of keys that there are not. `__proto__` would be lost on the way through objects. */
function unknownKeys(value: Mapping): string[][] {
  const known = new Set(configKeys);
  return [
    ...Object.keys(value)
      .filter((key) => !known.has(key))
      .map((key) => [key]),
    ...Object.entries(value).flatMap(([key, part]) =>
      isMapping(part) && known.has(key) && Object.hasOwn(part, '__proto__') ? [[key, '__proto__']] : [],
    ),
  ];
}

function fromFolderOf(path: string, value: string): string {
  return isAbsolute(value) ? value : join(dirname(path), value);
}

function placesIn(
  path: string,
  value: Mapping,
  within: readonly string[],
  document: ConfigDocument,
): ReadonlyMap<string, string> {
  const place = (keys: readonly string[]) =>
    [keys.join('.'), placeIn(path, document.placeOf([...within, ...keys]))] as const;
  return new Map(
    Object.entries(value).flatMap(([key, part]) => [
      place([key]),
      ...(isMapping(part) ? Object.keys(part).map((inner) => place([key, inner])) : []),
    ]),
  );
}

/** In the order of the file, a line each. @throws AgentError INVALID_OPTION, if there are any */
function refuse(path: string, faults: readonly ConfigFault[]): void {
  if (faults.length === 0) return;
  const lines = faults
    .toSorted((a, b) => a.place.line - b.place.line || a.place.col - b.place.col)
    .map(({ place, text }) => `${placeIn(path, place)}: ${text}`);
  throw new AgentError('INVALID_OPTION', lines.join('\n'));
}

/** The place as compilers say it, and editors find it. */
function placeIn(path: string, { line, col }: Place): string {
  return `${path}:${line}:${col}`;
}
