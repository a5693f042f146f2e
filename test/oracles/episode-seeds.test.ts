/** Training episodes on Gymnasium's own Pendulum, behind the Python server, begin as those on ours do. */
import { connect } from '@gymwire/agent-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectedFirsts, playTraining } from '../support/first-observations.ts';
import { startPythonServer } from './harness/python-server.ts';

describe.each(['disabled', 'next-step', 'same-step'] as const)('%s', (autoresetMode) => {
  it.each([1, 8])('the episodes of %i environments begin as their seeds say', async (numEnvs) => {
    const connection = await connect(await startPythonServer('Pendulum-v1'));
    onTestFinished(() => connection.close());
    const there = await playTraining(connection, { numEnvs, autoresetMode });
    expect(Math.min(...there.map(({ length }) => length))).toBeGreaterThanOrEqual(3);
    expect(there).toEqual(await expectedFirsts(there));
  });
});
