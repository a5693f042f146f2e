import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { onTestFinished } from 'vitest';
import { type CountingOptions, countingRegistration } from './counting-env.ts';

/** A real server on a free port and a client connected to it; both end with the test. */
export async function serveCounting(
  options: CountingOptions,
  serverOptions: Partial<EnvServerOptions> = {},
  connectOptions: ConnectOptions = {},
) {
  const envs = [countingRegistration('Counting-v0', options)];
  const server = await startEnvServer({ envs, port: 0, ...serverOptions });
  const connection = await connect(server.address, connectOptions);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  return { server, connection };
}
