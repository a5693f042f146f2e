import { type OptionName, optionJsonSchema } from '@gymwire/agent-sdk/parts';
import { finiteNumber, integer, integers } from '../parse-arguments.ts';

/** How a flag's text becomes an option's value. */
export interface OptionReader {
  /** The words that there are. */
  readonly choices?: readonly string[];
  /** Absent for a flag without a value, which means true, and for text that is taken as it is. */
  readonly read?: (text: string) => unknown;
}

interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** By the option's schema. Whole numbers are held to their range here, other numbers by agent-sdk. */
export function optionReader(name: OptionName): OptionReader {
  return readerOf(name, optionJsonSchema(name));
}

function readerOf(name: OptionName, schema: Schema): OptionReader {
  // None of them can be given as null: the flag is left out instead.
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return readerOf(name, first);
  if (schema.enum !== undefined) return { choices: schema.enum };
  const type: unknown = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'integer': {
      const { minimum = 0, exclusiveMinimum = -1, maximum } = schema;
      return { read: integer(Math.max(minimum, exclusiveMinimum + 1), maximum) };
    }
    case 'number':
      return { read: finiteNumber };
    case 'array':
      return { read: integers };
    case 'string':
    case 'boolean':
      return {};
    default:
      throw new Error(`${name}: a flag cannot be read as ${JSON.stringify(schema)}`);
  }
}
