/** A seed that comes with a step reaches the environment that the step resets, wherever that lives, and no other. */
import { connect } from '@gymwire/agent-sdk';
import { createEnvRegistry, type EnvRegistration, SessionStore, startEnvServer } from '@gymwire/env-server';
import { type AutoresetMode, float32, GymwireError, type Tensor, type Value } from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostedEnvs } from '../support/hosted-envs.mjs';

const logger = pino({ level: 'silent' });
const limits = { maxSessions: 8, maxNumEnvs: 8, maxTotalEnvs: 32, idleTimeoutMs: 600_000 };
const module = { url: new URL('../support/hosted-envs.mjs', import.meta.url), exportName: 'hostedEnvs' };

const places = ['server', 'threads', 'worker', 'process'] as const;
type Place = (typeof places)[number];

function registrationsFor(place: Place): readonly EnvRegistration[] {
  const hosting = place === 'worker' || place === 'process' ? { isolate: place } : {};
  return hostedEnvs.map((one) => ({ ...one, ...hosting, heavy: place === 'threads', module }));
}

async function serveIn(place: Place) {
  const envs = registrationsFor(place);
  const server = await startEnvServer({ envs, port: 0, envThreads: 3, logger });
  const connection = await connect(server.address);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  return connection;
}

/** What an environment draws in a reset with a seed, in the thread that asks. */
async function drawsOf(envId: string): Promise<(seed: bigint) => Promise<Value | undefined>> {
  const store = new SessionStore(createEnvRegistry(registrationsFor('server')), limits, logger);
  onTestFinished(() => store.closeAll());
  const session = await store.make({ envId });
  return async (seed) => (await session.reset({ seed })).infos.get(0)?.draw;
}

// Boxes travel in rows of memory, words in messages.
const actionsOf: Readonly<Record<string, (numEnvs: number) => Value>> = {
  'Boxes-v0': (numEnvs): Tensor => ({
    ...float32(new Array<number>(2 * numEnvs).fill(0)),
    shape: [numEnvs, 2],
  }),
  'Words-v0': (numEnvs): Tensor => ({
    dtype: 'int64',
    shape: [numEnvs],
    data: new BigInt64Array(numEnvs),
  }),
};

describe.each(places)('environments in: %s', (place) => {
  it.each(Object.keys(actionsOf))(
    'begin each episode of %s as the seed says that came with it',
    async (envId) => {
      const [connection, drawOf] = [await serveIn(place), await drawsOf(envId)];
      for (const autoresetMode of ['next-step', 'same-step'] as const satisfies readonly AutoresetMode[]) {
        for (const numEnvs of [1, 8]) {
          const envs = await connection.makeVector(envId, { numEnvs, autoresetMode });
          await envs.reset({ seed: 5 });
          const episodes = Array.from({ length: numEnvs }, () => 0);
          // One more seed than episodes begun: which episode comes next is known, when it comes is not.
          const seedOf = (i: number) => 2n ** 63n + BigInt(100 * i + (episodes[i] ?? 0));
          let ended = episodes.map(() => false);
          for (let time = 0; time < 20; time++) {
            const nextSeeds = episodes.map((_, i) => seedOf(i));
            const step = await envs.step(actionsOf[envId](numEnvs), { nextSeeds });
            const isOver = step.terminated.map((flag, i) => flag || step.truncated[i] === true);
            const begun = autoresetMode === 'same-step' ? isOver : ended;
            for (const i of episodes.keys()) {
              if (begun[i] !== true) continue;
              expect(step.infos.get(i)?.draw, `${i} ${time}`).toBe(await drawOf(seedOf(i)));
              episodes[i] = (episodes[i] ?? 0) + 1;
            }
            ended = isOver;
          }
          expect(Math.min(...episodes)).toBeGreaterThan(1);
          await envs.close();
        }
      }
    },
  );
});

it('a client tells what is wrong before anything is sent, and keeps its seeds from servers that are too old', async () => {
  const connection = await serveIn('server');
  const envs = await connection.makeVector('Boxes-v0', { numEnvs: 2, autoresetMode: 'same-step' });
  expect(envs.episodeSeeding).toBe('with-step');
  await envs.reset({ seed: 1 });
  const refused = (options: object, message: RegExp) =>
    expect(envs.step([0, 0, 0, 0], options)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  await refused({ nextSeeds: [1] }, /nextSeeds: expected 2 seeds, got 1/);
  await refused({ nextSeeds: [] }, /expected 2 seeds, got 0/);
  await refused({ nextSeeds: [1, 0.5] }, /expected an integer/);
  await refused({ seeds: [1, 2] }, /seeds/);
  expect((await envs.step([0, 0, 0, 0], { nextSeeds: [1, 2] })).terminated).toHaveLength(2);
  const disabled = await connection.makeVector('Boxes-v0', { numEnvs: 1, autoresetMode: 'disabled' });
  await disabled.reset();
  await expect(disabled.step([0, 0], { nextSeeds: [1] })).rejects.toThrow(/the autoreset mode disabled/);

  (connection.server.capabilities as string[]).splice(0);
  const old = await connection.makeVector('Boxes-v0', { numEnvs: 1, autoresetMode: 'same-step' });
  expect(old.episodeSeeding).toBe('by-reset');
  await old.reset();
  const error = await old.step([0, 0], { nextSeeds: [1] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GymwireError);
  expect(error).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('step-seeds') });
  expect((await old.step([0, 0])).terminated).toHaveLength(1);
});
