/** `gymwire train --seeds`: a group of runs, each in a process of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { train } from '@gymwire/agent-sdk';
import { createEpisodeSeed, trainSeeds } from '@gymwire/agent-sdk/parts';
import { type EnvRegistration, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli, runCommands } from '../support/cli.ts';
import { fileHashes } from '../support/run-files.ts';
import { seedFlags, seedOptions } from '../support/seeds.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Fails in the second episode of the run with this seed, in no other run and no evaluation. */
function failingFor(seed: number): EnvRegistration {
  const failsAt = String(createEpisodeSeed(seed)(0, 1));
  return {
    ...targetEnv,
    async make(...args) {
      const env = await targetEnv.make(...args);
      return {
        ...env,
        reset(options) {
          if (String(options.seed) === failsAt) throw new Error('the arm is stuck');
          return env.reset(options);
        },
      };
    },
  };
}

async function serve(...envs: readonly EnvRegistration[]): Promise<string> {
  const server = await startEnvServer({ port: 0, envs, logger: pino({ level: 'silent' }) });
  onTestFinished(() => server.shutdown());
  return server.address;
}

it('trains each seed as it would be alone; one that fails ends no other', async () => {
  const cwd = temporaryFolder();
  const server = await serve(failingFor(1));
  const flags = seedFlags({ envId: 'Target-v0' });
  const args = ['train', ...flags, '--server', server, '--seeds', '0-2', '--parallel', '2'];
  const result = await runCli(['--json', ...args], cwd);
  const lines = jsonLines(result.stdout);

  const group = join(cwd, 'runs', 'Target-v0-seeds0-2');
  const failure = { code: 'TRAINING_FAILED', cause: 'ENV_FAILED' };
  const [closing] = lines.slice(-1);
  expect(closing).toMatchObject({
    type: 'seeds',
    status: 'failed',
    runs: [
      { seed: 0, status: 'completed', envSteps: 400 },
      { seed: 1, status: 'failed', failure },
      { seed: 2, status: 'completed', envSteps: 400 },
    ],
    last: { runs: 2 },
  });
  // That of a training that fails in its environment.
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/^seed 1: error TRAINING_FAILED: .*the arm is stuck/m);
  // Whatever is about a run says which.
  const ofGroup = new Set(['group', 'seeds']);
  expect(lines.filter((line) => !ofGroup.has(line.type) && !('seed' in line))).toEqual([]);
  expect(lines.filter(({ type }) => type === 'evaluation').length).toBeGreaterThanOrEqual(8);

  const alone = join(cwd, 'alone');
  await train({ server, runFolder: alone, options: { ...seedOptions, envId: 'Target-v0', seed: 2 } });
  expect(fileHashes(join(group, 'seed2'))).toEqual(fileHashes(alone));
});

it('goes through the SDK as well, with environments that a module of one’s own opens', async () => {
  const groupFolder = join(temporaryFolder(), 'group');
  const server = await serve(...builtinEnvs);
  const module = new URL('../support/seed-envs-module.mjs', import.meta.url);
  const options = { ...seedOptions, totalEnvSteps: 200 };
  const common = { seeds: [3, 4], options, parallel: 2 };
  const result = await trainSeeds({ ...common, groupFolder, envModule: { module, data: { server } } });
  expect(result.runs.map(({ status }) => status)).toEqual(['completed', 'completed']);
  const other = join(groupFolder, '..', 'other');
  await trainSeeds({ ...common, groupFolder: other, server });
  for (const name of ['seed3', 'seed4']) {
    expect(fileHashes(join(groupFolder, name))).toEqual(fileHashes(join(other, name)));
  }
});

it('says what is wrong before any run begins, and leaves nothing behind', async () => {
  const cwd = temporaryFolder();
  const train = ['--json', 'train', '--env', 'Pendulum-v1'];
  const wrong: ReadonlyArray<readonly [args: readonly string[], exit: number, code: string]> = [
    [[...train, '--seeds', '0-1', '--seed', '2'], 2, 'USAGE'],
    [[...train, '--parallel', '2'], 2, 'USAGE'],
    [[...train, '--seeds', '0-1', '--gamma', '2'], 2, 'INVALID_OPTION'],
    [[...train, '--seeds', '0-1', '--tls'], 2, 'USAGE'],
    [[...train, '--seeds', '0-1', '--server', '127.0.0.1:1'], 3, 'SERVER_UNAVAILABLE'],
  ];
  const results = await runCommands(
    wrong.map(([args]) => args),
    cwd,
  );
  const found = results.map(({ code, stdout }, i) => [wrong[i]?.[0], code, jsonLines(stdout).at(-1)?.code]);
  expect(found).toEqual(wrong);
  expect(existsSync(join(cwd, 'runs'))).toBe(false);
});
