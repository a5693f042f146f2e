/** Serves the cart beside the built-in environments: `node examples/dist/own-env/serve.js [port]`. */
import '../plain-errors.ts';
import { builtinEnvs, createEnvRegistry, startEnvServer } from '@gymwire/env-server';
import { cart } from './cart.ts';

const registry = createEnvRegistry([...builtinEnvs, cart]);
const server = await startEnvServer({ registry, port: Number(process.argv[2] ?? 50051) });
console.log(`serving on ${server.address} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.shutdown());
