/** What an observation is in TypeScript. */
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
const connection = await connect(server.address);
const env = await connection.make('Pendulum-v1');

// #region tensor
import type { Tensor } from '@gymwire/protocol';

const { observation } = await env.reset({ seed: 42 });
const [cosine = 0, sine = 0, speed = 0] = (observation as Tensor<'float32'>).data;
// #endregion

console.log(Math.abs(cosine ** 2 + sine ** 2 - 1) < 1e-6 && Math.abs(speed) <= 8); // true
connection.close();
await server.shutdown();
