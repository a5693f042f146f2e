import type { IntervalTiming } from '../../run-folder/timing.ts';

/** Where the time of a run goes; of two at once the one that comes first here has it. */
const parts = ['saving', 'evaluation', 'learner', 'environment'] as const;

type Part = (typeof parts)[number];
type Share = Part | 'other';

/** Counts of a run so far. */
interface Progress {
  readonly envSteps: number;
  readonly gradientSteps: number;
}

/**
 * Divides wall-clock time among the parts of a training, each moment to one of them, so that they add up to all of it; for
 * timing.jsonl and progress only. A run whose environments and learner work at the same time waits for whichever is slower: what
 * the environments take longer than the learner is theirs.
 */
export class PartClock {
  readonly #now: () => number;
  readonly #underWay: Record<Part, number> = { saving: 0, evaluation: 0, learner: 0, environment: 0 };
  #milliseconds: Record<Share | 'overlap', number> = { ...nothing };
  #since: number;
  #latest: number;
  #progress: Progress;
  #wireMs = 0;

  /** @param now milliseconds that never go back */
  constructor(progress: Progress, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#progress = { ...progress };
    this.#since = this.#latest = now();
  }

  /** Times what is under way until the promise is settled. */
  async time<T>(part: Part, run: () => Promise<T>): Promise<T> {
    this.#pass();
    this.#underWay[part] += 1;
    try {
      return await run();
    } finally {
      this.#pass();
      this.#underWay[part] -= 1;
    }
  }

  /** Ends an interval and begins the next. @param wireMs spent on the wire in training since the run began */
  take(progress: Progress, wireMs: number): IntervalTiming {
    this.#pass();
    const passed = this.#milliseconds;
    const seconds = (this.#latest - this.#since) / 1000;
    // Making requests and reading replies happens while environments are waited for, or beside an update.
    const wire = Math.min(Math.max(wireMs - this.#wireMs, 0), passed.environment + passed.learner);
    const ofEnvironment = Math.min(wire, passed.environment);
    const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
    const timing = {
      seconds,
      envStepsPerSecond: perSecond(progress.envSteps - this.#progress.envSteps),
      gradientStepsPerSecond: perSecond(progress.gradientSteps - this.#progress.gradientSteps),
      environmentSeconds: (passed.environment - ofEnvironment) / 1000,
      wireSeconds: wire / 1000,
      learnerSeconds: (passed.learner - (wire - ofEnvironment)) / 1000,
      evaluationSeconds: passed.evaluation / 1000,
      savingSeconds: passed.saving / 1000,
      otherSeconds: passed.other / 1000,
      overlapSeconds: passed.overlap / 1000,
    };
    this.#milliseconds = { ...nothing };
    this.#since = this.#latest;
    this.#progress = { envSteps: progress.envSteps, gradientSteps: progress.gradientSteps };
    this.#wireMs = wireMs;
    return timing;
  }

  /** Gives the time since the latest change to whoever had it. */
  #pass(): void {
    const now = this.#now();
    const passed = now - this.#latest;
    this.#latest = now;
    const share: Share = parts.find((part) => this.#underWay[part] > 0) ?? 'other';
    this.#milliseconds[share] += passed;
    if (share === 'learner' && this.#underWay.environment > 0) this.#milliseconds.overlap += passed;
  }
}

const nothing: Readonly<Record<Share | 'overlap', number>> = {
  saving: 0,
  evaluation: 0,
  learner: 0,
  environment: 0,
  other: 0,
  overlap: 0,
};
