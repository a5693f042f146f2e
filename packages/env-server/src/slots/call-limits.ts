/** How long a simulator may take for each kind of call; defaults and names live here. */

import type { CallLimits } from '@gymwire/env';
import { GymwireError } from '@gymwire/protocol';

export const defaultCallLimits: CallLimits = {
  makeTimeoutMs: 120_000,
  resetTimeoutMs: 120_000,
  stepTimeoutMs: 30_000,
  firstStepTimeoutMs: 120_000,
  closeTimeoutMs: 5_000,
};

export type LimitedCall = 'make' | 'reset' | 'step' | 'render' | 'call' | 'read' | 'close';

const limitNames = {
  make: 'makeTimeoutMs',
  reset: 'resetTimeoutMs',
  step: 'stepTimeoutMs',
  render: 'stepTimeoutMs',
  call: 'stepTimeoutMs',
  read: 'stepTimeoutMs',
  close: 'closeTimeoutMs',
} as const satisfies Record<LimitedCall, keyof CallLimits>;

/** A call's limit, and whose word that is. */
export interface Limit {
  readonly ms: number;
  readonly option: keyof CallLimits;
}

/** @param isFirst the session's first call of this kind */
export function limitOf(limits: CallLimits, call: LimitedCall, isFirst: boolean): Limit {
  const option = limitNames[call];
  // Who allows every step more time does not mean less for the first one.
  const isOwn = call !== 'step' || !isFirst || limits.stepTimeoutMs >= limits.firstStepTimeoutMs;
  const decisive = isOwn ? option : 'firstStepTimeoutMs';
  return { ms: limits[decisive], option: decisive };
}

/** A registration's own word, else its server's, else the default. */
export function resolveLimits(own: Partial<CallLimits>, server: Partial<CallLimits>): CallLimits {
  const said = (name: keyof CallLimits) => own[name] ?? server[name];
  const limit = (name: keyof CallLimits) => said(name) ?? defaultCallLimits[name];
  return {
    makeTimeoutMs: limit('makeTimeoutMs'),
    resetTimeoutMs: limit('resetTimeoutMs'),
    stepTimeoutMs: limit('stepTimeoutMs'),
    // Who says how long a step may take, and no more, means every step.
    firstStepTimeoutMs: said('firstStepTimeoutMs') ?? said('stepTimeoutMs') ?? limit('firstStepTimeoutMs'),
    closeTimeoutMs: limit('closeTimeoutMs'),
  };
}

/** A call that missed its limit: which, how long it may take, and what the operator can say about it. */
export function missedLimit(call: LimitedCall, { ms, option }: Limit): GymwireError {
  const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new GymwireError(
    'ENV_FAILED',
    `${call}: the simulator did not answer within ${ms} ms and was given up; ` +
      `the server's ${option} (${flag}) says how long it may take`,
    { details: { deadlineMs: String(ms) } },
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
