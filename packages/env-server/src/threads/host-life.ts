/** A group of hosts from its start to its end: the one call that is under way, and what becomes of it. */
import { GymwireError } from '@gymwire/protocol';
import type { Death } from '../slots/session-envs.ts';

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: Error) => void;
}

export class HostLife<T> {
  readonly death: Promise<Death>;
  #tellDeath: (death: Death) => void = () => undefined;
  #waiting: Waiting<T> | undefined;
  /** Why no call is possible any more: the group has died, or was ended. */
  #end: GymwireError | undefined;

  constructor() {
    this.death = new Promise((resolve) => {
      this.#tellDeath = resolve;
    });
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Waits for the answer to a call; there is one call at a time. @throws why none is possible */
  answered(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end === undefined) this.#waiting = { resolve, reject };
      else reject(this.#end);
    });
  }

  answer(answer: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  /** The call that is under way has failed; others may follow. */
  fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  /** @returns whether this is news: nothing happens after a death or an end */
  die(message: string, cause?: unknown): boolean {
    if (this.#end !== undefined) return false;
    const error = new GymwireError('ENV_FAILED', message, { cause });
    const wasTold = this.#waiting !== undefined;
    this.#over(error);
    this.#tellDeath({ cause: error, wasTold });
    return true;
  }

  /** From now on it may die unheard. */
  end(): void {
    if (this.#end === undefined) this.#over(new GymwireError('SESSION_GONE', 'the session was ended'));
  }

  #over(error: GymwireError): void {
    this.#end = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
