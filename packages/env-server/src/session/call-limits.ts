/** How long a simulator may take for each kind of call; defaults and names live here. */
import { GymwireError } from '@gymwire/protocol';

/** A simulator that takes longer is given up, and its session with it: where it is isolated it is killed. */
export interface CallLimits {
  /** All copies of a session together; default 2 minutes. */
  readonly makeTimeoutMs: number;
  /** Default 2 minutes. */
  readonly resetTimeoutMs: number;
  /** Of a step, with the resets that it does by itself, of a render, a call and a read; default 30 s. */
  readonly stepTimeoutMs: number;
  /** Default 5 s. */
  readonly closeTimeoutMs: number;
}

export const defaultCallLimits: CallLimits = {
  makeTimeoutMs: 120_000,
  resetTimeoutMs: 120_000,
  stepTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
};

export type LimitedCall = 'make' | 'reset' | 'step' | 'render' | 'call' | 'read' | 'close';

const limitNames = {
  make: ['makeTimeoutMs', '--make-timeout-ms'],
  reset: ['resetTimeoutMs', '--reset-timeout-ms'],
  step: ['stepTimeoutMs', '--step-timeout-ms'],
  render: ['stepTimeoutMs', '--step-timeout-ms'],
  call: ['stepTimeoutMs', '--step-timeout-ms'],
  read: ['stepTimeoutMs', '--step-timeout-ms'],
  close: ['closeTimeoutMs', '--close-timeout-ms'],
} as const satisfies Record<LimitedCall, readonly [option: keyof CallLimits, flag: string]>;

export function limitOf(limits: CallLimits, call: LimitedCall): number {
  return limits[limitNames[call][0]];
}

/** A call that missed its limit: which, how long it may take, and what the operator can say about it. */
export function missedLimit(limits: CallLimits, call: LimitedCall): GymwireError {
  const limitMs = limitOf(limits, call);
  const [option, flag] = limitNames[call];
  return new GymwireError(
    'ENV_FAILED',
    `${call}: the simulator did not answer within ${limitMs} ms and was given up; ` +
      `the server's ${option} (${flag}) says how long it may take`,
    { details: { deadlineMs: String(limitMs) } },
  );
}

/**
 * Resolves when the promise is settled, or when the time is up; keeps no process alive for that.
 * @returns whether it was settled in time
 */
export async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
    timer.unref();
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
