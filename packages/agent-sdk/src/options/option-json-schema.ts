import { z } from 'zod';
import { type OptionName, optionNames, optionRow, resumeWord } from './option-table.ts';

/** JSON Schema (draft 2020-12) of one option: type and range, for whatever reads options from text. */
export function optionJsonSchema(name: OptionName): Readonly<Record<string, unknown>> {
  return jsonSchemaOf(optionRow(name).schema);
}

/** JSON Schema of a value, in words that draft 7 and draft 2020-12 have in common. */
export function jsonSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const written: Readonly<Record<string, unknown>> = z.toJSONSchema(schema, {
    io: 'input',
    // Of TypeScript's types: a file may hold and change what it likes.
    override: ({ jsonSchema }) => void delete jsonSchema.readOnly,
  });
  return Object.fromEntries(Object.entries(written).filter(([key]) => key !== '$schema'));
}

/** An option's schema with its meaning and its default. */
export function optionProperty(name: OptionName): Readonly<Record<string, unknown>> {
  const { meaning: what, default: value, defaultText } = optionRow(name);
  const meaning = what + resumeWord(name);
  const description = value === undefined && defaultText ? `${meaning} Default: ${defaultText}.` : meaning;
  return { ...optionJsonSchema(name), description, ...(value !== undefined && { default: value }) };
}

/** JSON Schema of `TrainOptions`, with meanings and defaults; presets come between these and what is given. */
export function trainOptionsJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'TrainOptions',
    description: 'Options of training: over the environment’s preset, which is over the defaults.',
    type: 'object',
    properties: Object.fromEntries(optionNames.map((name) => [name, optionProperty(name)])),
    required: ['envId'],
    additionalProperties: false,
  };
}
