/** Batch simulators that a server lists, played whatever they simulate: nothing is known of one but its spec and spaces. */
import {
  type BatchSpec,
  type EnvSpec,
  elementCount,
  type Space,
  type Tensor,
  Tuple,
  type Value,
  zeros,
} from '@gymwire/protocol';
import { decodeEnvSpec } from '@gymwire/protocol/wire';
import { methods } from './client/raw-client.ts';
import { Refusal } from './client/refusal.ts';
import type { PlayedStep } from './played-replies.ts';
import type { PlayedSession } from './played-session.ts';
import type { MakeOptions, Probe } from './probe.ts';
import { Broken, NotApplicable, NotExercised } from './verdicts.ts';

/** One that is listed. */
export interface ListedBatch {
  readonly spec: EnvSpec;
  readonly batch: BatchSpec;
  /** How many a rule plays with: three, or the number nearest to it that there may be. */
  readonly numEnvs: number;
}

/** So short that a rule sees the end of an episode. */
const shortEpisode = 5;
/** Steps until which an episode is waited for that cannot be made shorter. */
const longestEpisode = 1_000;

async function listedBatches(probe: Probe): Promise<ListedBatch[]> {
  const { envs } = await probe.call(methods.ListEnvs, {});
  return envs.map(decodeEnvSpec).flatMap((spec) => {
    const { batch } = spec;
    if (batch === undefined) return [];
    const numEnvs = Math.max(batch.minNumEnvs ?? 1, Math.min(batch.maxNumEnvs ?? 3, 3));
    return [{ spec, batch, numEnvs }];
  });
}

/** A rule's check, of each one that is listed; it does not apply where it applies to none. */
export function ofEachBatch(check: (probe: Probe, listed: ListedBatch) => Promise<void>) {
  return async (probe: Probe): Promise<void> => {
    const excused: string[] = [];
    const all = await listedBatches(probe);
    for (const listed of all) {
      try {
        await check(probe, listed);
      } catch (thrown) {
        const what = `${listed.spec.id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        if (thrown instanceof NotExercised) throw new NotExercised(what);
        if (!(thrown instanceof NotApplicable)) throw new Broken(what);
        excused.push(what);
      }
    }
    if (excused.length === all.length) throw new NotApplicable(excused.join('; '));
  };
}

export function makeBatch(
  probe: Probe,
  listed: ListedBatch,
  options: MakeOptions = {},
): Promise<PlayedSession> {
  return probe.make({ numEnvs: listed.numEnvs, ...options }, listed.spec.id);
}

/** With short episodes where they may be asked for; reset. */
export async function makeEnding(
  probe: Probe,
  listed: ListedBatch,
  options: MakeOptions = {},
): Promise<PlayedSession> {
  const session = await makeBatch(probe, listed, { maxEpisodeSteps: shortEpisode, ...options }).catch(
    (thrown: unknown) => {
      if (!(thrown instanceof Refusal) || thrown.code !== 'INVALID_ARGUMENT') throw thrown;
      return makeBatch(probe, listed, options);
    },
  );
  await session.reset();
  return session;
}

/** What a session tells of itself. */
export function batchOf({ description }: PlayedSession): BatchSpec {
  const { batch } = description.spec;
  if (batch === undefined) throw new Broken('the spec of the session has no batch');
  return batch;
}

/** Steps until some episodes end. @param look sees every step, the last one too */
export async function playToAnEnd(
  session: PlayedSession,
  look: (step: PlayedStep, ended: readonly number[]) => void = () => undefined,
): Promise<number[]> {
  for (let i = 0; i < longestEpisode; i++) {
    const step = await session.step(actionsOf(session));
    const ended = endsIn(step);
    look(step, ended);
    if (ended.length > 0) return ended;
  }
  throw new NotExercised(
    `no episode ended within ${longestEpisode} steps, and no shorter ones can be asked for`,
  );
}

/** Indices of the environments whose episodes a step ended. */
export function endsIn({ terminated, truncated }: PlayedStep): number[] {
  return terminated.flatMap((flag, i) => (flag || truncated[i] === true ? [i] : []));
}

/** The same action for each environment. */
export function actionsOf(session: PlayedSession, count: number = session.count): Value {
  return batchOfMembers(session.description.actionSpace, count);
}

/** A member of the space, so many times. */
function batchOfMembers(space: Space, count: number): Value {
  switch (space.type) {
    case 'box': {
      const { low, high } = space;
      return rowsOf(low, count, (i) => between(Number(low.data[i]), Number(high.data[i])));
    }
    case 'discrete':
      return rowsOf({ dtype: 'int64', shape: [] }, count, () => Number(space.start));
    case 'multi-binary':
      return rowsOf({ dtype: 'int8', shape: space.shape }, count, () => 0);
    case 'multi-discrete':
      return rowsOf(space.start, count, (i) => Number(space.start.data[i]));
    case 'dict':
      return Object.fromEntries(space.entries.map(([key, inner]) => [key, batchOfMembers(inner, count)]));
    case 'tuple':
      return new Tuple(space.spaces.map((inner) => batchOfMembers(inner, count)));
    default: {
      const text = space.charset.slice(0, 1).repeat(space.minLength);
      return new Tuple(Array.from({ length: count }, () => text));
    }
  }
}

function rowsOf(
  { dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>,
  count: number,
  numberAt: (index: number) => number,
): Tensor {
  const rows = zeros(dtype, [count, ...shape]);
  const size = elementCount(shape);
  for (let i = 0; i < rows.data.length; i++) {
    const number = numberAt(i % size);
    rows.data[i] =
      rows.data instanceof BigInt64Array || rows.data instanceof BigUint64Array ? BigInt(number) : number;
  }
  return rows;
}

/** A whole number where there is one: the space may be one of integers. */
function between(low: number, high: number): number {
  if (low <= 0 && high >= 0) return 0;
  const middle = Number.isFinite(low + high) ? (low + high) / 2 : Number.isFinite(low) ? low : high;
  return Math.ceil(middle) <= high ? Math.ceil(middle) : middle;
}
