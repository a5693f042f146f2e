/** A training on a fleet: where an environment is changes nothing, and a host that is lost costs its own episodes only. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, connectFleet, type FleetEvent, type ProgressEvent } from '@gymwire/agent-sdk';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { countingRegistration } from '../support/counting-env.ts';
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

it('a run that was stopped goes on with other hosts than it began with, to the bits of one host', async () => {
  const folder = temporaryFolder();
  const trained = async (begun: readonly EnvServer[], resumed: readonly EnvServer[]) => {
    const runFolder = join(folder, `${begun.length}-${resumed.length}`);
    for (const hosts of [begun, resumed]) {
      const fleet = await connectFleet(hosts.map(({ address }) => address));
      const controller = new AbortController();
      const resume = hosts === resumed;
      const result = await trainSmall(fleet, options, {
        runFolder,
        resume,
        ...(resume && { options: {} }),
        signal: controller.signal,
        onProgress: (event) =>
          !resume && event.type === 'step' && event.envSteps >= 304 && controller.abort(),
      });
      fleet.close();
      expect(result.status).toBe(resume ? 'completed' : 'interrupted');
      const config: unknown = JSON.parse(readFileSync(join(runFolder, 'config.json'), 'utf8'));
      expect(config).toMatchObject({ fleet: { hosts: hosts.map(({ address }) => address) } });
    }
    return trainedFiles(runFolder);
  };
  const one = await trained(servers.slice(0, 1), servers.slice(0, 1).reverse());
  expect(await trained(servers.slice(0, 2), servers.slice(2, 5))).toEqual(one);
});

it('an elastic run that went on without a host says for good that it is not reproducible', async () => {
  let letGo: () => void = () => undefined;
  const goneOn = new Promise<void>((resolve) => (letGo = resolve));
  const hosts = await Promise.all(
    [undefined, () => goneOn].map((beforeStep) =>
      startEnvServer({
        envs: [countingRegistration('Counting-v0', { terminateAfter: 9, ...(beforeStep && { beforeStep }) })],
        port: 0,
      }),
    ),
  );
  onTestFinished(async () => void (await Promise.all(hosts.map((host) => host.shutdown()))));
  const addresses = hosts.map(({ address }) => address);
  const runFolder = join(temporaryFolder(), 'run');
  const counting = { envId: 'Counting-v0', numEnvs: 2, totalEnvSteps: 200, learningStarts: 50 };
  // What is waited for beyond half of the environments is over at once.
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const elastic = await connectFleet(addresses, { mode: 'elastic', clock });
  const told: number[] = [];
  await trainSmall(elastic, counting, {
    runFolder,
    onProgress(event) {
      if (event.type !== 'step' || told.length === 5) return;
      told.push(event.envSteps);
      if (told.length === 5) letGo();
    },
  });
  elastic.close();
  // One environment's steps alone.
  expect(told).toEqual([1, 2, 3, 4, 5]);
  const configOf = () => JSON.parse(readFileSync(join(runFolder, 'config.json'), 'utf8'));
  expect(configOf()).toMatchObject({ reproducible: false, fleet: { mode: 'elastic', hosts: addresses } });
  const strict = await connectFleet(addresses);
  const more = { runFolder, resume: true, options: { totalEnvSteps: 220 } };
  expect((await trainSmall(strict, {}, more)).status).toBe('completed');
  strict.close();
  expect(configOf()).toMatchObject({ reproducible: false, fleet: { mode: 'strict' } });
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
