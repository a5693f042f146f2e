/** Serves the arm: `node examples/dist/reach-arm/serve.js [port]`. */
import '../plain-errors.ts';
import { startEnvServer } from '@gymwire/env-server';
import { reachArm } from './reach-arm.ts';

const server = await startEnvServer({
  envs: [reachArm],
  port: Number(process.argv[2] ?? 50051),
});
console.log(`serving on ${server.address} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.shutdown());
