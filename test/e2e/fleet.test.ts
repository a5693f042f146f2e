/** A training on a fleet: where an environment is changes nothing, and a host that is lost costs its own episodes only. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, connectFleet, type FleetEvent, type ProgressEvent } from '@gymwire/agent-sdk';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startNodeProgram } from '../support/node-program.ts';
import { fileHashes } from '../support/run-files.ts';
import { trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const numEnvs = 8;
const options = { numEnvs, totalEnvSteps: 640, learningStarts: 160, checkpointInterval: 320 } as const;

const servers: EnvServer[] = [];
beforeAll(async () => {
  for (let i = 0; i < numEnvs; i++) servers.push(await startEnvServer({ envs: builtinEnvs, port: 0 }));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.shutdown()));
});

/** All but what tells where the environments were. */
function trainedFiles(runFolder: string) {
  const { config: _, ...files } = fileHashes(runFolder);
  return files;
}

describe.each(['same-step', 'next-step', 'disabled'] as const)('autoreset %s', (autoresetMode) => {
  it('8 environments on 1, 2 and 8 hosts leave the same weights and metrics', async () => {
    const folder = temporaryFolder();
    const trained = async (hosts: number) => {
      const fleet = await connectFleet(servers.slice(0, hosts).map(({ address }) => address));
      const runFolder = join(folder, `${hosts}`);
      const { learner } = await trainSmall(fleet, { ...options, autoresetMode }, { runFolder });
      fleet.close();
      return { learner, files: trainedFiles(runFolder) };
    };
    const connection = await connect(servers[0].address);
    const alone = join(folder, 'alone');
    const { learner } = await trainSmall(connection, { ...options, autoresetMode }, { runFolder: alone });
    connection.close();
    const one = { learner, files: trainedFiles(alone) };
    for (const hosts of [1, 2, 8]) expect(await trained(hosts)).toEqual(one);
  });
});

const program = fileURLToPath(new URL('../support/fleet-server.mjs', import.meta.url));

/** A host that can be killed; it ends with the test. */
async function startHost(port = 0) {
  const host = startNodeProgram(program, [String(port)], temporaryFolder());
  onTestFinished(() => host.stop());
  const [, address = ''] = await host.printed(/serving (\S+)/);
  return { address, kill: () => host.stop() };
}

it('one of four hosts is killed: its episodes are lost and told, no transition is doubled, and a host that joins takes over', async () => {
  const hosts = await Promise.all([1, 2, 3, 4].map(() => startHost()));
  const spare = await startHost();
  const serversFile = join(temporaryFolder(), 'servers');
  writeFileSync(serversFile, hosts.map(({ address }) => address).join('\n'), { mode: 0o600 });
  const events: FleetEvent[] = [];
  const fleet = await connectFleet(
    { serversFile },
    { reconnectTimeoutMs: 200, onFleet: (event) => events.push(event) },
  );
  onTestFinished(() => fleet.close());
  let killing: Promise<void> | undefined;
  const broken: ProgressEvent[] = [];
  const runFolder = temporaryFolder();
  const result = await trainSmall(fleet, options, {
    runFolder,
    async onProgress(event) {
      if (event.type === 'broken') broken.push(event);
      if (event.type !== 'step' || event.envSteps < 300 || killing !== undefined) return;
      // The three others leave the list: only the host that joins has room for new environments.
      writeFileSync(serversFile, `${spare.address} # joins\n`);
      killing = hosts[1].kill();
      await killing;
    },
  });
  expect(result.status).toBe('completed');
  // 80 vector steps of 8, one of which misses the two lost environments, and one more to make up for them.
  expect(result.envSteps).toBe(646);
  expect(broken.map((event) => event.type === 'broken' && event.envIndex)).toEqual([2, 3]);
  const moved = events.flatMap((event) => (event.type === 'moved' ? [event] : []));
  // Of the three environments of evaluations one was there, too; that is found out in the next evaluation.
  expect(moved).toEqual([
    { type: 'moved', host: spare.address, envIndices: [2, 3] },
    { type: 'moved', host: spare.address, envIndices: [1] },
  ]);
  expect(events.map(({ type }) => type)).toEqual(['lost', 'joined', 'moved', 'moved']);
});
