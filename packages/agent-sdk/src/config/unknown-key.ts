import { nearestName } from '@gymwire/protocol';
import { optionNames, optionRow, optionShorthands } from '../options/option-table.ts';
import { configKeys } from './config-schema.ts';
import { settingNames, settingRow } from './setting-table.ts';

/** Where the same thing is called otherwise: flags, other people's words, and fields of `train`'s request. */
const otherNames: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...optionNames.flatMap((name) => {
    const { flag, otherWords = [] } = optionRow(name);
    return [flag.name, ...otherWords].map((word) => [camelCase(word), [name]] as const);
  }),
  ...optionShorthands.map(({ flag, sets }) => [camelCase(flag.name), sets] as const),
  ...settingNames.map((name) => [settingRow(name).inRequest ?? name, [name]] as const),
]);

/** What is said on the command line, or nowhere. */
const elsewhere: Readonly<Record<string, string>> = {
  token: 'a token is no part of a config file: tokenFile names the file that has it',
  resume: 'a config file says what a run is: --resume, on the command line, that one goes on',
  takeOver: 'a config file says what a run is: --take-over, on the command line, that it is taken over',
  json: '--json stands on the command line, before the command',
  config: 'a config file names no other one',
};

/** Why a key is refused, and what was probably meant. */
export function unknownKey(key: string): string {
  const name = camelCase(key);
  const said = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  if (said !== undefined) return said;
  if (name !== key && configKeys.includes(name)) return `no such key: did you mean ${name}?`;
  const meant = otherNames.get(name) ?? [nearestName(name, configKeys)].filter((near) => near !== undefined);
  if (meant.length > 0) return `no such key: did you mean ${meant.join(' and ')}?`;
  const [near] = [nearestName(name, [...otherNames.keys()])].flatMap((found) =>
    found === undefined ? [] : (otherNames.get(found) ?? []),
  );
  return near === undefined
    ? 'no such key: expected an option of training or a setting; the JSON Schema lists them'
    : `no such key: did you mean ${near}?`;
}

/** `--batch-size`, `batch_size`: batchSize */
function camelCase(name: string): string {
  return name.replace(/^--/, '').replaceAll(/[-_]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
