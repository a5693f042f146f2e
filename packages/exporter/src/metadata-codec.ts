import { z } from 'zod';
import { ExporterError, messageOf } from './errors.ts';
import { parseLayout } from './observation-layout.ts';
import type {
  BoxBounds,
  FormatVersion,
  GoldenPairs,
  ObservationDescription,
  PolicyMetadata,
} from './policy-metadata.ts';
import type { EvaluationSummary } from './policy-snapshot.ts';

/**
 * Metadata ⇄ ONNX metadata_props. Float32 values are written as the shortest decimals of their exact float64
 * value, so any JSON reader gets them back bit for bit; infinities are the strings "Infinity", "-Infinity".
 */
const formatKey = 'gymwire.format';
const policyKey = 'gymwire.policy';
const goldenKey = 'gymwire.golden';
/** Keys of the file's owner. */
export const userPrefix = 'user.';

/** By what `gymwire.format` says. */
const formats: ReadonlyMap<string, FormatVersion> = new Map([
  ['1', 1],
  ['2', 2],
]);

export type MetadataProps = Readonly<Record<string, string>>;

const float32 = z
  .number()
  .refine((value) => Object.is(Math.fround(value), value), 'expected a float32 value');
const boundValue = z.union([
  float32,
  z.enum(['Infinity', '-Infinity']).transform((text) => (text === 'Infinity' ? Infinity : -Infinity)),
]);
const box = z.strictObject({
  shape: z.tuple([z.int().positive()]),
  low: z.array(boundValue),
  high: z.array(boundValue),
});
const envArgument = z.union([z.boolean(), z.number(), z.string(), z.array(z.number())]);
const policySchema = z.strictObject({
  envId: z.string().min(1),
  envArguments: z.record(z.string(), envArgument).exactOptional(),
  maxEpisodeSteps: z.int().nonnegative().exactOptional(),
  envUnconfirmed: z.literal(true).exactOptional(),
  observation: box.extend({ layout: z.unknown().optional() }),
  action: box,
  envSteps: z.int().nonnegative(),
  evaluation: z
    .strictObject({
      episodes: z.int().positive(),
      meanReturn: z.number(),
      stdReturn: z.number(),
      meanLength: z.number(),
    })
    .optional(),
  configHash: z.string().regex(/^[0-9a-f]{64}$/),
});
const goldenSchema = z.strictObject({
  observations: z.array(z.array(float32)).min(1),
  actions: z.array(z.array(float32)).min(1),
});

export function encodeMetadata(metadata: Omit<PolicyMetadata, 'weightsSha256'>): Record<string, string> {
  const { envId, envArguments, maxEpisodeSteps, envUnconfirmed, observation, action } = metadata;
  const { envSteps, evaluation, configHash, golden, user } = metadata;
  return {
    ...Object.fromEntries(Object.entries(user).map(([key, value]) => [userPrefix + key, value])),
    [formatKey]: String(metadata.formatVersion),
    [policyKey]: JSON.stringify({
      envId,
      ...(envArguments === undefined ? {} : { envArguments: sorted(envArguments) }),
      ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
      ...(envUnconfirmed === undefined ? {} : { envUnconfirmed }),
      observation: { ...encodeBox(observation), layout: observation.layout },
      action: encodeBox(action),
      envSteps,
      ...(evaluation === undefined ? {} : { evaluation: encodeEvaluation(evaluation) }),
      configHash,
    }),
    [goldenKey]: JSON.stringify({
      observations: rows(golden.observations, golden.count),
      actions: rows(golden.actions, golden.count),
    }),
  };
}

/** @throws ExporterError `FOREIGN_MODEL`, `UNSUPPORTED_FORMAT` */
export function readFormat(props: MetadataProps): FormatVersion {
  const text = props[formatKey];
  if (text === undefined) {
    throw new ExporterError(
      'FOREIGN_MODEL',
      `no gymwire policy: expected "${formatKey}" in the metadata, got ${
        Object.keys(props).slice(0, 10).join(', ') || 'no metadata at all'
      }`,
    );
  }
  const format = formats.get(text);
  if (format === undefined) {
    throw new ExporterError(
      'UNSUPPORTED_FORMAT',
      `expected format version ${[...formats.keys()].join(' or ')}, got ${JSON.stringify(text.slice(0, 20))}`,
    );
  }
  return format;
}

/** @throws ExporterError `INVALID_METADATA`, `FOREIGN_MODEL`, `UNSUPPORTED_FORMAT` */
export function decodeMetadata(props: MetadataProps): Omit<PolicyMetadata, 'weightsSha256'> {
  const { observation, action, evaluation, ...rest } = parse(props, policyKey, policySchema);
  const golden = parse(props, goldenKey, goldenSchema);
  const formatVersion = readFormat(props);
  return {
    formatVersion,
    ...rest,
    observation: {
      ...decodeBox('observation', observation),
      ...decodeLayout(observation, formatVersion),
    },
    action: decodeBox('action', action),
    ...(evaluation === undefined ? {} : { evaluation }),
    golden: decodeGolden(golden, observation.shape[0], action.shape[0]),
    user: decodeUser(props),
  };
}

function decodeUser(props: MetadataProps): Record<string, string> {
  return Object.fromEntries(
    Object.entries(props).flatMap(([key, value]) =>
      key.startsWith(userPrefix) ? [[key.slice(userPrefix.length), value]] : [],
    ),
  );
}

function parse<T>(props: MetadataProps, key: string, schema: z.ZodType<T>): T {
  const text = props[key];
  if (text === undefined) throw invalid(key, 'expected JSON, got nothing');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(key, `expected JSON: ${messageOf(cause)}`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw invalid(key, z.prettifyError(result.error));
}

function decodeBox(
  name: string,
  { shape, low, high }: { shape: [number]; low: number[]; high: number[] },
): BoxBounds {
  if (low.length !== shape[0] || high.length !== shape[0]) {
    throw invalid(`${policyKey}: ${name}`, `expected ${shape[0]} bounds, got ${low.length}, ${high.length}`);
  }
  return { shape, low: Float32Array.from(low), high: Float32Array.from(high) };
}

function decodeLayout(
  { shape, layout }: { shape: [number]; layout?: unknown },
  format: FormatVersion,
): Pick<ObservationDescription, 'layout'> {
  if (layout === undefined) return {};
  if (format === 1) throw invalid(`${policyKey}: observation`, 'expected no layout in format 1');
  try {
    return { layout: parseLayout(layout, 'layout', shape[0]) };
  } catch (cause) {
    throw invalid(`${policyKey}: observation`, messageOf(cause));
  }
}

function decodeGolden(
  { observations, actions }: { observations: number[][]; actions: number[][] },
  observationSize: number,
  actionSize: number,
): GoldenPairs {
  if (
    observations.length !== actions.length ||
    observations.some((row) => row.length !== observationSize) ||
    actions.some((row) => row.length !== actionSize)
  ) {
    throw invalid(goldenKey, `expected pairs of ${observationSize} and ${actionSize} values`);
  }
  return {
    count: observations.length,
    observations: Float32Array.from(observations.flat()),
    actions: Float32Array.from(actions.flat()),
  };
}

/** Equal arguments, equal bytes. */
function sorted<T>(fields: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function encodeBox({ shape, low, high }: BoxBounds) {
  const encode = (value: number) => (Number.isFinite(value) ? value : String(value));
  return { shape, low: Array.from(low, encode), high: Array.from(high, encode) };
}

/** By name, so that the caller's extra properties stay out of the file. */
function encodeEvaluation({ episodes, meanReturn, stdReturn, meanLength }: EvaluationSummary): unknown {
  return { episodes, meanReturn, stdReturn, meanLength };
}

function rows(values: Float32Array, count: number): number[][] {
  const width = values.length / count;
  return Array.from({ length: count }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)));
}

function invalid(where: string, message: string): ExporterError {
  return new ExporterError('INVALID_METADATA', `${where}: ${message}`);
}
