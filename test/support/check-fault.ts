import { describeRules, runConformance } from '@gymwire/conformance';
import { expect } from 'vitest';
import { type Fault, startFaultyServer } from './faulty-server.ts';

/** Time-out of the servers; longer than a busy machine may take between two calls of a rule. */
export const idleTimeoutMs = 3_000;

/** Slow, and not what any of the faults is about. */
const slow: ReadonlySet<string> = new Set(['spaces.large-observation', 'limits.message-size']);

async function failedRules(address: string, only: readonly string[]) {
  const { results } = await runConformance({ address, only, deadlineMs: 10_000 });
  return results.filter(({ outcome }) => outcome !== 'passed');
}

/** A server with this fault fails the rule about it, and no other. */
export async function checkFault(fault: Fault): Promise<void> {
  const only = describeRules().flatMap(({ id }) => (slow.has(id) ? [] : [id]));
  expect(only).toContain(fault.breaks);
  const server = { idleTimeoutMs, maxSessions: 12, ...fault.server };
  const { address, stop } = await startFaultyServer({ ...fault, server });
  const failed = await failedRules(address, only);
  await stop();
  const why = JSON.stringify(failed, undefined, 2);
  expect(
    failed.map(({ id }) => id),
    why,
  ).toEqual([fault.breaks]);
}
