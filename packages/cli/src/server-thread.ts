/** A server of the CLI's own, in a worker thread: simulators and trainer do not wait for each other. */
import { parentPort, workerData } from 'node:worker_threads';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const { envThreads } = workerData as { readonly envThreads?: number };
const server = await startEnvServer({
  envs: builtinEnvs,
  port: 0,
  ...(envThreads !== undefined && { envThreads }),
});
parentPort?.postMessage(server.address);
parentPort?.once('message', () => {
  void server.shutdown().then(() => parentPort?.close());
});
