import { AgentError } from '../errors.ts';
import type { Actor } from '../policy/actor.ts';
import type { PolicyMemory } from '../policy/policy.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { ExplorationNoise } from './exploration-noise.ts';

/** A tanh output this close to ±1 hardly moves any more. */
const saturationLimit = 0.99;

/** What an exploring actor is made from. */
export interface ExplorationOptions {
  readonly actor: Actor;
  readonly noise: ExplorationNoise;
  readonly warmUpStream: RandomStream;
  /** Environments that will ignore their action: they draw nothing, so that the autoreset mode does not shift the draws. */
  readonly awaitsReset: readonly boolean[];
  readonly actionSize: number;
}

/** An actor with exploration: its actions with noise, or during warm-up actions uniform over the action space. */
export class ExploringActor implements Actor {
  /** True: `act` draws instead of playing the actor. */
  isWarmUp = false;
  /** [rows, actionSize]: the latest actions as the replay stores them, until the next `act`. */
  readonly actions: Float32Array;
  /** Numbers of the actor's latest actions beyond ±0.99, before noise. */
  saturatedOutputs = 0;
  readonly #options: ExplorationOptions;

  constructor(options: ExplorationOptions) {
    this.#options = options;
    this.actions = new Float32Array(options.awaitsReset.length * options.actionSize);
  }

  /** What the actor remembers; noise is at rest when an episode starts, so none of it is kept. */
  get memory(): PolicyMemory | undefined {
    return this.#options.actor.memory;
  }

  /**
   * Explores one step of each row.
   * @param observations [rows, observationSize] row-major
   * @param out [rows, actionSize], filled with what is in `actions` then
   * @throws AgentError TRAINING_DIVERGED when the actor no longer gives numbers
   */
  act(observations: Float32Array, out: Float32Array): void {
    this.saturatedOutputs = 0;
    if (this.isWarmUp) this.#draw();
    else this.#play(observations);
    out.set(this.actions);
  }

  /** Starts episodes in these rows: the noise is at rest, the actor forgets. @param rows indices, ascending */
  reset(rows: readonly number[]): void {
    const { noise, actor } = this.#options;
    for (const row of rows) noise.startEpisode(row);
    actor.reset(rows);
  }

  #draw(): void {
    const { awaitsReset, warmUpStream } = this.#options;
    for (let i = 0; i < awaitsReset.length; i++) {
      const action = this.#row(i);
      if (awaitsReset[i]) action.fill(0);
      else for (let k = 0; k < action.length; k++) action[k] = 2 * warmUpStream.uniform() - 1;
    }
  }

  #play(observations: Float32Array): void {
    const { actor, awaitsReset, noise } = this.#options;
    actor.act(observations, this.actions);
    for (let i = 0; i < awaitsReset.length; i++) {
      const action = this.#row(i);
      if (awaitsReset[i]) {
        action.fill(0);
        continue;
      }
      for (const [k, value] of action.entries()) {
        if (!Number.isFinite(value)) throw diverged(k, value);
        if (Math.abs(value) > saturationLimit) this.saturatedOutputs++;
      }
      noise.add(i, action);
      for (let k = 0; k < action.length; k++) action[k] = Math.max(-1, Math.min(1, action[k]));
    }
  }

  #row(i: number): Float32Array {
    const { actionSize } = this.#options;
    return this.actions.subarray(i * actionSize, (i + 1) * actionSize);
  }
}

function diverged(dimension: number, value: number): AgentError {
  return new AgentError(
    'TRAINING_DIVERGED',
    `the actor's action[${dimension}] is ${value}: its weights are no longer finite; try lower learning rates or smaller rewards`,
  );
}
