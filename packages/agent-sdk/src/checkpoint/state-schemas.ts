import { type DType, dtypes } from '@gymwire/protocol';
import { z } from 'zod';
import type { ObservationStatisticsState } from '../policy/observation-statistics.ts';
import type { PolicyState } from '../policy/policy.ts';
import type { EnvArgument, ObservationLayout, PolicySnapshot } from '../policy/policy-snapshot.ts';
import type { RandomStreamState } from '../random/random-stream.ts';
import type { ReplayBufferState } from '../replay/replay-buffer.ts';
import type { LearnerState } from '../td3/network-state.ts';
import { dtypeOf } from './container-format.ts';

/** The shapes of saved state. Sizes that depend on an environment are checked by whoever imports the state. */

const float32Array = z.custom<Float32Array>(
  (value) => dtypeOf(value) === 'float32',
  'expected a Float32Array',
);
const float64Array = z.custom<Float64Array>(
  (value) => dtypeOf(value) === 'float64',
  'expected a Float64Array',
);
const stepCount = z.int().nonnegative();
const pair = <T extends z.ZodType>(item: T) => z.tuple([item, item]);

const envArgument: z.ZodType<EnvArgument> = z.union(
  [z.boolean(), z.number(), z.string(), z.array(z.number()).readonly()],
  'expected true, false, a number, a text or a list of numbers',
);
export const envArgumentsSchema = z.record(z.string(), envArgument).readonly();

const layerSchema = z
  .strictObject({
    inputs: z.int().positive(),
    outputs: z.int().positive(),
    weight: float32Array,
    bias: float32Array,
  })
  .refine(
    ({ inputs, outputs, weight, bias }) => weight.length === inputs * outputs && bias.length === outputs,
    'expected inputs · outputs weights and outputs biases',
  );

const networkSchema = z.array(layerSchema).min(1);

const adamSchema = z.strictObject({
  firstMoment: networkSchema,
  secondMoment: networkSchema,
  step: stepCount,
});

export const learnerStateSchema: z.ZodType<LearnerState> = z.strictObject({
  actor: networkSchema,
  actorTarget: networkSchema,
  critics: pair(networkSchema),
  criticTargets: pair(networkSchema),
  actorAdam: adamSchema,
  criticAdams: pair(adamSchema),
  gradientSteps: stepCount,
});

export const replayStateSchema: z.ZodType<ReplayBufferState> = z.strictObject({
  capacity: z.int().positive(),
  size: stepCount,
  cursor: stepCount,
  observation: float32Array,
  action: float32Array,
  reward: float32Array,
  nextObservation: float32Array,
  terminated: float32Array,
});

export const observationStatisticsSchema: z.ZodType<ObservationStatisticsState> = z.strictObject({
  count: stepCount,
  mean: float64Array,
  squares: float64Array,
});

export const policyStateSchema: z.ZodType<PolicyState> = z.record(
  z.string(),
  z.union([float32Array, float64Array]),
);

export const randomStreamSchema: z.ZodType<RandomStreamState> = z.strictObject({
  algorithm: z.literal('xoshiro128**'),
  words: z.array(z.int()).length(4),
  spareNormal: z.number().nullable(),
});

/** What a run relies on in its environment, apart from the options. */
export const environmentSchema = z.strictObject({
  /** 0: no limit; null: nobody could say. */
  maxEpisodeSteps: stepCount.nullable(),
  observationLow: float32Array,
  observationHigh: float32Array,
  actionLow: float32Array,
  actionHigh: float32Array,
});

export const evaluationSchema = z.strictObject({
  episodes: z.int().positive(),
  meanReturn: z.number(),
  stdReturn: z.number(),
  meanLength: z.number(),
});

const dtypeSchema: z.ZodType<DType> = z.enum(dtypes);

const observationLayoutSchema: z.ZodType<ObservationLayout> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('box'), dtype: dtypeSchema, shape: z.array(stepCount) }),
    z.strictObject({
      type: z.literal('dict'),
      entries: z.array(z.tuple([z.string(), observationLayoutSchema])),
    }),
    z.strictObject({ type: z.literal('tuple'), items: z.array(observationLayoutSchema) }),
  ]),
);

export const policySnapshotSchema: z.ZodType<PolicySnapshot> = z.strictObject({
  envId: z.string(),
  envArguments: envArgumentsSchema.exactOptional(),
  maxEpisodeSteps: stepCount.exactOptional(),
  envUnconfirmed: z.literal(true).exactOptional(),
  actor: networkSchema,
  actionLow: float32Array,
  actionHigh: float32Array,
  observationLow: float32Array,
  observationHigh: float32Array,
  observationLayout: observationLayoutSchema.exactOptional(),
  observationNormalizer: z
    .strictObject({ mean: float32Array, scale: float32Array, clip: z.number() })
    .exactOptional(),
  envSteps: stepCount,
  evaluation: evaluationSchema.exactOptional(),
  configHash: z.string(),
});
