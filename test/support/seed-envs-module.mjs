/** What a user's module for `trainSeeds` looks like: each run's process imports it. */
import { connect } from '@gymwire/agent-sdk';

/** @type {import('@gymwire/agent-sdk/parts').OpenEnvs<{ readonly server: string }>} */
export async function openEnvs({ server }) {
  const connection = await connect(server);
  return { source: { connection }, close: async () => connection.close() };
}
