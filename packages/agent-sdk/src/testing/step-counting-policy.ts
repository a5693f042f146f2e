import { AgentError } from '../errors.ts';
import type { Policy, PolicyMemory, PolicyState } from '../policy/policy.ts';

/** A policy with state a row: its action is observation / 2 + 2⁻ⁿ in the n-th step of the row's episode. */
export class StepCountingPolicy implements Policy {
  /** What it was told and asked, in order. */
  readonly resets: (readonly number[])[] = [];
  readonly memory: PolicyMemory = {
    exportState: () => ({ steps: this.#steps.slice() }),
    importState: (state) => this.#importState(state),
  };
  #steps = new Float64Array(0);

  act(observations: Float32Array, rows: number): Float32Array {
    if (this.#steps.length < rows) {
      const steps = new Float64Array(rows).fill(Number.NaN);
      steps.set(this.#steps);
      this.#steps = steps;
    }
    return Float32Array.from({ length: rows }, (_, row) => {
      this.#steps[row] += 1;
      return observations[row] / 2 + 2 ** -this.#steps[row];
    });
  }

  reset(rows: readonly number[]): void {
    this.resets.push(rows);
    const length = Math.max(this.#steps.length, ...rows.map((row) => row + 1));
    // Before its first episode a row has no state that could be played on.
    const steps = new Float64Array(length).fill(Number.NaN);
    steps.set(this.#steps);
    for (const row of rows) steps[row] = 0;
    this.#steps = steps;
  }

  #importState({ steps }: PolicyState): void {
    if (!(steps instanceof Float64Array)) throw new AgentError('INVALID_STATE', 'expected steps');
    this.#steps = steps.slice();
  }
}
