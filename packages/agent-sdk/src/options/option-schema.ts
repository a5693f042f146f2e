import type { AutoresetMode } from '@gymwire/protocol';
import { z } from 'zod';
import { envArgumentsSchema } from '../checkpoint/state-schemas.ts';
import { AgentError } from '../errors.ts';
import { explorationNoiseTypes } from '../rollout/exploration-noise.ts';

/** See train/loop/training-rounds.ts. */
export const trainingModes = ['pipelined', 'alternating'] as const;

/** Gymnasium's; the trainer learns in all of them. */
export const autoresetModes = ['same-step', 'next-step', 'disabled'] as const satisfies AutoresetMode[];

const count = z.int().positive();
const rate = z.number().positive();
const std = z.number().nonnegative();

/** Every option of training, its meaning and its range. */
const schema = z.strictObject({
  /** Environment id, such as "Pendulum-v1"; also chooses the preset. */
  envId: z.string().min(1),
  /** Keyword arguments that the environment is made with. */
  envArguments: envArgumentsSchema,
  /** Steps until an episode is truncated, 0 for no limit; null: the environment's own limit. */
  maxEpisodeSteps: z.int().nonnegative().nullable(),
  /** Environments stepped together in training. */
  numEnvs: count,
  /** How environments are asked to start their next episodes. */
  autoresetMode: z.enum(autoresetModes),
  /** Fixes every draw of the run. */
  seed: z.int().nonnegative(),
  /** Transitions to collect. */
  totalEnvSteps: count,
  /** Stop after an evaluation whose mean return reaches this; null: never. */
  stopAtReturn: z.number().nullable(),

  /** Neurons of each hidden layer, actor and critics alike. */
  hiddenSizes: z.array(count).min(1).readonly(),
  actorLearningRate: rate,
  criticLearningRate: rate,
  batchSize: count,
  gamma: z.number().min(0).max(1),
  /** target ← tau · online + (1 − tau) · target. */
  tau: z.number().positive().max(1),
  /** Critic updates for each update of actor and targets. */
  policyDelay: count,
  /** σ of the noise on target actions, [-1, 1] units. */
  targetPolicyNoise: std,
  targetNoiseClip: std,
  gradientStepsPerTransition: rate,
  /** Whether environments and learner work at the same time, or take turns. */
  mode: z.enum(trainingModes),

  /** Give the networks observations with mean 0 and variance 1, clipped to ±10; statistics of this run's. */
  normalizeObservations: z.boolean(),
  /** Transitions kept for replay. */
  bufferSize: count,
  /** Transitions with uniform actions before the actor plays and learning starts. */
  learningStarts: z.int().nonnegative(),
  /** σ of the noise on played actions, [-1, 1] units. */
  explorationNoise: std,
  explorationNoiseType: z.enum(explorationNoiseTypes),

  /** Environment steps between two evaluations, log lines, checkpoints. */
  evaluationInterval: count,
  evaluationEpisodes: count,
  logInterval: count,
  checkpointInterval: count,
});

/** All options with every default filled in. JSON. */
export type ResolvedTrainOptions = Readonly<z.infer<typeof schema>>;

/** Options that a resumed run may change: they say when to stop and when to save, not how to learn. */
export const changeableOnResume: ReadonlySet<string> = new Set([
  'totalEnvSteps',
  'stopAtReturn',
  'checkpointInterval',
] satisfies (keyof ResolvedTrainOptions)[]);

/** What the caller of a resume gives; all that is left out is the run's own. `undefined` means not given. */
export type ResumeOptions = {
  readonly [Key in keyof ResolvedTrainOptions]?: ResolvedTrainOptions[Key] | undefined;
};

/** What a caller gives; everything but the environment has a default. `undefined` means not given. */
export type TrainOptions = ResumeOptions & { readonly envId: string };

/** @throws AgentError INVALID_OPTION */
export function parseResolvedOptions(options: unknown): ResolvedTrainOptions {
  const result = schema.safeParse(options, { reportInput: true });
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ path, message, input }) =>
        `${path.join('.') || 'options'}: ${message}, got ${JSON.stringify(input)}`,
    );
    throw new AgentError('INVALID_OPTION', issues.join('; '));
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
