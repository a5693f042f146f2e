/** The end of a session's simulators: after the request that is under way, or without it once somebody gives that up. */
import type { Turns } from '@gymwire/env/host';
import { settlesWithin } from '../slots/call-limits.ts';
import type { SessionEnvs } from '../slots/session-envs.ts';

export class SessionEnd {
  readonly #turns: Turns;
  readonly #envs: SessionEnvs;
  #isGivenUp = false;
  #giveUp: () => void = () => undefined;
  /** Undefined: it has not begun. */
  #over: Promise<void> | undefined;

  constructor(turns: Turns, envs: SessionEnvs) {
    this.#turns = turns;
    this.#envs = envs;
  }

  get hasBegun(): boolean {
    return this.#over !== undefined;
  }

  /** Begins it, or waits for it; again with less patience, if need be. */
  async come(patienceMs?: number): Promise<void> {
    this.#over ??= this.#free();
    const { idle } = this.#turns;
    if (patienceMs !== undefined && idle !== undefined && !(await settlesWithin(idle, patienceMs))) {
      this.#isGivenUp = true;
      this.#giveUp();
    }
    await this.#over;
  }

  async #free(): Promise<void> {
    const { idle } = this.#turns;
    if (idle !== undefined) {
      const givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));
      await Promise.race([idle, givenUp]);
    }
    await (this.#isGivenUp ? this.#envs.abandon(0) : this.#envs.close());
  }
}
