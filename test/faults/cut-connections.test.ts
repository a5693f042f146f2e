/** Connections that break: no step is carried out twice, none is lost, and no run is another for it. */
import { connect, createRandomStream } from '@gymwire/agent-sdk';
import { isTensor } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveCounting } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

/** Byte counts between cuts, some of them within a handshake. */
function randomBudgets(seed: number, count: number, meanBytes: number): number[] {
  const stream = createRandomStream(seed, 'cuts');
  return Array.from({ length: count }, () => 1 + stream.integer(2 * meanBytes));
}

describe('200 cuts in 20 000 steps', () => {
  it.each([1, 2])('apply each step once, seed %i', async (seed) => {
    const steps = 20_000;
    const cuts = 200;
    let carriedOut = 0;
    const beforeStep = async () => {
      carriedOut += 1;
    };
    const { server } = await serveCounting({ terminateAfter: Infinity, beforeStep });
    const proxy = await startTcpProxy(server.address);
    const connection = await connect(proxy.address, { connectTimeoutMs: 20_000 });
    onTestFinished(() => connection.close());
    const env = await connection.make('Counting-v0', { maxEpisodeSteps: 0 });
    await env.reset({ seed: 1 });
    proxy.cutAfter(randomBudgets(seed, cuts, 10_000));
    proxy.cut();
    for (let i = 1; i <= steps; i++) {
      const action = (i % 100) / 100;
      const { observation, info } = await env.step([action, 0]);
      const [, step, seen] = isTensor(observation) ? observation.data : [];
      expect([step, seen, info]).toEqual([i, Math.fround(action), { step: BigInt(i) }]);
    }
    expect(proxy.cuts).toBe(cuts + 1);
    expect(carriedOut).toBe(steps);
  });
});
