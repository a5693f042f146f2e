/** docs/serve-your-simulator.md: what it shows in TypeScript, and of an MJCF file, runs. Python: test/oracles. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvClient } from '@gymwire/agent-sdk';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { compileCode, withReplaced } from '../support/document-code.ts';
import { codeBlocks } from '../support/markdown.ts';
import { startNodeProgram } from '../support/node-program.ts';

const path = join(ROOT, 'docs', 'serve-your-simulator.md');
const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
const code = (language: string, note = '') => {
  const block = codeBlocks(text).find((one) => one.language === language && one.note === note);
  if (block === undefined) throw new Error(`${path}: expected a block of ${language} ${note}`);
  return block.code;
};
const gymwire = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');

/** Arguments of the command that has this flag, for any port. */
function commandWith(flag: string): readonly string[] {
  const block = codeBlocks(text).find(({ language, code: line }) => language === 'sh' && line.includes(flag));
  const command = withReplaced(block?.code.trim() ?? '', [['50051', '0']]);
  return command.replace('gymwire ', '').split(' ');
}

/** The code in a sentence that begins like this. */
function inline(start: string): string {
  const at = text.indexOf(`\`${start}`);
  if (at < 0) throw new Error(`${path}: expected the code ${start}`);
  return text.slice(at + 1, text.indexOf('`', at + 1));
}

const anyPort = ['port: 50051', 'port: 0'] as const;
let folder: string;

beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'serve-your-simulator-'));
  writeFileSync(join(folder, 'slider.xml'), code('xml'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function playFirstEnv(
  program: string,
  args: readonly string[],
  play: (env: EnvClient) => Promise<void>,
) {
  const server = startNodeProgram(program, args, folder);
  onTestFinished(() => server.stop());
  const [, address = ''] = await server.printed(/serving on (\S+)/);
  const connection = await connect(address);
  onTestFinished(() => connection.close());
  const env = await connection.make((await connection.listEnvs()).at(-1)?.id ?? '');
  await env.reset({ seed: 1 });
  await play(env);
  await env.close();
}

it('a class in TypeScript', async () => {
  const program = await compileCode(folder, { point: withReplaced(code('ts'), [anyPort]) });
  await playFirstEnv(program, [], async (env) => {
    expect(env.spec.arguments).toMatchObject([{ name: 'widest', type: 'float' }]);
    expect(await env.step([0.5])).toMatchObject({ terminated: false, truncated: false, info: {} });
  });
});

it('a module of yours, from the command line and in a program', async () => {
  writeFileSync(join(folder, 'point.js'), code('js', 'own-module'));
  const command = commandWith('--module');
  const play = async (env: EnvClient) => {
    expect(env.spec).toMatchObject({ id: 'Point-v0', maxEpisodeSteps: 50, arguments: [{ name: 'widest' }] });
    expect(await env.step([0.5])).toMatchObject({ terminated: false, truncated: false, info: {} });
  };
  await playFirstEnv(gymwire, command, play);
  const given = inline('envs: await registrationsFrom');
  const program = `import { registrationsFrom, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
    const server = await startEnvServer({ envs: builtinEnvs, ${given}, port: 0 });
    console.log(\`serving on \${server.address}\`);`;
  writeFileSync(join(folder, 'program.mjs'), program);
  await playFirstEnv(join(folder, 'program.mjs'), [], play);
});

it('an MJCF file, as it is', async () => {
  await playFirstEnv(gymwire, commandWith('--xml'), async (env) => {
    expect(env.spec.id).toBe('Slider-v0');
    expect(await env.step([1])).toMatchObject({ reward: 0, terminated: false });
  });
});

it('an MJCF file with a reward', async () => {
  const program = await compileCode(folder, { slider: withReplaced(code('ts', 'mujoco'), [anyPort]) });
  await playFirstEnv(program, [], async (env) => {
    const { observation, reward } = await env.step([1]);
    expect(observation).toMatchObject({ shape: [2] });
    expect(reward).toBeLessThan(0);
  });
});

it('a robot', async () => {
  const arm = startNodeProgram(
    join(ROOT, 'examples', 'dist', 'robot', 'simulated-arm.js'),
    ['--timeout-ms', '2000'],
    folder,
  );
  onTestFinished(() => arm.stop());
  const [, port = ''] = await arm.printed(/arm on \S+:(\d+)/);
  const program = await compileCode(folder, {
    'arm-driver': code('ts', 'arm-driver'),
    // A test's machine may be slower than any robot's.
    serve: withReplaced(code('ts', 'robot'), [
      ['port: 7000', `port: ${port}`],
      ['watchdogMs: 200', 'watchdogMs: 20_000'],
      anyPort,
    ]),
  });
  await playFirstEnv(program, [], async (env) => {
    expect(env.spec).toMatchObject({ id: 'Arm-v0', nondeterministic: true });
    const step = await env.step([1]);
    expect(step).toMatchObject({ terminated: false, truncated: false });
    const documented = text.slice(
      text.indexOf("Each step's info has"),
      text.indexOf('### What keeps it safe'),
    );
    for (const key of Object.keys(step.info)) expect(documented).toContain(`\`${key}\``);
  });
});
