/** Time as the control loop sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds from some start; never goes back. */
  now(): number;
  /** Calls once when `now()` has reached `atMs`, never before, and never from within. @returns cancels it */
  wake(atMs: number, call: () => void): () => void;
}

/** Windows' timers are as coarse as this. */
const coarseTimerMs = 16;

/**
 * The machine's clock. Timers have whole milliseconds and may be late by one, so the last stretch is polled, with
 * I/O served in between.
 * @param pollMs how long before the time polling starts; default: where timers are coarse, early enough for them
 */
export function createRealClock(pollMs: number = process.platform === 'win32' ? coarseTimerMs : 0): Clock {
  return {
    now: () => performance.now(),
    wake(atMs, call) {
      let timer: NodeJS.Timeout | undefined;
      let immediate: NodeJS.Immediate | undefined;
      const wait = () => {
        const leftMs = atMs - performance.now();
        if (leftMs <= 0) call();
        else sleep(leftMs);
      };
      const sleep = (leftMs: number) => {
        if (leftMs >= pollMs + 1) timer = setTimeout(wait, Math.floor(leftMs - pollMs));
        // Also where the time has come: a loop that is always late would be all that runs, and hear no stop.
        else immediate = setImmediate(wait);
      };
      sleep(atMs - performance.now());
      return () => {
        clearTimeout(timer);
        clearImmediate(immediate);
      };
    },
  };
}
