/** Episode k of environment i begins alike in every autoreset mode, here, over the wire, and after a stop. */
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectedFirsts, playTraining } from '../support/first-observations.ts';
import { localEnvs } from '../support/local-env.ts';
import { readStoredCheckpoint } from '../support/run-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function serve(): Promise<EnvConnection> {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  const connection = await connect(server.address);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  return connection;
}

describe.each(['disabled', 'next-step', 'same-step'] as const)('%s', (autoresetMode) => {
  it.each([1, 8])('the episodes of %i environments begin as their seeds say', async (numEnvs) => {
    const here = await playTraining(localEnvs(autoresetMode), { numEnvs, autoresetMode });
    expect(Math.min(...here.map(({ length }) => length))).toBeGreaterThanOrEqual(3);
    expect(here).toEqual(await expectedFirsts(here));
    const connection = await serve();
    expect(await playTraining(connection, { numEnvs, autoresetMode })).toEqual(here);
    // A server that is too old for seeds with a step.
    (connection.server.capabilities as string[]).splice(0);
    expect(await playTraining(connection, { numEnvs, autoresetMode })).toEqual(here);
  });

  it('and go on so after a stop', async () => {
    const connection = await serve();
    const [runFolder, controller] = [temporaryFolder(), new AbortController()];
    const more = { runFolder, signal: controller.signal };
    const options = { numEnvs: 2, autoresetMode };
    const onProgress = (event: { readonly type: string }) => {
      if (event.type === 'episode') controller.abort();
    };
    await playTraining(connection, options, { ...more, onProgress });
    const { episodesBegun } = readStoredCheckpoint(runFolder);
    const resume = { runFolder, resume: true, options: {} };
    const later = await playTraining(connection, options, resume);
    expect(later).toEqual(await expectedFirsts(later, episodesBegun));
    expect(episodesBegun).toEqual([1, 1]);
  });
});
