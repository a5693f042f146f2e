import type { ActionScaler } from './action-scaler.ts';
import type { Actor } from './actor.ts';
import type { Policy, PolicyMemory } from './policy.ts';

/** An actor as a policy: its actions are scaled from [-1, 1] to the environment's units. */
export class ActorPolicy implements Policy {
  readonly #actor: Actor;
  readonly #scaler: ActionScaler;
  /** The latest actions; one array as long as as many rows are played. */
  #actions = new Float32Array(0);

  constructor(actor: Actor, scaler: ActionScaler) {
    this.#actor = actor;
    this.#scaler = scaler;
  }

  /** What the actor remembers from step to step, if anything. */
  get memory(): PolicyMemory | undefined {
    return this.#actor.memory;
  }

  /**
   * Plays one step of each row.
   * @param observations [rows, observationSize] row-major, as the environment gave them
   * @returns [rows, actionSize] row-major, environment units; reused by the next call
   * @throws AgentError SHAPE_MISMATCH
   */
  act(observations: Float32Array, rows: number): Float32Array {
    const numbers = rows * this.#scaler.size;
    if (this.#actions.length !== numbers) this.#actions = new Float32Array(numbers);
    this.#actor.act(observations, this.#actions);
    this.#scaler.toEnv(this.#actions, this.#actions);
    return this.#actions;
  }

  /** Forgets what is remembered of these rows. @param rows indices, ascending */
  reset(rows: readonly number[]): void {
    this.#actor.reset(rows);
  }
}
