import { nameHint, shown } from '@gymwire/protocol';
import { z } from 'zod';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import type { LearningRates } from '../td3/learner.ts';
import { optionJsonSchema } from './option-json-schema.ts';
import { type OptionName, optionNames, optionRow, optionTable } from './option-table.ts';

type Schemas = { readonly [Name in OptionName]: (typeof optionTable)[Name]['schema'] };

const schemas = Object.fromEntries(optionNames.map((name) => [name, optionTable[name].schema])) as Schemas;
const schema: z.ZodType<ResolvedTrainOptions> = z.strictObject(schemas);

/** Options that a resumed run may change: they say when to stop and when to save, not how to learn. */
export const changeableOnResume: ReadonlySet<string> = new Set(
  optionNames.filter((name) => optionRow(name).changeableOnResume === true),
);

/** @throws AgentError INVALID_OPTION */
export function parseResolvedOptions(options: unknown): ResolvedTrainOptions {
  const result = schema.safeParse(options, { reportInput: true });
  if (!result.success) {
    throw new AgentError('INVALID_OPTION', result.error.issues.flatMap(describeIssue).join('; '));
  }
  const { learningStarts, totalEnvSteps } = result.data;
  if (learningStarts >= totalEnvSteps) {
    throw new AgentError(
      'INVALID_OPTION',
      `learningStarts: expected less than totalEnvSteps (${totalEnvSteps}), or nothing is learnt; got ${learningStarts}`,
    );
  }
  return result.data;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `options.${key} is no option (${nameHint(key, optionNames)})`);
  }
  return [`${issue.path.join('.') || 'options'}: ${expectedAndGot(issue)}`];
}

/**
 * Of an issue that was found with `reportInput`.
 * @param schemaOf the JSON Schema of what has a name
 */
export function expectedAndGot(
  { code, path, message, input }: z.core.$ZodIssue,
  schemaOf: (name: string) => object | undefined = schemaOfOption,
): string {
  // What came is told below, and in other words.
  const kind = path.length === 1 ? kindOf(schemaOf(String(path[0]))) : undefined;
  const expected =
    code === 'invalid_type' && kind !== undefined
      ? `expected ${kind}`
      : message.replace(/^Invalid input: (expected .+), received .+$/s, '$1');
  return `${expected}, got ${inJson(input)}`;
}

function schemaOfOption(name: string): object | undefined {
  const known = optionNames.find((one) => one === name);
  return known === undefined ? undefined : optionJsonSchema(known);
}

/** In words, of what is a number; undefined for others, whose type says enough. */
function kindOf(whole: NumberSchema = {}): string | undefined {
  const { type, minimum, exclusiveMinimum, maximum } = whole.anyOf?.[0] ?? whole;
  if (type !== 'integer' && type !== 'number') return undefined;
  const number = type === 'integer' ? 'a whole number' : 'a number';
  // Whole numbers above 0 are those from 1.
  const least =
    minimum ?? (type === 'integer' && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : undefined);
  const low = least === undefined ? exclusiveMinimum : least;
  if (low === undefined) return number;
  const isBounded = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  if (least === undefined) return `${number} above ${low}${isBounded ? ` and at most ${maximum}` : ''}`;
  return isBounded ? `${number} from ${low} to ${maximum}` : `${number} at least ${low}`;
}

interface NumberSchema {
  readonly type?: unknown;
  readonly anyOf?: readonly NumberSchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function inJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shown(value);
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}

/** Rates that a run changes to, by the rules of the options that it began with. @throws AgentError INVALID_OPTION */
export function checkLearningRates(rates: object): LearningRates {
  const asked = z.strictObject({ actor: schemas.actorLearningRate, critic: schemas.criticLearningRate });
  const result = asked.safeParse(rates, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AgentError(
    'INVALID_OPTION',
    `setLearningRates: ${issue?.path.join('.') || 'expected { actor, critic }'}: ${issue?.message}`,
  );
}

/** Options were right when they were saved: if they are not now, the file is to blame, and not who resumes. */
export function parseStoredOptions(path: string, options: unknown): ResolvedTrainOptions {
  try {
    return parseResolvedOptions(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(
      'FILE_CORRUPT',
      `${path} is damaged, or another version of gymwire saved it: ${reason}`,
      { cause },
    );
  }
}
