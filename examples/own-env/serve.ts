/** Serves the cart beside the built-in environments: `node examples/dist/own-env/serve.js [port]`. */
import '../plain-errors.ts';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { cart } from './cart.ts';

const envs = [...builtinEnvs, cart];
const server = await startEnvServer({ envs, port: Number(process.argv[2] ?? 50051) });
console.log(`serving on ${server.address} (Ctrl-C stops)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.shutdown());
