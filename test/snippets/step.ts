/** A first step over the wire: in `connect`'s doc comment. */
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
const address = server.address;

// #region connect
const connection = await connect(address);
const env = await connection.make('Pendulum-v1');
const first = await env.reset({ seed: 42 });
const second = await env.step([0.5]);
connection.close();
// #endregion

console.log(Object.keys(first).sort().join()); // info,observation
console.log(second.terminated || second.truncated); // false
await server.shutdown();
