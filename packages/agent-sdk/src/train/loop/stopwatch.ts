/** Wall-clock seconds by activity; for timing.jsonl and progress only. */
export class Stopwatch<Activity extends string> {
  readonly #milliseconds = new Map<Activity, number>();
  #since = performance.now();

  /** Times one activity. */
  async time<T>(activity: Activity, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } finally {
      const before = this.#milliseconds.get(activity) ?? 0;
      this.#milliseconds.set(activity, before + performance.now() - start);
    }
  }

  /** Seconds since the last reset, of one activity or of everything. */
  seconds(activity?: Activity): number {
    if (activity === undefined) return (performance.now() - this.#since) / 1000;
    return (this.#milliseconds.get(activity) ?? 0) / 1000;
  }

  reset(): void {
    this.#milliseconds.clear();
    this.#since = performance.now();
  }
}
