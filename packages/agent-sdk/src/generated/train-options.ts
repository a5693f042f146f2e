// Written by `npm run generate` from options/option-table.ts.

/** All options with every default filled in. JSON. */
export interface ResolvedTrainOptions {
  /**
   * Environment id, such as "Pendulum-v1"; also chooses the preset.
   *
   * Flag: `--env`.
   */
  readonly envId: string;

  /**
   * Keyword arguments that the environment is made with.
   *
   * Default: none. Flag: `--env-arg`.
   */
  readonly envArguments: Readonly<Record<string, boolean | number | string | readonly number[]>>;

  /**
   * Steps until an episode is truncated, 0 for no limit. Without a limit, an evaluation that does not end is an error after 100 000 steps.
   *
   * Default: the preset's, else the environment’s own. Flag: `--max-episode-steps`.
   */
  readonly maxEpisodeSteps: number | null;

  /**
   * Environments stepped together in training.
   *
   * Default: the preset's, else 1. Flag: `--num-envs`.
   */
  readonly numEnvs: number;

  /**
   * How environments are asked to start their next episodes; with one environment, no mode changes the run.
   *
   * Default: the preset's, else same-step. Flag: `--autoreset`.
   */
  readonly autoresetMode: 'same-step' | 'next-step' | 'disabled';

  /**
   * Fixes every draw of the run.
   *
   * Default: 0. Flag: `--seed`.
   */
  readonly seed: number;

  /**
   * Transitions to collect. A resume may change it.
   *
   * Default: the preset's, else 1 000 000. Flag: `--steps`.
   */
  readonly totalEnvSteps: number;

  /**
   * Stop once an evaluation reaches this mean return. A resume may change it.
   *
   * Default: the preset's, else never. Flag: `--stop-at`.
   */
  readonly stopAtReturn: number | null;

  /**
   * Neurons of each hidden layer, actor and critics alike.
   *
   * Default: the preset's, else 256,256. Flag: `--hidden`.
   */
  readonly hiddenSizes: readonly number[];

  /**
   * Learning rate of the actor.
   *
   * Default: the preset's, else 0.0003. Flag: `--actor-lr`.
   */
  readonly actorLearningRate: number;

  /**
   * Learning rate of the critics.
   *
   * Default: the preset's, else 0.0003. Flag: `--critic-lr`.
   */
  readonly criticLearningRate: number;

  /**
   * Transitions in a batch.
   *
   * Default: the preset's, else 256. Flag: `--batch-size`.
   */
  readonly batchSize: number;

  /**
   * Discount of the next value.
   *
   * Default: the preset's, else 0.99. Flag: `--gamma`.
   */
  readonly gamma: number;

  /**
   * How far targets follow at each update: target ← tau · online + (1 − tau) · target.
   *
   * Default: the preset's, else 0.005. Flag: `--tau`.
   */
  readonly tau: number;

  /**
   * Critic updates for each update of actor and targets.
   *
   * Default: the preset's, else 2. Flag: `--policy-delay`.
   */
  readonly policyDelay: number;

  /**
   * Standard deviation of the noise on target actions, which lie in [-1, 1].
   *
   * Default: the preset's, else 0.2. Flag: `--target-policy-noise`.
   */
  readonly targetPolicyNoise: number;

  /**
   * Largest size of the noise on target actions.
   *
   * Default: the preset's, else 0.5. Flag: `--target-noise-clip`.
   */
  readonly targetNoiseClip: number;

  /**
   * Gradient steps for each transition.
   *
   * Default: the preset's, else 1. Flag: `--gradient-steps`.
   */
  readonly gradientStepsPerTransition: number;

  /**
   * `pipelined`: the environments step while the learner updates, on an actor that is one step older; `alternating`: in turns, as the paper has it. Both are deterministic.
   *
   * Default: the preset's, else pipelined. Flag: `--mode`.
   */
  readonly mode: 'pipelined' | 'alternating';

  /**
   * Learn from observations with mean 0 and variance 1, clipped to ±10, by statistics of the run’s own; the policy file brings them along.
   *
   * Default: the preset's, else off. Flag: `--normalize-observations`.
   */
  readonly normalizeObservations: boolean;

  /**
   * Transitions kept for replay.
   *
   * Default: the preset's, else 1 000 000. Flag: `--buffer-size`.
   */
  readonly bufferSize: number;

  /**
   * Transitions with uniform actions before the actor plays and learning starts.
   *
   * Default: the preset's, else a tenth of the steps, at most 25 000. Flag: `--learning-starts`.
   */
  readonly learningStarts: number;

  /**
   * Standard deviation of the noise on played actions, which lie in [-1, 1].
   *
   * Default: the preset's, else 0.1. Flag: `--exploration-noise`.
   */
  readonly explorationNoise: number;

  /**
   * Noise on played actions: `gaussian` is new at each step, `ornstein-uhlenbeck` drifts, for environments that need a steady push.
   *
   * Default: the preset's, else gaussian. Flag: `--exploration-noise-type`.
   */
  readonly explorationNoiseType: 'gaussian' | 'ornstein-uhlenbeck';

  /**
   * Environment steps between two evaluations.
   *
   * Default: the preset's, else 10 000. Flag: `--eval-every`.
   */
  readonly evaluationInterval: number;

  /**
   * Episodes of an evaluation.
   *
   * Default: the preset's, else 10. Flag: `--eval-episodes`.
   */
  readonly evaluationEpisodes: number;

  /**
   * Environment steps between two log lines.
   *
   * Default: the preset's, else 1 000. Flag: `--log-every`.
   */
  readonly logInterval: number;

  /**
   * Environment steps between two checkpoints. A resume may change it.
   *
   * Default: the preset's, else 50 000. Flag: `--checkpoint-every`.
   */
  readonly checkpointInterval: number;
}

/** What the caller of a resume gives; all that is left out is the run's own. `undefined` means not given. */
export interface ResumeOptions {
  /**
   * Environment id, such as "Pendulum-v1"; also chooses the preset.
   *
   * Flag: `--env`.
   */
  readonly envId?: string | undefined;

  /**
   * Keyword arguments that the environment is made with.
   *
   * Default: none. Flag: `--env-arg`.
   */
  readonly envArguments?: Readonly<Record<string, boolean | number | string | readonly number[]>> | undefined;

  /**
   * Steps until an episode is truncated, 0 for no limit. Without a limit, an evaluation that does not end is an error after 100 000 steps.
   *
   * Default: the preset's, else the environment’s own. Flag: `--max-episode-steps`.
   */
  readonly maxEpisodeSteps?: number | null | undefined;

  /**
   * Environments stepped together in training.
   *
   * Default: the preset's, else 1. Flag: `--num-envs`.
   */
  readonly numEnvs?: number | undefined;

  /**
   * How environments are asked to start their next episodes; with one environment, no mode changes the run.
   *
   * Default: the preset's, else same-step. Flag: `--autoreset`.
   */
  readonly autoresetMode?: 'same-step' | 'next-step' | 'disabled' | undefined;

  /**
   * Fixes every draw of the run.
   *
   * Default: 0. Flag: `--seed`.
   */
  readonly seed?: number | undefined;

  /**
   * Transitions to collect. A resume may change it.
   *
   * Default: the preset's, else 1 000 000. Flag: `--steps`.
   */
  readonly totalEnvSteps?: number | undefined;

  /**
   * Stop once an evaluation reaches this mean return. A resume may change it.
   *
   * Default: the preset's, else never. Flag: `--stop-at`.
   */
  readonly stopAtReturn?: number | null | undefined;

  /**
   * Neurons of each hidden layer, actor and critics alike.
   *
   * Default: the preset's, else 256,256. Flag: `--hidden`.
   */
  readonly hiddenSizes?: readonly number[] | undefined;

  /**
   * Learning rate of the actor.
   *
   * Default: the preset's, else 0.0003. Flag: `--actor-lr`.
   */
  readonly actorLearningRate?: number | undefined;

  /**
   * Learning rate of the critics.
   *
   * Default: the preset's, else 0.0003. Flag: `--critic-lr`.
   */
  readonly criticLearningRate?: number | undefined;

  /**
   * Transitions in a batch.
   *
   * Default: the preset's, else 256. Flag: `--batch-size`.
   */
  readonly batchSize?: number | undefined;

  /**
   * Discount of the next value.
   *
   * Default: the preset's, else 0.99. Flag: `--gamma`.
   */
  readonly gamma?: number | undefined;

  /**
   * How far targets follow at each update: target ← tau · online + (1 − tau) · target.
   *
   * Default: the preset's, else 0.005. Flag: `--tau`.
   */
  readonly tau?: number | undefined;

  /**
   * Critic updates for each update of actor and targets.
   *
   * Default: the preset's, else 2. Flag: `--policy-delay`.
   */
  readonly policyDelay?: number | undefined;

  /**
   * Standard deviation of the noise on target actions, which lie in [-1, 1].
   *
   * Default: the preset's, else 0.2. Flag: `--target-policy-noise`.
   */
  readonly targetPolicyNoise?: number | undefined;

  /**
   * Largest size of the noise on target actions.
   *
   * Default: the preset's, else 0.5. Flag: `--target-noise-clip`.
   */
  readonly targetNoiseClip?: number | undefined;

  /**
   * Gradient steps for each transition.
   *
   * Default: the preset's, else 1. Flag: `--gradient-steps`.
   */
  readonly gradientStepsPerTransition?: number | undefined;

  /**
   * `pipelined`: the environments step while the learner updates, on an actor that is one step older; `alternating`: in turns, as the paper has it. Both are deterministic.
   *
   * Default: the preset's, else pipelined. Flag: `--mode`.
   */
  readonly mode?: 'pipelined' | 'alternating' | undefined;

  /**
   * Learn from observations with mean 0 and variance 1, clipped to ±10, by statistics of the run’s own; the policy file brings them along.
   *
   * Default: the preset's, else off. Flag: `--normalize-observations`.
   */
  readonly normalizeObservations?: boolean | undefined;

  /**
   * Transitions kept for replay.
   *
   * Default: the preset's, else 1 000 000. Flag: `--buffer-size`.
   */
  readonly bufferSize?: number | undefined;

  /**
   * Transitions with uniform actions before the actor plays and learning starts.
   *
   * Default: the preset's, else a tenth of the steps, at most 25 000. Flag: `--learning-starts`.
   */
  readonly learningStarts?: number | undefined;

  /**
   * Standard deviation of the noise on played actions, which lie in [-1, 1].
   *
   * Default: the preset's, else 0.1. Flag: `--exploration-noise`.
   */
  readonly explorationNoise?: number | undefined;

  /**
   * Noise on played actions: `gaussian` is new at each step, `ornstein-uhlenbeck` drifts, for environments that need a steady push.
   *
   * Default: the preset's, else gaussian. Flag: `--exploration-noise-type`.
   */
  readonly explorationNoiseType?: 'gaussian' | 'ornstein-uhlenbeck' | undefined;

  /**
   * Environment steps between two evaluations.
   *
   * Default: the preset's, else 10 000. Flag: `--eval-every`.
   */
  readonly evaluationInterval?: number | undefined;

  /**
   * Episodes of an evaluation.
   *
   * Default: the preset's, else 10. Flag: `--eval-episodes`.
   */
  readonly evaluationEpisodes?: number | undefined;

  /**
   * Environment steps between two log lines.
   *
   * Default: the preset's, else 1 000. Flag: `--log-every`.
   */
  readonly logInterval?: number | undefined;

  /**
   * Environment steps between two checkpoints. A resume may change it.
   *
   * Default: the preset's, else 50 000. Flag: `--checkpoint-every`.
   */
  readonly checkpointInterval?: number | undefined;
}

/**
 * What a caller gives. Only `envId` must be given: the others have a default, the preset's where the environment has one
 * (docs/presets.md), which `resolveTrainOptions` of `@gymwire/agent-sdk/parts` shows. `undefined` means not given.
 */
export interface TrainOptions extends ResumeOptions {
  /**
   * Environment id, such as "Pendulum-v1"; also chooses the preset.
   *
   * Flag: `--env`.
   */
  readonly envId: string;
}
