/** What a config file may be, for us and, as JSON Schema, for editors. */
import { z } from 'zod';
import { jsonSchemaOf, optionProperty } from '../options/option-json-schema.ts';
import { optionNames, optionTable } from '../options/option-table.ts';
import { presetIds } from '../options/presets.ts';
import { alternatives, settingNames, settingRow, settingTable } from './setting-table.ts';

/** Every key; `$schema` says where the schema is, for editors of JSON. */
export const configKeys: readonly string[] = ['$schema', ...optionNames, ...settingNames];

const schemaKey = z.string();

const keySchemas = Object.fromEntries([
  ['$schema', schemaKey],
  ...optionNames.map((name) => [name, optionTable[name].schema] as const),
  ...settingNames.map((name) => [name, settingTable[name].schema] as const),
]) as Readonly<Record<string, z.ZodType>>;

/** JSON Schema of one key's value; undefined for a key that there is not. */
export function keyJsonSchema(key: string): object | undefined {
  return Object.hasOwn(keySchemas, key) ? jsonSchemaOf(keySchemas[key]) : undefined;
}

/** Types and ranges; keys that there are not are left to whoever can say where they stand. */
export const configSchema = z.looseObject(
  Object.fromEntries(Object.entries(keySchemas).map(([name, schema]) => [name, schema.exactOptional()])),
);

/**
 * JSON Schema (draft 7, which every editor reads) of config files, with meanings and defaults. It agrees with `readTrainConfig`
 * but for what lies between two values: `learningStarts` is below `totalEnvSteps`, and no seed is there twice.
 */
export function trainConfigJsonSchema(): Readonly<Record<string, unknown>> {
  const options = optionNames.map((name) => {
    const examples = name === 'envId' ? { examples: presetIds } : {};
    return [name, { ...optionProperty(name), ...examples }] as const;
  });
  const settings = settingNames.map((name) => {
    const { schema, meaning, isPath } = settingRow(name);
    const description =
      isPath === true ? meaning.replace(/( Default:|$)/, ' Relative to this file’s folder.$1') : meaning;
    return [name, { ...jsonSchemaOf(schema), description }] as const;
  });
  const where = { type: 'string', description: 'Where this file’s JSON Schema is, for editors.' };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'gymwire train --config',
    description:
      'Options of training, over the environment’s preset, which is over the defaults; and how and where to train. Flags win over the file.',
    type: 'object',
    properties: { $schema: where, ...Object.fromEntries([...options, ...settings]) },
    additionalProperties: false,
    not: { anyOf: alternatives.map((names) => ({ required: names })) },
  };
}
