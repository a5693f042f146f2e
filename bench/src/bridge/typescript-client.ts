/** The TypeScript client on a Python server: `typescript-client.js <id> <envs> <address>`; a unit is a step of all. */
import { connect } from '@gymwire/agent-sdk';
import { elementCount, type Space } from '@gymwire/protocol';
import { timeCall } from '../support/statistics.ts';
import { introduce, serveRequests } from '../support/subject-process.ts';

const [envId = '', count = '', address = ''] = process.argv.slice(2);
const numEnvs = Number(count);
const connection = await connect(address);

async function createUnit(): Promise<() => Promise<unknown>> {
  if (numEnvs === 1) {
    const env = await connection.make(envId, { maxEpisodeSteps: 0 });
    await env.reset({ seed: 0 });
    const action = new Array<number>(sizeOf(env.actionSpace)).fill(0.5);
    return () => env.step(action);
  }
  const envs = await connection.makeVector(envId, { numEnvs });
  await envs.reset({ seed: 0 });
  const actions = new Float32Array(numEnvs * sizeOf(envs.actionSpace)).fill(0.5);
  return () => envs.step(actions);
}

function sizeOf(space: Space): number {
  return space.type === 'box' ? elementCount(space.low.shape) : 1;
}

const unit = await createUnit();
introduce({ version: `Node ${process.version}`, includes: 'client here, arrays decoded', differs: '' });
await serveRequests(async ({ count: units }) => {
  const series: number[] = [];
  for (let i = 0; i < units; i++) series.push(await timeCall(unit));
  return { seconds: series.reduce((sum, time) => sum + time, 0) / 1e9, cpuSeconds: 0, series };
});
