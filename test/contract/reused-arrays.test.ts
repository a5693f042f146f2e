/**
 * Simulators return the same arrays and info objects again and again. Each play here is repeated with an environment
 * that returns fresh ones, in process and in threads: what comes is the same.
 */
import { connect } from '@gymwire/agent-sdk';
import { createEnvRegistry, type Session, SessionStore, startEnvServer } from '@gymwire/env-server';
import {
  type AutoresetMode,
  float32,
  GymwireError,
  type SessionOptions,
  type Tensor,
} from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reusingEnvs } from '../support/reusing-envs.mjs';

const logger = pino({ level: 'silent' });
const module = { url: new URL('../support/reusing-envs.mjs', import.meta.url), exportName: 'reusingEnvs' };
const registryOf = (envThreads: number) =>
  createEnvRegistry(reusingEnvs.map((one) => ({ ...one, heavy: envThreads > 1, module })));

function storeOf(envThreads: number): SessionStore {
  const limits = { maxSessions: 4, maxNumEnvs: 8, maxTotalEnvs: 32, idleTimeoutMs: 600_000, envThreads };
  const store = new SessionStore(registryOf(envThreads), limits, logger);
  onTestFinished(() => store.closeAll());
  return store;
}

type Play = (session: Session, note: (call: () => unknown) => Promise<void>) => Promise<void>;

/** What came, as it was when it came. */
async function record(options: SessionOptions, envThreads: number, play: Play): Promise<readonly unknown[]> {
  const session = await storeOf(envThreads).make(options);
  const seen: unknown[] = [];
  await play(session, async (call) => {
    try {
      seen.push(structuredClone(await call()));
    } catch (thrown) {
      if (!(thrown instanceof GymwireError)) throw thrown;
      seen.push(`${thrown.code}: ${thrown.message}`);
    }
  });
  return seen;
}

async function expectNoDifference(options: Omit<SessionOptions, 'envId'>, play: Play): Promise<void> {
  for (const kind of ['Flat', 'Nested']) {
    const expected = await record({ ...options, envId: `${kind}Fresh-v0` }, 1, play);
    for (const envThreads of options.numEnvs === undefined ? [1] : [1, 2]) {
      const seen = await record({ ...options, envId: `${kind}Reused-v0` }, envThreads, play);
      expect(seen).toEqual(expected);
    }
  }
}

const numEnvs = 3;
const actions = (...values: readonly number[]): Tensor => ({ ...float32(values), shape: [values.length, 1] });
const still = actions(0, 0, 0);
const autoresetModes: readonly AutoresetMode[] = ['disabled', 'next-step', 'same-step'];

describe('arrays that a simulator uses again', () => {
  it.each(autoresetModes)(
    'show the last observation of an episode, not the first of the next: %s',
    (autoresetMode) =>
      expectNoDifference({ numEnvs, autoresetMode }, async (session, note) => {
        let ended: boolean[] = [];
        await note(() => session.reset({ seed: 5, options: { length: 2n, other: 'x' } }));
        for (let i = 0; i < 12; i++) {
          await note(async () => {
            const step = await session.step(still);
            ended = step.terminated.map((terminated, env) => terminated || step.truncated[env] === true);
            return step;
          });
          if (autoresetMode === 'disabled' && ended.includes(true))
            await note(() => session.reset({ mask: ended }));
        }
      }),
  );

  it('show, beside a masked reset, what the others returned last, whatever was called since', () =>
    expectNoDifference(
      { numEnvs, autoresetMode: 'disabled', renderMode: 'rgb_array' },
      async (session, note) => {
        await note(() => session.reset({ seed: 5 }));
        await note(() => session.step(still));
        await note(() => session.render(1));
        await note(() => session.reset({ mask: [true, false, false] }));
        // The second one fails after it has written.
        await note(() => session.step(actions(0, -1, 0)));
        session.detach();
        await note(() => session.reset({ mask: [false, false, true] }));
      },
    ));

  it('are in the kept reply as they were sent', async () => {
    for (const options of [{}, { numEnvs }]) {
      const isSingle = options.numEnvs === undefined;
      await expectNoDifference({ ...options, renderMode: 'rgb_array' }, async (session, note) => {
        const [fine, failing] = isSingle ? [float32([0]), float32([-1])] : [still, actions(-1, -1, -1)];
        await note(() => session.reset({ seed: 5 }, 1));
        await note(() => session.step(fine, 2));
        await note(() => session.render(0));
        await note(() => session.step(failing, 3));
        session.detach();
        await note(() => session.step(fine, 2));
      });
    }
  });

  it('reach a client over the wire: -5 came where 25 is right', async () => {
    const observation = float32([0]);
    const make = () => ({
      observationSpace: { type: 'box', low: float32([-1e6]), high: float32([1e6]) } as const,
      actionSpace: { type: 'box', low: float32([-1]), high: float32([1]) } as const,
      reset() {
        observation.data[0] = -5;
        return { observation, info: {} };
      },
      step() {
        observation.data[0] += 10;
        const terminated = observation.data[0] > 20;
        return { observation, reward: 0, terminated, truncated: false, info: {} };
      },
    });
    const server = await startEnvServer({ port: 0, envs: [{ id: 'Alias-v0', make }], logger });
    const connection = await connect(server.address);
    onTestFinished(async () => {
      connection.close();
      await server.shutdown();
    });
    const envs = await connection.makeVector('Alias-v0', { numEnvs: 1, autoresetMode: 'same-step' });
    await envs.reset({ seed: 1 });
    await envs.step([0]);
    await envs.step([0]);
    const { observation: first, final } = await envs.step([0]);
    expect([(first as Tensor).data[0], (final?.observation as Tensor | undefined)?.data[0]]).toEqual([
      -5, 25,
    ]);
  });
});
