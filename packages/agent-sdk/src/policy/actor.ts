import type { PolicyMemory } from './policy.ts';

/**
 * What plays in [-1, 1] units, in which exploration is added, actions are stored and learning happens. A `Policy` is
 * an actor whose actions are scaled; what changes actions before that (noise) or looks at them is an actor around it.
 */
export interface Actor {
  /**
   * Plays one step of each row.
   * @param observations [rows, observationSize] row-major, as the environment gave them
   * @param out [rows, actionSize] row-major, filled with actions in [-1, 1]
   */
  act(observations: Float32Array, out: Float32Array): void;

  /** Forgets what is remembered of these rows, as `Policy.reset`. @param rows indices, ascending */
  reset(rows: readonly number[]): void;

  /** What it remembers from step to step, as `Policy.memory`. */
  readonly memory?: PolicyMemory | undefined;
}
