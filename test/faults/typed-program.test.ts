import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { startProgram } from '../support/node-program.ts';
import { smallRun } from '../support/small-training.ts';

// Real processes, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Environments in a thread each, drawing in a thread, a learner in two. */
const program = `
import { connect, train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { hostedEnvs } from './test/support/hosted-envs.mjs';

const module = { url: new URL('./test/support/hosted-envs.mjs', 'file://' + process.cwd() + '/').href, exportName: 'hostedEnvs' };
const [boxes] = hostedEnvs;
const envs = [...builtinEnvs, { ...boxes, isolate: 'worker', module }];
const server = await startEnvServer({ port: 0, envs });
const connection = await connect(server.address);
const env = await connection.make('Boxes-v0');
await env.reset({ seed: 1 });
await env.close();
const pictured = await connection.make('InvertedPendulum-v5', { renderMode: 'rgb_array' });
await pictured.reset({ seed: 1 });
await pictured.render();
await pictured.close();
const { status } = await train({ connection, options: ${JSON.stringify(smallRun)}, learner: 'compiled', learnerThreads: 2 });
console.log(status);
connection.close();
await server.shutdown();
`;

it.each([[['--input-type=module']], [['--input-type', 'module', '--expose-gc']]])(
  'a program on the command line has threads like one in a file: node %o -e',
  async (flags) => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const played = startProgram(process.execPath, [...flags, '-e', program], root);
    expect(await played.ended()).toEqual({ code: 0, stdout: 'completed\n', stderr: '' });
  },
);
