/**
 * What long use does to memory: steps with random actions over gRPC, every number checked; then environments made
 * and closed. Resident memory of the server's process, again and again.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, type EnvConnection, type RemoteVectorEnv } from '@gymwire/agent-sdk';
import { isTensor } from '@gymwire/protocol';
import { actionTable } from '../env/actions.ts';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import type { SoakServerReady, SoakServerReply } from './server-process.ts';

interface Server {
  readonly address: string;
  /** Resident memory after a collection, MiB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

const readings = 10;

export async function runSoakBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'soak',
    summary: 'Memory of a server over many steps and many environments made and closed.',
    args: [...args],
    options: {
      envs: { type: 'string', default: 'Ant-v5,Humanoid-v5', what: 'environments to step' },
      steps: { type: 'string', default: '30000', what: 'steps of each' },
      cycles: { type: 'string', default: '10000', what: 'environments made and closed' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const steps = positiveInteger('steps', values.steps);
  const cycles = positiveInteger('cycles', values.cycles);
  const envIds = values.envs.split(',');
  const rows: Row[] = [];
  for (const envId of envIds) {
    rows.push(
      await soak(`${envId}: ${steps} steps`, (connection, read) => play(connection, envId, steps, read)),
    );
    rows.push(
      await soak(`${envId}: made and closed ${cycles} times`, (connection, read) =>
        makeAndClose(connection, envId, cycles, read),
      ),
    );
  }
  const text = [
    `Resident memory of the server's process in MiB, after a garbage collection each time, ${readings} times on the way:`,
    formatTable(rows),
    'Every observation and reward was finite.',
  ].join('\n\n');
  publish({ name: 'soak', title: 'Memory over long use', text, data: { steps, cycles, rows } }, values.save);
}

type Work = (connection: EnvConnection, read: () => Promise<void>) => Promise<void>;

/** A server of its own for each, so that no row has another's memory. */
async function soak(what: string, work: Work): Promise<Row> {
  const server = await startServer();
  const connection = await connect(server.address);
  const memory: number[] = [];
  await work(connection, async () => {
    memory.push(await server.memory());
  });
  connection.close();
  await server.stop();
  return { what, 'MiB on the way': memory.map((mebibytes) => mebibytes.toFixed(0)).join(', ') };
}

async function play(connection: EnvConnection, envId: string, steps: number, read: () => Promise<void>) {
  const env = await connection.makeVector(envId, { numEnvs: 1, autoresetMode: 'same-step' });
  const actionAt = actionTable(env.actionSpace, 1);
  await env.reset({ seed: 0 });
  for (let step = 1; step <= steps; step++) {
    await checkedStep(env, actionAt(step), step);
    if (step % Math.ceil(steps / readings) === 0) await read();
  }
  await env.close();
}

async function checkedStep(env: RemoteVectorEnv, action: Float32Array, step: number): Promise<void> {
  const { observation, rewards } = await env.step(action);
  const numbers = isTensor(observation) ? observation.data : [];
  for (const x of [...numbers, ...rewards]) {
    if (!Number.isFinite(Number(x))) throw new Error(`${env.envId}: step ${step} has ${x}`);
  }
}

async function makeAndClose(
  connection: EnvConnection,
  envId: string,
  cycles: number,
  read: () => Promise<void>,
) {
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const env = await connection.make(envId);
    await env.reset({ seed: cycle });
    await env.close();
    if (cycle % Math.ceil(cycles / readings) === 0) await read();
  }
}

async function startServer(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)), [], {
    execArgv: ['--expose-gc'],
  });
  const [{ address }] = (await once(child, 'message')) as [SoakServerReady];
  return {
    address,
    async memory() {
      child.send('memory');
      const [{ residentBytes }] = (await once(child, 'message')) as [SoakServerReply];
      return residentBytes / 2 ** 20;
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
