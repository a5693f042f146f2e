import type { SeedOutcome, SeedTask } from '../seeds/seed-messages.ts';
import type { StartSeed } from '../seeds/seed-process.ts';
import type { NewSeeds, ResumedSeeds, SeedsEvent, SeedsRequest } from '../seeds/seeds-request.ts';
import { playGroup } from '../seeds/train-seeds.ts';
import type { ProgressEvent } from '../train/report/progress.ts';
import { train } from '../train/train.ts';
import { smallRun, TestRun } from './run-helpers.ts';

/** A run under way that a test may end as a crash of its process would. */
export interface FakeSeed {
  readonly task: SeedTask;
  crash(): void;
}

/** A group whose runs are real ones, on the identity environment, and train in this process. */
export class TestGroup {
  readonly tasks: SeedTask[] = [];
  readonly events: SeedsEvent[] = [];
  readonly controller = new AbortController();
  /** Runs at a time when there were most. */
  most = 0;
  /** What is told of a run, before the group hears of it. */
  onRun: (seed: FakeSeed, event: ProgressEvent) => void = () => undefined;
  /** Called for each pause in which the group waits. */
  onWait: () => void = () => undefined;
  #now = 0;

  /** @param more beside the group's folder and, for a new one, the seeds 0 to 2 */
  play(groupFolder: string, more: Partial<SeedsRequest> & Partial<NewSeeds | ResumedSeeds> = {}) {
    const goal = more.resume === true ? {} : { seeds: [0, 1, 2], options: smallRun };
    const request = {
      server: 'nowhere:1',
      groupFolder,
      signal: this.controller.signal,
      onEvent: (event: SeedsEvent) => void this.events.push(event),
      ...goal,
      ...more,
    };
    const wait = async () => this.onWait();
    return playGroup(request as SeedsRequest, { start: this.#start, wait });
  }

  /** The seed of each run that began, in this order. */
  get begun(): number[] {
    return this.events.flatMap((event) => (event.type === 'begin' ? [event.seed] : []));
  }

  readonly #start: StartSeed = (task, listener) => {
    this.tasks.push(task);
    this.most = Math.max(this.most, ++this.#now);
    const controller = new AbortController();
    let crash: () => void = () => undefined;
    const crashed = new Promise<SeedOutcome>((resolve) => {
      crash = () => resolve({ type: 'failed', failure: { code: 'RUN_CRASHED', message: 'crashed' } });
    });
    const onProgress = (event: ProgressEvent) => {
      this.onRun({ task, crash }, event);
      listener.event(event);
    };
    const { options, runFolder, resume } = task;
    const run = new TestRun(options, { runFolder, resume, onProgress, signal: controller.signal });
    // With `crash` nothing more is heard of it, as of a process that is gone.
    const ended = train(run.request).then(
      ({ status, warnings }): SeedOutcome => ({ type: 'ended', status, warnings }),
      (error: { readonly code: string; readonly message: string }): SeedOutcome => ({
        type: 'failed',
        failure: { code: error.code, message: error.message },
      }),
    );
    const outcome = Promise.race([crashed, ended]).finally(() => void this.#now--);
    return { outcome, stop: () => controller.abort(), kill: () => undefined };
  };
}
