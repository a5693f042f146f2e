/** Sessions in workers and processes: what they are told, what the log gets, and that they end with their server. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { credentials, type requestCallback } from '@grpc/grpc-js';
import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { type Isolation } from '@gymwire/env';
import { registrationsFrom, startEnvServer } from '@gymwire/env-server';
import { float32 } from '@gymwire/protocol';
import {
  decodeStepResult,
  EnvServiceClient,
  encodeValue,
  fromServiceError,
  type wire,
} from '@gymwire/protocol/wire';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNodeProgram, startProgram } from '../support/node-program.ts';
import { isAlive } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const patiently = { timeout: 30_000 };
const module = new URL('../support/process-envs.mjs', import.meta.url);
/** What an action asks for. */
const commands = { nothing: 0, wait: 1, loop: 2, helper: 3, throw: 4 } as const;

const actionOf = (command: number) => encodeValue(float32([command]));

function unary<Response>(start: (callback: requestCallback<Response>) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    start((error, response) => {
      if (error !== null) reject(fromServiceError(error, 'test'));
      else if (response !== undefined) resolve(response);
    });
  });
}

async function serve(isolate: Isolation) {
  const lines: Array<Record<string, unknown>> = [];
  const server = await startEnvServer({
    port: 0,
    envs: await registrationsFrom(module, { isolate }),
    logger: pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line) as never) }),
  });
  onTestFinished(() => server.shutdown());
  return { server, lines };
}

async function link(address: string, options: ConnectOptions = {}) {
  const connection = await connect(address, options);
  onTestFinished(() => connection.close());
  const env = await connection.make('TellTale-v0');
  await env.reset();
  return { connection, env };
}

describe.each(['worker', 'process'] as const)('a session in a %s', (isolate) => {
  it('is told of the end of its stream at once, also while it answers a call', async () => {
    const { server } = await serve(isolate);
    const client = new EnvServiceClient(server.address, credentials.createInsecure());
    onTestFinished(() => client.close());
    const made = await unary<wire.MakeSessionResponse>((done) =>
      client.makeSession({ envId: 'TellTale-v0' }, done),
    );
    const { sessionId } = made;
    await unary<wire.ResetResponse>((done) => client.reset({ sessionId }, done));
    const stream = client.interact();
    stream.on('error', () => undefined);
    stream.write({ attach: { sessionId } });
    await once(stream, 'data');
    stream.write({ step: { action: actionOf(commands.wait) } });
    // In turn: the answer to this one comes after that of the other, which nothing ends but the end of its stream.
    const next = unary<Parameters<typeof decodeStepResult>[0]>((done) =>
      client.step({ sessionId, action: actionOf(commands.nothing) }, done),
    );
    stream.cancel();
    expect(decodeStepResult(await next, 1).infos.get(0)).toMatchObject({ detached: 1n });
  });

  it('has its words and its stack traces in the log', async () => {
    const { server, lines } = await serve(isolate);
    const { env } = await link(server.address);
    await expect(env.step([commands.throw])).rejects.toThrow(/step: .*the gearbox is on fire/);
    await expect.poll(() => lines.length, patiently).toBe(3);
    expect(lines).toContainEqual(
      expect.objectContaining({ env: 'TellTale-v0', stream: 'stdout', msg: 'a line of the simulator' }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ env: 'TellTale-v0', stream: 'stderr', msg: 'a complaint of the simulator' }),
    );
    const fault = lines.find(({ err }) => err !== undefined) as { err: { stack: string } };
    expect(fault.err.stack).toMatch(/the gearbox is on fire\n(.*\n)*.*process-envs\.mjs/);
  });
});

describe('the process of a session', () => {
  const program = fileURLToPath(new URL('../support/process-server.mjs', import.meta.url));

  async function start() {
    const server = startNodeProgram(program, [], temporaryFolder());
    onTestFinished(() => server.stop());
    const [, address = ''] = await server.printed(/^serving (.*)$/m);
    const { env } = await link(address, { reconnectTimeoutMs: 0 });
    const { info } = await env.step([commands.helper]);
    /** Waits for a step, or until it must be under way. */
    const settled = (step: Promise<unknown>, isAnswered: boolean) =>
      isAnswered ? step : connect(address).then((other) => other.close());
    return { server, env, settled, pids: [Number(info.pid), Number(info.helper)] };
  }

  it.each(['nothing', 'loop'] as const)(
    'ends with a server that was killed, and so do its helpers; under way: %s',
    async (command) => {
      const { server, env, settled, pids } = await start();
      const step = env.step([commands[command]]).catch((error: unknown) => error);
      await settled(step, command === 'nothing');
      expect(pids.map(isAlive)).toEqual([true, true]);
      await server.kill('SIGKILL');
      await expect.poll(() => pids.map(isAlive), patiently).toEqual([false, false]);
      await step;
    },
  );

  it('ends when it is closed, and so do its helpers', async () => {
    const { env, pids } = await start();
    await env.close();
    await expect.poll(() => pids.map(isAlive), patiently).toEqual([false, false]);
  });
});

describe.skipIf(process.platform === 'win32')(
  'few open files (but on Windows, which has no such limit)',
  () => {
    it.each(['worker', 'process'])(
      'fail the session that wants more, and not the server: %s',
      async (isolate) => {
        const program = fileURLToPath(new URL('../support/few-descriptors.mjs', import.meta.url));
        const command = `ulimit -n 200; exec "${process.execPath}" "${program}" ${isolate}`;
        const server = startProgram('sh', ['-c', command], temporaryFolder());
        onTestFinished(() => server.stop());
        const { code, stdout, stderr } = await server.ended();
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(JSON.parse(stdout)).toEqual([
          expect.stringMatching(/^ENV_FAILED TellTale-v0 could not be made: .*EMFILE/),
          'made',
        ]);
      },
    );
  },
);
