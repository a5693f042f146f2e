import type { RunEvent } from '../../run-folder/events.ts';
import type { RunFolder } from '../../run-folder/run-folder.ts';
import { type WallClock, wallClock } from '../../run-folder/wall-clock.ts';

/** Where events go, and how far the run is. */
interface JournalTarget {
  readonly folder: Pick<RunFolder, 'append'> | undefined;
  readonly counters: { readonly envSteps: number };
}

/**
 * What happens to a run, with the time of day, on its way to events.jsonl. It may be told from anywhere, also in the middle of a
 * stream's events, where nobody could wait or catch: then whoever writes next hears what failed. Before the folder is open, and
 * while the environments are still made, events wait.
 */
export class EventJournal {
  readonly #clock: WallClock;
  #target: JournalTarget | undefined;
  #waiting: { readonly event: RunEvent; readonly time: string }[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: WallClock = wallClock) {
    this.#clock = clock;
  }

  /** Never fails here; see `settled`. */
  note(event: RunEvent): void {
    const time = this.#clock();
    if (this.#target === undefined) this.#waiting.push({ event, time });
    else this.#write(this.#target, event, time);
  }

  /** From now on events are written; those that waited are first. Without a folder they go nowhere. */
  attach(target: JournalTarget): void {
    this.#target = target;
    for (const { event, time } of this.#waiting.splice(0)) this.#write(target, event, time);
  }

  /** Waits until all that was told is written. @throws AgentError RUN_LOST, NOT_WRITABLE, DISK_FULL */
  settled(): Promise<void> {
    return this.#writing;
  }

  #write({ folder, counters }: JournalTarget, event: RunEvent, time: string): void {
    if (folder === undefined) return;
    const { type, ...fields } = event;
    const line = { type, time, envSteps: counters.envSteps, ...fields } as RunEvent & {
      readonly time: string;
      readonly envSteps: number;
    };
    const before = this.#writing;
    this.#writing = folder.append('events', line).then(() => before);
    // It is told by `settled`; unheard until then, it would end the process.
    this.#writing.catch(() => undefined);
  }
}
