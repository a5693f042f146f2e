/** Training against a server, from a program: in `train`'s doc comment. */
import { train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
const address = server.address;

// #region train
const { best, status } = await train({
  server: address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 7_000 },
  onProgress(event) {
    if (event.type === 'evaluation') console.log(event.envSteps, event.meanReturn);
  },
});
// #endregion
console.log(status); // completed
if (best === null) throw new Error('expected an evaluation');

await server.shutdown();
