/** A training from a config file, from a program of one's own: `node examples/dist/config-file/train.js [file]`. */
import '../plain-errors.ts';
import { fileURLToPath } from 'node:url';
// #region train
import { train } from '@gymwire/agent-sdk';
import { readTrainConfig } from '@gymwire/agent-sdk/parts';
import { openServer } from '../open-server.ts';

const ours = fileURLToPath(new URL('../../config-file/pendulum.yaml', import.meta.url));
const { options, settings } = await readTrainConfig(process.argv[2] ?? ours);
const { envId = 'Pendulum-v1' } = options;
const { learner, out: runFolder } = settings;

const server = await openServer(typeof settings.server === 'string' ? settings.server : undefined);
const request = { server: server.address, options: { ...options, envId }, learner, runFolder };
const { status, envSteps, best } = await train(request);
console.log(`${status} after ${envSteps} steps: return ${best?.evaluation?.meanReturn.toFixed(1)}`);
await server.shutdown();
// #endregion
