import { messageOf } from '@gymwire/protocol';
import { AgentError } from '../../errors.ts';
import { isThenable } from '../../is-thenable.ts';
import type { EventJournal } from './event-journal.ts';
import type { OnProgress, ProgressEvent } from './progress.ts';

/** Tells whoever listens, and hears it when listening fails: in time or, of an asynchronous listener, later. */
export class ProgressTeller {
  #listener: OnProgress | undefined;
  readonly #journal: EventJournal;

  constructor(listener: OnProgress | undefined, journal: EventJournal) {
    this.#listener = listener;
    this.#journal = journal;
  }

  /** What was decided or done of itself; it goes into events.jsonl as well. @returns and @throws as `tell` */
  notice(message: string): void | Promise<void> {
    this.#journal.note({ type: 'notice', message });
    return this.tell({ type: 'notice', message });
  }

  /**
   * @returns a promise where the listener takes its time; the run waits for it
   * @throws AgentError PROGRESS_FAILED, once: a listener that failed is told nothing more
   */
  tell(event: ProgressEvent): void | Promise<void> {
    if (this.#listener === undefined) return undefined;
    try {
      const told: unknown = this.#listener(event);
      return isThenable(told) ? this.#await(event, told) : undefined;
    } catch (cause) {
      throw this.#fail(event, cause);
    }
  }

  async #await(event: ProgressEvent, told: PromiseLike<unknown>): Promise<void> {
    try {
      await told;
    } catch (cause) {
      throw this.#fail(event, cause);
    }
  }

  #fail({ type }: ProgressEvent, cause: unknown): AgentError {
    this.#listener = undefined;
    const reason = messageOf(cause);
    return new AgentError('PROGRESS_FAILED', `onProgress failed at the event "${type}": ${reason}`, {
      cause,
    });
  }
}
