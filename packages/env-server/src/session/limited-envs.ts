/** Environments whose every call has a time limit; one that misses it ends the session. */

import type { CallLimits, MaybePromise } from '@gymwire/env';
import type { Frame, GymwireError, Info, Space, Value } from '@gymwire/protocol';
import type { Accessed } from '../slots/access-member.ts';
import { type Limit, type LimitedCall, limitOf, missedLimit } from '../slots/call-limits.ts';
import type { Phase } from '../slots/phase.ts';
import type { Death, EnvAccess, EnvReset, SessionEnvs } from '../slots/session-envs.ts';
import type { SlotStep } from '../slots/slot-step.ts';

export class LimitedEnvs implements SessionEnvs {
  readonly death: Promise<Death>;
  readonly #envs: SessionEnvs;
  readonly #limits: CallLimits;
  readonly #onFault: (thrown: unknown) => void;
  /** Calls that have been answered once, by a promise. */
  readonly #answered = new Set<LimitedCall>();
  #isDead = false;
  #die: (death: Death) => void = () => undefined;

  /** @param onFault what simulators throw when they are closed after they were given up */
  constructor(envs: SessionEnvs, limits: CallLimits, onFault: (thrown: unknown) => void) {
    this.#envs = envs;
    this.#limits = limits;
    this.#onFault = onFault;
    this.death = new Promise((resolve) => {
      this.#die = (death) => {
        this.#isDead = true;
        resolve(death);
      };
    });
    void envs.death.then(this.#die);
  }

  get count(): number {
    return this.#envs.count;
  }

  get observationSpace(): Space {
    return this.#envs.observationSpace;
  }

  get actionSpace(): Space {
    return this.#envs.actionSpace;
  }

  phase(index: number): Phase {
    return this.#envs.phase(index);
  }

  observation(index: number): Value {
    return this.#envs.observation(index);
  }

  batch(): Value | undefined {
    return this.#envs.batch();
  }

  reset(requests: ReadonlyArray<EnvReset | undefined>): MaybePromise<ReadonlyArray<Info | undefined>> {
    return this.#limited('reset', this.#envs.reset(requests));
  }

  step(actions: readonly Value[], nextSeeds?: BigUint64Array): MaybePromise<readonly SlotStep[]> {
    return this.#limited('step', this.#envs.step(actions, nextSeeds));
  }

  render(index: number): MaybePromise<Frame> {
    return this.#limited('render', this.#envs.render(index));
  }

  access(access: EnvAccess): MaybePromise<readonly Accessed[]> {
    const what = access.arguments === undefined ? 'read' : 'call';
    return this.#limited(what, this.#envs.access(access));
  }

  detach(): void {
    this.#envs.detach();
  }

  async close(): Promise<void> {
    if (!this.#isDead) await this.#limited('close', this.#envs.close());
  }

  abandon(patienceMs: number): Promise<void> {
    return this.#envs.abandon(patienceMs);
  }

  /** What answers at once never sees a timer. */
  #limited<T>(what: LimitedCall, call: MaybePromise<T>): MaybePromise<T> {
    if (!(call instanceof Promise)) return call;
    const limit = limitOf(this.#limits, what, !this.#answered.has(what));
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#giveUp(what, limit)), limit.ms);
      call.then(
        (result) => {
          clearTimeout(timer);
          this.#answered.add(what);
          resolve(result);
        },
        (thrown: unknown) => {
          clearTimeout(timer);
          reject(thrown);
        },
      );
    });
  }

  /** What the call still brings, later, is nobody's concern: its simulators are not asked again. */
  #giveUp(what: LimitedCall, limit: Limit): GymwireError {
    const cause = missedLimit(what, limit);
    this.#die({ cause, wasTold: true });
    this.abandon(this.#limits.closeTimeoutMs).catch(this.#onFault);
    return cause;
  }
}
