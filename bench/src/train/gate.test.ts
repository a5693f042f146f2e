import type { VectorEnv } from '@gymwire/agent-sdk/parts';
import { box } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

function countingEnv(): VectorEnv & { steps: number } {
  const space = box([-1], [1]);
  return {
    steps: 0,
    envId: 'Counting-v0',
    numEnvs: 1,
    autoresetMode: 'same-step',
    observationSpace: space,
    actionSpace: space,
    maxEpisodeSteps: undefined,
    reset: () => Promise.reject(new Error('not here')),
    step() {
      this.steps++;
      return Promise.reject(new Error('no result'));
    },
    close: async () => undefined,
  };
}

describe('Gate', () => {
  it('lets exactly as many steps pass as it was told, again and again', async () => {
    const env = countingEnv();
    const gate = new Gate(3);
    const guarded = gate.guard(env);
    let isRunning = true;
    const stepping = (async () => {
      while (isRunning) await guarded.step(new Float32Array(1)).catch(() => undefined);
    })();
    await gate.closed();
    expect(env.steps).toBe(3);
    await gate.pass(5);
    expect(env.steps).toBe(8);
    await gate.pass(1);
    expect(env.steps).toBe(9);
    isRunning = false;
    // The step that waits goes through, and the loop ends.
    void gate.pass(1);
    await stepping;
    expect(env.steps).toBe(10);
  });
});
