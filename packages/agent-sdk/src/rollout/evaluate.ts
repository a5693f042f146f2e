import { GymwireError } from '@gymwire/protocol';
import type { EvaluationSummary } from '../policy/policy-snapshot.ts';
import { EpisodeStepper } from './episode-stepper.ts';
import { isEpisodeLoss, type VectorEnv } from './vector-env.ts';

/**
 * A policy in environment units.
 * @param observations [rows, observationSize]
 * @returns [rows, actionSize]
 */
export type EvaluationPolicy = (
  observations: Float32Array,
  rows: number,
) => Float32Array | Promise<Float32Array>;

export interface EvaluateOptions {
  /** Of its own: training must not go on in it. Any autoreset mode, any number of environments. */
  readonly env: VectorEnv;
  readonly policy: EvaluationPolicy;
  readonly episodes: number;
  /** Episode k starts from seed + k. */
  readonly seed: number;
  /** Rejects with the signal's reason between two steps. */
  readonly signal?: AbortSignal;
}

export interface EvaluationResult extends EvaluationSummary {
  /** One an episode, in the order of the seeds. */
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * Plays each seed's first episode without noise. The result does not depend on how many environments play at
 * once: only first episodes count, in rounds where there are more episodes than environments.
 * @throws AgentError NON_FINITE_VALUE, SHAPE_MISMATCH, UNSUPPORTED_SPACE
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { env, episodes, seed } = options;
  const stepper = new EpisodeStepper(env);
  const returns: number[] = [];
  const lengths: number[] = [];
  for (let first = 0; first < episodes; first += env.numEnvs) {
    const count = Math.min(env.numEnvs, episodes - first);
    const round = await playWhole(stepper, options, seed + first, count);
    returns.push(...round.returns);
    lengths.push(...round.lengths);
  }
  return { ...summarize(returns, lengths), returns, lengths };
}

/** So many losses of one round are no accident. */
const maxLosses = 5;

/** A round whose episodes were lost is played again: the same seeds, the same episodes. */
async function playWhole(
  ...round: Parameters<typeof playRound>
): Promise<{ returns: number[]; lengths: number[] }> {
  for (let losses = 0; ; losses++) {
    try {
      return await playRound(...round);
    } catch (error) {
      if (!isEpisodeLoss(error) || losses === maxLosses) throw error;
    }
  }
}

async function playRound(
  stepper: EpisodeStepper,
  { policy, signal }: EvaluateOptions,
  seed: number,
  count: number,
): Promise<{ returns: number[]; lengths: number[] }> {
  // Environments beyond `count` play along unheeded.
  await stepper.reset(Array.from({ length: stepper.numEnvs }, (_, i) => seed + i));
  const returns = Array.from({ length: count }, () => 0);
  const lengths = Array.from({ length: count }, () => 0);
  const playing = new Set(returns.keys());
  while (playing.size > 0) {
    signal?.throwIfAborted();
    const step = await stepper.step(await policy(stepper.observation, stepper.numEnvs));
    for (const i of playing) {
      returns[i] = (returns[i] as number) + (step.rewards[i] as number);
      lengths[i] = (lengths[i] as number) + 1;
      if (step.terminated[i] === true || step.truncated[i] === true) playing.delete(i);
    }
    if (step.isLost && playing.size > 0)
      throw new GymwireError('EPISODE_LOST', 'the other episodes of the round are lost');
  }
  return { returns, lengths };
}

/** Standard deviation over the episodes played (divided by their number). */
function summarize(returns: readonly number[], lengths: readonly number[]): EvaluationSummary {
  const meanReturn = mean(returns);
  const variance = mean(returns.map((value) => (value - meanReturn) ** 2));
  return {
    episodes: returns.length,
    meanReturn,
    stdReturn: Math.sqrt(variance),
    meanLength: mean(lengths),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
