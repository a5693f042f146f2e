/** What a session has used, and is using: for the loop's shares, and for the operator. */
import type { MaybePromise } from '@gymwire/env';
import { type Caller, type LoopShares, Places, type Sharer } from '@gymwire/grpc-host';
import type { Session } from '../session/session.ts';

const nobody: Caller = { peer: '', client: '' };

export class SessionAccount implements Sharer {
  usedMs = 0;
  lastMs = 0;
  readonly maker: Caller;
  readonly madeAt = performance.now();
  /** One unary call at a time: the others wait where they can still give up. */
  readonly turn = new Places(1);
  /** Resets, steps and renders that are over. */
  calls = 0;
  #underWay = 0;
  #busySince = 0;
  #idleSince = this.madeAt;

  constructor(maker: Caller) {
    this.maker = maker;
  }

  /** Carries a request out, charged with what the loop works on it at once. */
  meter<T>(shares: LoopShares, work: () => MaybePromise<T>): MaybePromise<T> {
    const began = this.begin();
    let result: MaybePromise<T>;
    try {
      result = work();
    } catch (thrown) {
      this.endCharged(began, shares);
      throw thrown;
    }
    if (!(result instanceof Promise)) {
      this.endCharged(began, shares);
      return result;
    }
    this.charge(began, shares);
    return result.finally(() => this.end());
  }

  /** A request begins. @returns when */
  begin(): number {
    const now = performance.now();
    if (this.#underWay === 0) this.#busySince = now;
    this.#underWay += 1;
    return now;
  }

  /** The loop has worked on a request since then. */
  charge(since: number, shares: LoopShares): void {
    shares.charge(this, performance.now() - since);
  }

  /** A request is over. `begin` belongs to it. */
  end(): void {
    this.calls += 1;
    this.#underWay -= 1;
    this.#idleSince = performance.now();
  }

  /** A request is over that the loop has worked on from its beginning. */
  endCharged(since: number, shares: LoopShares): void {
    const now = performance.now();
    shares.charge(this, now - since);
    this.calls += 1;
    this.#underWay -= 1;
    this.#idleSince = now;
  }

  /** How long its present request takes; 0: there is none. */
  get busyMs(): number {
    return this.#underWay === 0 ? 0 : Math.max(1, performance.now() - this.#busySince);
  }

  get idleMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#idleSince;
  }

  get ageMs(): number {
    return performance.now() - this.madeAt;
  }
}

export class SessionAccounts {
  readonly #accounts = new WeakMap<Session, SessionAccount>();

  of(session: Session): SessionAccount {
    return this.#accounts.get(session) ?? this.open(session, nobody);
  }

  open(session: Session, maker: Caller): SessionAccount {
    const account = new SessionAccount(maker);
    this.#accounts.set(session, account);
    return account;
  }
}
