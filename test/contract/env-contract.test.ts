/** One contract for every environment: in process, over the wire, and on a fleet of servers. */
import { connect, connectFleet, type EnvConnection } from '@gymwire/agent-sdk';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe } from 'vitest';
import { checkVectorEnv, type ExpectedEnv } from '../support/check-vector-env.ts';
import { makeLocalEnv } from '../support/local-env.ts';

const builtin: readonly ExpectedEnv[] = [
  { envId: 'Pendulum-v1', observationShape: [3], actionShape: [1], maxEpisodeSteps: 200 },
  { envId: 'MountainCarContinuous-v0', observationShape: [2], actionShape: [1], maxEpisodeSteps: 999 },
];

let server: EnvServer;
let second: EnvServer;
let connection: EnvConnection;
let fleet: EnvConnection;
beforeAll(async () => {
  server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  second = await startEnvServer({ envs: builtinEnvs, port: 0 });
  connection = await connect(server.address);
  fleet = await connectFleet([server.address, second.address]);
});
afterAll(async () => {
  connection.close();
  fleet.close();
  await server.shutdown();
  await second.shutdown();
});

describe.each(builtin)('$envId', (expected) => {
  const { envId } = expected;
  describe('in process', () => {
    checkVectorEnv((request) => makeLocalEnv({ envId, ...request }), expected);
  });
  describe('over the wire', () => {
    checkVectorEnv((request) => connection.makeVector(envId, request), expected);
  });
  describe('over the wire, on two servers', () => {
    checkVectorEnv((request) => fleet.makeVector(envId, request), expected);
  });
});
