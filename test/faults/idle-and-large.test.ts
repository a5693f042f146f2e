/** Streams on which nothing happens for long, and messages that take long. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import { type Env, startEnvServer } from '@gymwire/env-server';
import { box, float32, isTensor } from '@gymwire/protocol';
import { EnvServiceClient, type wire } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveCounting } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

/** GYMWIRE_IDLE_SECONDS=120 for the long version: pings every 5 s for two minutes. */
const idleSeconds = Number(process.env.GYMWIRE_IDLE_SECONDS ?? 3);
const pingMs = idleSeconds >= 30 ? 5_000 : 500;

describe('an idle stream with pings', () => {
  it(
    'lives on, and its session too, beyond the idle timeout',
    async () => {
      const { server } = await serveCounting({ terminateAfter: 9 }, { idleTimeoutMs: 1_000 });
      const proxy = await startTcpProxy(server.address);
      const client = new EnvServiceClient(proxy.address, credentials.createInsecure(), {
        'grpc.keepalive_time_ms': pingMs,
        'grpc.keepalive_timeout_ms': 20_000,
        'grpc.keepalive_permit_without_calls': 1,
      });
      onTestFinished(() => client.close());
      const { sessionId } = await new Promise<wire.MakeSessionResponse>((resolve, reject) =>
        client.makeSession({ envId: 'Counting-v0' }, (error, reply) =>
          reply === undefined ? reject(error ?? new Error('no reply')) : resolve(reply),
        ),
      );
      const stream = client.interact();
      const faults: unknown[] = [];
      stream.on('error', (error) => faults.push(error));
      const exchange = async (request: wire.InteractRequest) => {
        stream.write(request);
        const [response] = (await once(stream, 'data')) as [wire.InteractResponse__Output];
        return response.response;
      };
      expect(await exchange({ attach: { sessionId } })).toBe('attach');
      const before = proxy.forwardedBytes;
      await sleep(idleSeconds * 1_000);
      // A ping and its answer: 17 bytes each.
      await expect.poll(() => proxy.forwardedBytes - before, { timeout: 30_000 }).toBeGreaterThan(17 * 4);
      expect(await exchange({ reset: { sequence: 1 } })).toBe('reset');
      expect(faults).toEqual([]);
      stream.end();
    },
    (idleSeconds + 60) * 1_000,
  );
});

describe('an observation of 5 MB', () => {
  const length = 1_310_720;

  /** Every element tells its place and the step. */
  function createWide(): Env {
    let step = 0;
    const observe = () => float32(Float32Array.from({ length }, (_, i) => i + step / 4));
    const bounds = (bound: number) => Array.from({ length }, () => bound);
    return {
      observationSpace: box(bounds(-1e9), bounds(1e9)),
      actionSpace: box([-1], [1]),
      reset: () => ({ observation: observe(), info: {} }),
      step() {
        step += 1;
        return { observation: observe(), reward: step, terminated: false, truncated: false, info: {} };
      },
    };
  }

  it('arrives whole, also when the connection is cut in the midst of it', async () => {
    const envs = [{ id: 'Wide-v0', make: createWide }];
    const server = await startEnvServer({ envs, port: 0 });
    onTestFinished(() => server.shutdown());
    const proxy = await startTcpProxy(server.address);
    const connection = await connect(proxy.address);
    onTestFinished(() => connection.close());
    const env = await connection.make('Wide-v0');
    await env.reset();
    proxy.cutAfter([3_000_000, 5_000_000, 1_000_000]);
    proxy.cut();
    for (let step = 1; step <= 3; step++) {
      const { observation, reward } = await env.step([0]);
      expect(reward).toBe(step);
      const data = isTensor(observation) ? observation.data : [];
      expect(data).toHaveLength(length);
      expect([data[0], data[1], data[length - 1]]).toEqual(
        [0, 1, length - 1].map((i) => Math.fround(i + step / 4)),
      );
    }
    expect(proxy.cuts).toBe(4);
  });
});
