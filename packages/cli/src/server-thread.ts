/** A server of the CLI's own, in a worker thread: simulators and trainer do not wait for each other. */
import { parentPort } from 'node:worker_threads';
import { startEnvServer } from '@gymwire/env-server';

const server = await startEnvServer({ port: 0 });
parentPort?.postMessage(server.address);
parentPort?.once('message', () => {
  void server.shutdown().then(() => parentPort?.close());
});
