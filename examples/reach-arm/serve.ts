/** Serves the arm: `node examples/dist/reach-arm/serve.js [port]`. */
import '../plain-errors.ts';
import { createEnvRegistry, startEnvServer } from '@gymwire/env-server';
import { reachArm } from './reach-arm.ts';

const server = await startEnvServer({
  registry: createEnvRegistry([reachArm]),
  port: Number(process.argv[2] ?? 50051),
});
console.log(`serving on ${server.address} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.shutdown());
