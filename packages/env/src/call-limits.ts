/** How long a simulator may take for each kind of call, as a server or a registration says it. */

/** A simulator that takes longer is given up, and its session with it: where it is isolated it is killed. */
export interface CallLimits {
  /** All copies of a session together; default 2 minutes. */
  readonly makeTimeoutMs: number;
  /** Default 2 minutes. */
  readonly resetTimeoutMs: number;
  /** Time of a step, with the resets that it does by itself, of a render, a call and a read; default 30 s. */
  readonly stepTimeoutMs: number;
  /** Time of a session's first step, which may compile; default 2 minutes, or `stepTimeoutMs` where that is set. */
  readonly firstStepTimeoutMs: number;
  /** Default 5 s. */
  readonly closeTimeoutMs: number;
}
