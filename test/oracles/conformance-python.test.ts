/** The Python server keeps the protocol's rules, all of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConformance } from '@gymwire/conformance';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startPythonServer } from './harness/python-server.ts';

const token = 'conformance-0123456789';

it('finds no fault with the Python server', async () => {
  const tokenFile = join(temporaryFolder(), 'token');
  writeFileSync(tokenFile, token);
  const address = await startPythonServer(
    '--conformance',
    '--vector=Pendulum-v1',
    `--token-file=${tokenFile}`,
    // Few, since each is a process of its own.
    '--max-sessions=8',
    // As long as the kit waits for at most.
    '--idle-timeout-ms=5000',
  );
  // A session's process takes its time to start, more so on a busy machine.
  const { results } = await runConformance({ address, token, deadlineMs: 60_000 });
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(results.some(({ id }) => id === 'auth.no-token')).toBe(true);
  expect(results.filter(({ id }) => id.startsWith('batch.')).length).toBeGreaterThan(10);
});

it.each([
  // Of gymnasium.make_vec: put together of single ones, which can do everything; its author's own, which has one mode;
  // and one that is told to do as little as there is.
  ['in any mode', 'Pendulum-v1', [], []],
  ['with one mode', 'CartPole-v1', [], ['batch.disabled', 'batch.same-step']],
  [
    'that tells nothing',
    'CartPole-v1',
    ['--autoreset-mode=same-step', '--no-final-observations', '--seeds=none', '--num-envs=2'],
    ['batch.disabled', 'batch.next-step'],
  ],
])(
  'finds no fault with a batch simulator %s, and says which rules do not apply',
  async (_, envId, flags, excused) => {
    const address = await startPythonServer(`--vector=${envId}`, ...flags, '--max-sessions=8');
    const only = ['handshake', 'listing', 'batch', 'order'];
    const { results, isConforming } = await runConformance({ address, only, deadlineMs: 60_000 });
    expect(results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'not-applicable')).toEqual([]);
    expect(isConforming).toBe(true);
    const batch = results.filter(
      ({ id, outcome }) => id.startsWith('batch.') && outcome === 'not-applicable',
    );
    expect(batch.map(({ id }) => id)).toEqual(excused);
    expect(results.find(({ id }) => id === 'order.step-before-reset')).toMatchObject({
      outcome: 'not-applicable',
      why: expect.stringContaining(
        `held against gymwire/Conformance-v0, and this server lists batch simulators (${envId}) without it`,
      ) as string,
    });
  },
);

it.skipIf(process.platform === 'win32')('finds none on a Unix socket', async () => {
  const path = join(temporaryFolder(), 'gym.sock');
  const address = await startPythonServer(`--host=unix:${path}`, '--conformance', '--max-sessions=4');
  expect(address).toBe(`unix:${path}`);
  // What has to do with connections; the others are tried above.
  const only = ['service', 'handshake', 'sequence', 'attach', 'stream', 'close'];
  const { results } = await runConformance({ address, only, deadlineMs: 60_000 });
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
});
