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

/** A copy of what is to be limited. @throws Error for what no limit could make a command of */
export function checkedTarget(values: ArrayLike<number>, size: number): Float64Array {
  const target = Float64Array.from(values);
  if (target.length !== size) throw new Error(`expected a command of ${size} numbers, got ${target.length}`);
  const wrong = target.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`number ${wrong} of the command is ${target[wrong]}`);
  return target;
}

/** @param target finite, one number an element @param previous the command before, whatever it was written for */
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
