/** What the environments of a session brought → one result, with a column for each part. */
import type { FinalStep, Info, Space, Value, VectorStepResult } from '@gymwire/protocol';
import type { SlotStep } from '../slots/slot-step.ts';
import { noInfo } from '../slots/take-info.ts';
import { stack } from './batch.ts';

/**
 * In one loop: at one environment a step, callbacks and iterators cost as much as all the rest of a session.
 * @param observation of all of them
 */
export function gatherSteps(
  steps: readonly SlotStep[],
  observationSpace: Space,
  observation: Value,
): VectorStepResult {
  const count = steps.length;
  const rewards = new Float64Array(count);
  const terminated = new Array<boolean>(count);
  const truncated = new Array<boolean>(count);
  const infos = new Map<number, Info>();
  let ended: number[] | undefined;
  for (let i = 0; i < count; i++) {
    const step = steps[i];
    rewards[i] = step.reward;
    terminated[i] = step.terminated;
    truncated[i] = step.truncated;
    if (step.info !== noInfo && !isEmpty(step.info)) infos.set(i, step.info);
    if (step.final !== undefined) {
      ended ??= [];
      ended.push(i);
    }
  }
  if (ended === undefined) return { observation, rewards, terminated, truncated, infos };
  const final = gatherFinal(steps, ended, observationSpace);
  return { observation, rewards, terminated, truncated, infos, final };
}

function gatherFinal(
  steps: readonly SlotStep[],
  ended: readonly number[],
  observationSpace: Space,
): FinalStep {
  const observations = ended.map((i) => steps[i]?.final?.observation ?? null);
  return {
    envIndices: ended,
    observation: stack(observationSpace, observations),
    infos: collectInfos(steps, (step) => step.final?.info),
  };
}

/** Infos by environment index; empty ones are left out. */
export function collectInfos<T>(
  results: readonly T[],
  pick: (result: T) => Info | undefined,
): Map<number, Info> {
  const infos = new Map<number, Info>();
  for (let i = 0; i < results.length; i++) {
    const info = pick(results[i]);
    if (info !== undefined && !isEmpty(info)) infos.set(i, info);
  }
  return infos;
}

function isEmpty(info: Info): boolean {
  for (const key in info) if (Object.hasOwn(info, key)) return false;
  return true;
}
