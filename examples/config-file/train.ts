/** A training from a config file, from a program of one's own: `node examples/dist/config-file/train.js [file] [address]`. */
import '../plain-errors.ts';
import { fileURLToPath } from 'node:url';
import { openServer } from '../open-server.ts';
import { trainFile } from './train-file.ts';

const ours = fileURLToPath(new URL('../../config-file/pendulum.yaml', import.meta.url));
const [file = ours, address] = process.argv.slice(2);
const server = await openServer(address);
const { status, envSteps, best } = await trainFile(file, server.address);
console.log(`${status} after ${envSteps} steps: return ${best?.evaluation?.meanReturn.toFixed(1)}`);
await server.shutdown();
