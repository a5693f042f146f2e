/** A run in a folder, which goes on where it was. */
import { existsSync } from 'node:fs';
import { train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 600 },
  runFolder: 'runs/pendulum',
});

// #region resume
const runFolder = 'runs/pendulum';
const { status, envSteps } = await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 1_200 },
  runFolder,
  resume: existsSync(runFolder), // go on with the run that is there; without one, begin
});
// #endregion

console.log(status); // completed
console.log(envSteps); // 1200
await server.shutdown();
