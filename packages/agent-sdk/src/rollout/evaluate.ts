import { GymwireError } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import { isThenable } from '../is-thenable.ts';
import type { Policy } from '../policy/policy.ts';
import type { EvaluationSummary } from '../policy/policy-snapshot.ts';
import { EpisodeStepper } from './episode-stepper.ts';
import { isEpisodeLoss, type VectorEnv } from './vector-env.ts';

/** What is evaluated, where, and on which episodes. */
export interface EvaluateOptions {
  /** An environment of its own: training must not go on in it. Any autoreset mode, any number of environments. */
  readonly env: VectorEnv;
  /** Plays one row an environment; is told where episodes start, also of those that no longer count. */
  readonly policy: Policy;
  readonly episodes: number;
  /** Episode k starts from seed + k. */
  readonly seed: number;
  /** Rejects with the signal's reason between two steps. */
  readonly signal?: AbortSignal;
  /** Sees each round and each step of the episodes that count. */
  readonly watch?: EvaluationWatch;
  /** Hears of it while it lasts: every 1 000 steps. A promise is waited for. */
  readonly onProgress?: ((progress: EvaluationProgress) => unknown) | undefined;
}

/** What one step led to; arrays are one an environment, and valid during the call only. */
export interface EvaluationStep {
  /** Environments whose episodes count and were not over. */
  readonly playing: Iterable<number>;
  readonly rewards: ArrayLike<number>;
  readonly terminated: readonly boolean[];
}

export interface EvaluationWatch {
  /** A round of episodes begins, or begins again where they were lost. @param first its first episode, of environment 0 */
  begin(first: number, count: number): void;
  step(step: EvaluationStep): void;
}

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** Steps that all environments made together. */
  readonly steps: number;
  readonly episodesEnded: number;
  readonly episodes: number;
}

/** An episode that has not ended by then, in an environment without a longer limit of its own, never will. */
const longestEpisode = 100_000;

const progressInterval = 1_000;

/** An evaluation, episode by episode. */
export interface EvaluationResult extends EvaluationSummary {
  /** One an episode, in the order of the seeds. */
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * Plays each seed's first episode without noise. The result does not depend on how many environments play at
 * once: only first episodes count, in rounds where there are more episodes than environments.
 * @throws AgentError EPISODE_ENDLESS after 100 000 steps; NON_FINITE_VALUE, SHAPE_MISMATCH, UNSUPPORTED_SPACE
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { env, episodes } = options;
  const stepper = new EpisodeStepper(env);
  const returns: number[] = [];
  const lengths: number[] = [];
  let steps = 0;
  for (let first = 0; first < episodes; first += env.numEnvs) {
    const count = Math.min(env.numEnvs, episodes - first);
    const round = await playWhole(stepper, options, first, count, (playing) => {
      steps += 1;
      const isOver = playing === 0 && first + count === episodes;
      if (steps % progressInterval !== 0 || isOver) return undefined;
      return options.onProgress?.({ steps, episodesEnded: first + count - playing, episodes });
    });
    returns.push(...round.returns);
    lengths.push(...round.lengths);
  }
  return { ...summarize(returns, lengths), returns, lengths };
}

/** Losses of one round, beyond which they are no accident. */
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
  { env, policy, signal, watch, seed: firstSeed }: EvaluateOptions,
  first: number,
  count: number,
  stepped: (playing: number) => unknown,
): Promise<{ returns: number[]; lengths: number[] }> {
  const seed = firstSeed + first;
  watch?.begin(first, count);
  // Environments beyond `count` play along unheeded.
  await stepper.reset(Array.from({ length: stepper.numEnvs }, (_, i) => seed + i));
  const returns = Array.from({ length: count }, () => 0);
  const lengths = Array.from({ length: count }, () => 0);
  const playing = new Set(returns.keys());
  let starts: readonly number[] = [...Array(stepper.numEnvs).keys()];
  const limit = Math.max(longestEpisode, env.maxEpisodeSteps ?? 0);
  for (let steps = 0; playing.size > 0; steps++) {
    if (steps === limit) throw endless(env, seed + Math.min(...playing), limit);
    signal?.throwIfAborted();
    if (starts.length > 0) await policy.reset(starts);
    const step = await stepper.step(await policy.act(stepper.observation, stepper.numEnvs));
    starts = step.starts;
    watch?.step({ playing, rewards: step.rewards, terminated: step.terminated });
    for (const i of playing) {
      returns[i] = returns[i] + step.rewards[i];
      lengths[i] = lengths[i] + 1;
      if (step.terminated[i] === true || step.truncated[i] === true) playing.delete(i);
    }
    if (step.lost.some((i) => playing.has(i))) {
      throw new GymwireError('EPISODE_LOST', 'other episodes of the round are lost');
    }
    const told = stepped(playing.size);
    if (isThenable(told)) await told;
  }
  return { returns, lengths };
}

function endless({ envId, maxEpisodeSteps }: VectorEnv, seed: number, limit: number): AgentError {
  const own = maxEpisodeSteps === undefined ? 'it has no time limit' : `its time limit is ${maxEpisodeSteps}`;
  return new AgentError(
    'EPISODE_ENDLESS',
    `${envId}: the episode of seed ${seed} has not ended after ${limit} steps, and ${own}; ` +
      'set one: maxEpisodeSteps, or --max-episode-steps on the command line',
  );
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
