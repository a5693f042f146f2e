/** Ending a training from code. */
import { train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
const options = { envId: 'Pendulum-v1', totalEnvSteps: 20_000 };

// #region stop
const stop = new AbortController();
const { status, envSteps } = await train({
  server: server.address,
  options,
  signal: stop.signal,
  onProgress(event) {
    if (event.type === 'step' && event.envSteps >= 1_200) stop.abort();
  },
});
// #endregion

console.log(status); // interrupted
console.log(envSteps); // 1200
await server.shutdown();
