/**
 * Every option of training, once: its range, default and meaning, its flag, and who else may set it. Validation, defaults, the
 * command line with its help and its errors, the hover texts of `TrainOptions`, the JSON Schema and the table in docs/options.md
 * come from here; after a change, `npm run generate`.
 */
import type { AutoresetMode } from '@gymwire/protocol';
import { z } from 'zod';
import { envArgumentsSchema } from '../checkpoint/state-schemas.ts';
import { explorationNoiseTypes } from '../rollout/exploration-noise.ts';

/** Orders of stepping and updating; see train/loop/training-rounds.ts. */
export const trainingModes = ['pipelined', 'alternating'] as const;

/** Gymnasium's; the trainer learns in all of them. */
const autoresetModes = ['same-step', 'next-step', 'disabled'] as const satisfies AutoresetMode[];

/** How an option is written on the command line. */
export interface OptionFlag {
  readonly name: `--${string}`;
  /** What follows the name, for `--help`; absent: the flag alone means true. */
  readonly value?: `<${string}>`;
}

/** What is known of one option. */
export interface OptionRow<Value = unknown> {
  /** Type and range. */
  readonly schema: z.ZodType<Value>;
  /** Absent where there is none, or where it follows from other options; then `defaultText` says how. */
  readonly default?: Value;
  /** The default in words, where its value does not say it. */
  readonly defaultText?: string;
  /** A sentence or two, for whoever hovers over it or asks for `--help`. */
  readonly meaning: string;
  readonly flag: OptionFlag;
  /** What other programs call it, for whoever tries their word as a flag. */
  readonly otherWords?: readonly string[];
  /** True where a resumed run may change it: it says when to stop or to save, not how to learn. */
  readonly changeableOnResume?: boolean;
  /** False where it is a run's own affair. */
  readonly presetMaySet?: boolean;
}

/** Ties a row's default to its schema. */
function option<Value, const More extends Omit<OptionRow, 'schema'>>(
  schema: z.ZodType<Value>,
  row: More & Omit<OptionRow<NoInfer<Value>>, 'schema'>,
): { readonly schema: z.ZodType<Value> } & More {
  return { schema, ...row };
}

/** Random steps of runs that are long enough: the authors' figure, for a million steps. */
export const usualLearningStarts = 25_000;

const count = z.int().positive();
const rate = z.number().positive();
const std = z.number().nonnegative();

/** In the order in which a run's config.json lists them. Defaults: Fujimoto et al. 2018, with today's networks and batch. */
export const optionTable = {
  envId: option(z.string().min(1), {
    meaning: 'Environment id, such as "Pendulum-v1"; also chooses the preset.',
    flag: { name: '--env', value: '<id>' },
    otherWords: ['environment'],
    presetMaySet: false,
  }),
  envArguments: option(envArgumentsSchema, {
    default: {},
    defaultText: 'none',
    meaning: 'Keyword arguments that the environment is made with.',
    flag: { name: '--env-arg', value: '<name=value>' },
    presetMaySet: false,
  }),
  maxEpisodeSteps: option(
    z
      .int()
      .nonnegative()
      .max(2 ** 32 - 1)
      .nullable(),
    {
      default: null,
      defaultText: 'the environment’s own',
      meaning:
        'Steps until an episode is truncated, 0 for no limit. Without a limit, an evaluation that does not end is an error after 100 000 steps.',
      flag: { name: '--max-episode-steps', value: '<number>' },
    },
  ),
  numEnvs: option(count, {
    default: 1,
    meaning: 'Environments stepped together in training.',
    flag: { name: '--num-envs', value: '<number>' },
    otherWords: ['n-envs'],
  }),
  autoresetMode: option(z.enum(autoresetModes), {
    default: 'same-step',
    meaning:
      'How environments are asked to start their next episodes; with one environment, no mode changes the run.',
    flag: { name: '--autoreset', value: '<mode>' },
  }),
  seed: option(z.int().nonnegative(), {
    default: 0,
    meaning: 'Fixes every draw of the run.',
    flag: { name: '--seed', value: '<number>' },
    presetMaySet: false,
  }),
  totalEnvSteps: option(count, {
    default: 1_000_000,
    meaning: 'Transitions to collect.',
    flag: { name: '--steps', value: '<number>' },
    otherWords: ['timesteps', 'total-timesteps', 'max-timesteps'],
    changeableOnResume: true,
  }),
  stopAtReturn: option(z.number().nullable(), {
    default: null,
    defaultText: 'never',
    meaning: 'Stop once an evaluation reaches this mean return.',
    flag: { name: '--stop-at', value: '<return>' },
    changeableOnResume: true,
  }),

  hiddenSizes: option(z.array(count).min(1).readonly(), {
    default: [256, 256],
    meaning: 'Neurons of each hidden layer, actor and critics alike.',
    flag: { name: '--hidden', value: '<sizes>' },
    otherWords: ['layers', 'net-arch'],
  }),
  actorLearningRate: option(rate, {
    default: 3e-4,
    meaning: 'Learning rate of the actor.',
    flag: { name: '--actor-lr', value: '<rate>' },
  }),
  criticLearningRate: option(rate, {
    default: 3e-4,
    meaning: 'Learning rate of the critics.',
    flag: { name: '--critic-lr', value: '<rate>' },
  }),
  batchSize: option(count, {
    default: 256,
    meaning: 'Transitions in a batch.',
    flag: { name: '--batch-size', value: '<number>' },
    otherWords: ['batch'],
  }),
  gamma: option(z.number().min(0).max(1), {
    default: 0.99,
    meaning: 'Discount of the next value.',
    flag: { name: '--gamma', value: '<factor>' },
    otherWords: ['discount'],
  }),
  tau: option(z.number().positive().max(1), {
    default: 0.005,
    meaning: 'How far targets follow at each update: target ← tau · online + (1 − tau) · target.',
    flag: { name: '--tau', value: '<share>' },
  }),
  policyDelay: option(count, {
    default: 2,
    meaning: 'Critic updates for each update of actor and targets.',
    flag: { name: '--policy-delay', value: '<number>' },
    otherWords: ['policy-freq'],
  }),
  targetPolicyNoise: option(std, {
    default: 0.2,
    meaning: 'Standard deviation of the noise on target actions, which lie in [-1, 1].',
    flag: { name: '--target-policy-noise', value: '<std>' },
  }),
  targetNoiseClip: option(std, {
    default: 0.5,
    meaning: 'Largest size of the noise on target actions.',
    flag: { name: '--target-noise-clip', value: '<limit>' },
  }),
  gradientStepsPerTransition: option(rate, {
    default: 1,
    meaning: 'Gradient steps for each transition.',
    flag: { name: '--gradient-steps', value: '<number>' },
  }),
  mode: option(z.enum(trainingModes), {
    default: 'pipelined',
    meaning:
      '`pipelined`: the environments step while the learner updates, on an actor that is one step older; `alternating`: in turns, as the paper has it. Both are deterministic.',
    flag: { name: '--mode', value: '<mode>' },
  }),

  normalizeObservations: option(z.boolean(), {
    default: false,
    defaultText: 'off',
    meaning:
      'Learn from observations with mean 0 and variance 1, clipped to ±10, by statistics of the run’s own; the policy file brings them along.',
    flag: { name: '--normalize-observations' },
  }),
  bufferSize: option(count, {
    default: 1_000_000,
    meaning: 'Transitions kept for replay.',
    flag: { name: '--buffer-size', value: '<number>' },
    otherWords: ['replay-size'],
  }),
  learningStarts: option(z.int().nonnegative(), {
    defaultText: `a tenth of the steps, at most ${usualLearningStarts}`,
    meaning: 'Transitions with uniform actions before the actor plays and learning starts.',
    flag: { name: '--learning-starts', value: '<steps>' },
    otherWords: ['start-timesteps'],
  }),
  explorationNoise: option(std, {
    default: 0.1,
    meaning: 'Standard deviation of the noise on played actions, which lie in [-1, 1].',
    flag: { name: '--exploration-noise', value: '<std>' },
    otherWords: ['expl-noise', 'action-noise'],
  }),
  explorationNoiseType: option(z.enum(explorationNoiseTypes), {
    default: 'gaussian',
    meaning:
      'Noise on played actions: `gaussian` is new at each step, `ornstein-uhlenbeck` drifts, for environments that need a steady push.',
    flag: { name: '--exploration-noise-type', value: '<type>' },
  }),

  evaluationInterval: option(count, {
    default: 10_000,
    meaning: 'Environment steps between two evaluations.',
    flag: { name: '--eval-every', value: '<steps>' },
    otherWords: ['eval-freq', 'eval-interval'],
  }),
  // Each has a seed of its own in the range of evaluations, which has 2^29.
  evaluationEpisodes: option(count.max(2 ** 29 - 1), {
    default: 10,
    meaning: 'Episodes of an evaluation.',
    flag: { name: '--eval-episodes', value: '<number>' },
  }),
  logInterval: option(count, {
    default: 1_000,
    meaning: 'Environment steps between two log lines.',
    flag: { name: '--log-every', value: '<steps>' },
  }),
  checkpointInterval: option(count, {
    default: 50_000,
    meaning: 'Environment steps between two checkpoints.',
    flag: { name: '--checkpoint-every', value: '<steps>' },
    changeableOnResume: true,
  }),
};

export type OptionName = keyof typeof optionTable;

/** The names of all options, in their order. */
export const optionNames = Object.keys(optionTable) as readonly OptionName[];

/** One option's row, whatever its type. */
export function optionRow(name: OptionName): OptionRow {
  return optionTable[name];
}

/** A flag that sets several options at once. */
export const optionShorthands = [
  {
    flag: { name: '--lr', value: '<rate>' },
    sets: ['actorLearningRate', 'criticLearningRate'],
    meaning: 'Learning rate of actor and critics alike.',
  },
] as const satisfies readonly {
  readonly flag: OptionFlag;
  readonly sets: readonly OptionName[];
  readonly meaning: string;
}[];

/** What a meaning goes on with, where a resumed run may change the option; else nothing. */
export function resumeWord(name: OptionName): string {
  return optionRow(name).changeableOnResume === true ? ' A resume may change it.' : '';
}

/** The default in words; undefined: there is none. */
export function defaultText(name: OptionName): string | undefined {
  const { default: value, defaultText: text } = optionRow(name);
  if (text !== undefined || value === undefined) return text;
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value).replaceAll('"', '');
}
