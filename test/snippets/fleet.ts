/** A training on several servers, from a program. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const servers = [
  await startEnvServer({ envs: builtinEnvs, port: 0 }),
  await startEnvServer({ envs: builtinEnvs, port: 0 }),
];
const addresses = servers.map(({ address }) => address);

// #region fleet
import { connectFleet, train } from '@gymwire/agent-sdk';

const fleet = await connectFleet(addresses, { onFleet: (event) => console.log(event) });
const options = { envId: 'Pendulum-v1', numEnvs: 8, totalEnvSteps: 400, learningStarts: 200 };
const { status } = await train({ connection: fleet, options });
console.log(status); // completed
fleet.close();
// #endregion

await Promise.all(servers.map((server) => server.shutdown()));
