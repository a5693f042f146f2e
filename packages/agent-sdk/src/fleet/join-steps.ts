import type { Info, Space, Value, VectorStepResult } from '@gymwire/protocol';
import { type HostBatch, joinBatches } from './batch-parts.ts';
import type { FleetMember } from './fleet-member.ts';

/** A step of one session, told or stood in for. */
export interface StepPart {
  readonly member: FleetMember;
  readonly result: VectorStepResult;
}

/** One step of all sessions, put together in the order of their environments. */
export function joinSteps(space: Space, parts: readonly StepPart[]): VectorStepResult {
  const [only] = parts;
  if (parts.length === 1) return only.result;
  const numEnvs = parts.reduce((sum, { member }) => sum + member.count, 0);
  const rewards = new Float64Array(numEnvs);
  for (const { member, result } of parts) rewards.set(result.rewards, member.first);
  const final = joinFinals(space, parts);
  return {
    observation: joinBatches(
      space,
      parts.map(({ member, result }) => rowsOf(member, member.count, result.observation)),
    ),
    rewards,
    terminated: parts.flatMap(({ result }) => result.terminated),
    truncated: parts.flatMap(({ result }) => result.truncated),
    infos: joinInfos(parts.map(({ member, result }) => [member, result.infos])),
    ...(final !== undefined && { final }),
  };
}

function joinFinals(space: Space, parts: readonly StepPart[]): VectorStepResult['final'] {
  const ended = parts.flatMap(({ member, result: { final } }) =>
    final === undefined ? [] : [{ member, final }],
  );
  if (ended.length === 0) return undefined;
  return {
    envIndices: ended.flatMap(({ member, final }) => final.envIndices.map((i) => member.first + i)),
    observation: joinBatches(
      space,
      ended.map(({ member, final }) => rowsOf(member, final.envIndices.length, final.observation)),
      'final_observation',
    ),
    infos: joinInfos(ended.map(({ member, final }) => [member, final.infos])),
  };
}

/** What a session's host answered, and how many rows that should be. */
export function rowsOf({ host }: FleetMember, rows: number, batch: Value | undefined): HostBatch {
  return { host: host.name, rows, batch };
}

/** By the environments' places in the fleet. */
export function joinInfos(
  parts: readonly (readonly [FleetMember, ReadonlyMap<number, Info>])[],
): ReadonlyMap<number, Info> {
  return new Map(
    parts.flatMap(([{ first }, infos]) => [...infos].map(([i, info]) => [first + i, info] as const)),
  );
}

/** In the place of a step that has not come, or never will: nothing moved. */
export function standstill({ count, observation = null }: FleetMember): VectorStepResult {
  const none = Array.from({ length: count }, () => false);
  return {
    observation,
    rewards: new Float64Array(count),
    terminated: none,
    truncated: none,
    infos: new Map(),
  };
}
