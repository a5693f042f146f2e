/** Reaching a server with a token, from a program. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const token = 'a-token-of-some-length';
const server = await startEnvServer({ envs: builtinEnvs, port: 0, token });
const address = server.address;

// #region connect
import { connect } from '@gymwire/agent-sdk';

const connection = await connect(address, { token, reconnectTimeoutMs: 60_000 });
console.log((await connection.listEnvs()).length > 0); // true
connection.close();
// #endregion

await server.shutdown();
