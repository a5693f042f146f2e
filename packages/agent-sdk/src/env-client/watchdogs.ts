import { GymwireError } from '@gymwire/protocol';
import type { EnvChannel } from './env-channel.ts';
import type { Kind } from './waiting.ts';

/** What a deadline that was missed is to its call. */
type Missed = (kind: Kind) => GymwireError;

/**
 * Two timers that watch over a session's answers, one for steps and one for all other calls. Each request starts its
 * own anew; a timer for each request would cost more than the message.
 */
export class Watchdogs {
  readonly #step: NodeJS.Timeout;
  readonly #call: NodeJS.Timeout;

  /** @param expire nobody answered in time; perhaps nobody was asked */
  constructor({ address, options }: EnvChannel, expire: (isStep: boolean, missed: Missed) => void) {
    const start = (option: 'stepDeadlineMs' | 'callDeadlineMs') => {
      const missed = (kind: Kind) =>
        new GymwireError(
          'DEADLINE_EXCEEDED',
          `${kind} at ${address}: no answer within ${options[option]} ms; raise ${option} if the simulator is that slow`,
          { origin: 'transport' },
        );
      return setTimeout(() => expire(option === 'stepDeadlineMs', missed), options[option]).unref();
    };
    this.#step = start('stepDeadlineMs');
    this.#call = start('callDeadlineMs');
  }

  watch(kind: Kind): void {
    (kind === 'step' ? this.#step : this.#call).refresh();
  }

  stop(): void {
    clearTimeout(this.#step);
    clearTimeout(this.#call);
  }
}
