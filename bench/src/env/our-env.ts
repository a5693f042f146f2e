/** Our environments behind requests: `our-env.js <local | grpc> <envs; 1: a single one> <id>`; a unit is a step of all. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@gymwire/agent-sdk';
import { introduce, serveRequests, timeInterval } from '../support/subject-process.ts';
import { actionTable } from './actions.ts';
import { actionTensor, makeLocalSession } from './local-session.ts';
import type { EnvServerPorts } from './server-process.ts';

/** Steps once, and where an episode of a single environment is over, resets it. */
type Unit = () => Promise<unknown>;

interface Subject {
  readonly unit: Unit;
  readonly includes: string;
}

const warmUpUnits = 4000;

const [where = '', count = '', envId = ''] = process.argv.slice(2);
const numEnvs = Number(count);
const isSingle = numEnvs === 1;

async function createLocal(): Promise<Subject> {
  const session = await makeLocalSession({ envId, ...(isSingle ? {} : { numEnvs }) });
  const actionAt = actionTable(session.description.actionSpace, numEnvs);
  await session.reset({ seed: 0 });
  let time = 0;
  const unit = async () => {
    const { terminated, truncated } = await session.step(actionTensor(session, actionAt(time++)));
    if (isSingle && (terminated[0] || truncated[0])) await session.reset({});
  };
  return { unit, includes: 'a session in this process, as a server has it: checks, limits, autoreset' };
}

async function createRemote(): Promise<Subject> {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)));
  const [{ address }] = (await once(child, 'message')) as [EnvServerPorts];
  const connection = await connect(address);
  const includes = 'client here, server in a process of its own, loopback, arrays and infos decoded';
  let time = 0;
  if (isSingle) {
    const env = await connection.make(envId);
    const actionAt = actionTable(env.actionSpace, 1);
    await env.reset({ seed: 0 });
    const unit = async () => {
      const { terminated, truncated } = await env.step(actionAt(time++));
      if (terminated || truncated) await env.reset();
    };
    return { unit, includes };
  }
  const envs = await connection.makeVector(envId, { numEnvs });
  const actionAt = actionTable(envs.actionSpace, numEnvs);
  await envs.reset({ seed: 0 });
  return { unit: () => envs.step(actionAt(time++)), includes };
}

const { unit, includes } = await (where === 'local' ? createLocal() : createRemote());
// V8 compiles what gRPC and MuJoCo need for a step in several rounds; before that a step takes five times as long.
for (let i = 0; i < warmUpUnits; i++) await unit();
introduce({ version: `Node ${process.version}`, includes, differs: '' });
await serveRequests(({ count: units }) =>
  timeInterval(async () => {
    for (let i = 0; i < units; i++) await unit();
  }),
);
