/** What an action may ask of a robot: a range and a largest change a tick, each by dimension. */
export interface ActionLimits {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  /** Infinity: no limit. */
  readonly maxChangePerTick: ArrayLike<number>;
}

export interface LimitedCommand {
  readonly command: Float64Array;
  /** By dimension: the target was outside the range. */
  readonly rangeLimited: readonly boolean[];
  /** By dimension: the target was further away than one tick may go. */
  readonly rateLimited: readonly boolean[];
}

/** @param previous the command before, whatever it was written for */
export function limitAction(
  target: ArrayLike<number>,
  previous: ArrayLike<number>,
  { low, high, maxChangePerTick }: ActionLimits,
): LimitedCommand {
  const command = new Float64Array(target.length);
  const rangeLimited: boolean[] = [];
  const rateLimited: boolean[] = [];
  for (let i = 0; i < command.length; i++) {
    const inRange = clamp(target[i], low[i], high[i]);
    command[i] = clamp(inRange, previous[i] - maxChangePerTick[i], previous[i] + maxChangePerTick[i]);
    rangeLimited.push(inRange !== target[i]);
    rateLimited.push(command[i] !== inRange);
  }
  return { command, rangeLimited, rateLimited };
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
