/**
 * Trains on the cart and exports the policy: `node examples/dist/own-env/train.js [address [folder [steps]]]`.
 * Knows the environment by its id only; the simulator is on the other side of the wire: at the address, or, without one, in
 * a server of this program's own.
 */
import '../plain-errors.ts';
import { join } from 'node:path';
import { evaluatePolicy, train } from '@gymwire/agent-sdk';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { openServer } from '../open-server.ts';
import { stopOnRequest } from '../stop-signal.ts';
import { cart } from './cart.ts';

const [address, folder = 'runs/cart', steps = '5000'] = process.argv.slice(2);
const signal = stopOnRequest();
const host = await openServer(address, [cart]);
const server = host.address;

const { best } = await train({
  server,
  options: {
    envId: 'Cart-v0',
    envArguments: { friction: 0.3 },
    totalEnvSteps: Number(steps),
    learningStarts: 500,
    evaluationInterval: 500,
    gamma: 0.95,
    hiddenSizes: [64, 64],
    batchSize: 128,
    actorLearningRate: 1e-3,
    criticLearningRate: 1e-3,
  },
  runFolder: folder,
  signal,
  onProgress(event) {
    if (event.type === 'evaluation') {
      console.log(`step ${event.envSteps}: return ${event.meanReturn.toFixed(1)}`);
    }
  },
});
signal.throwIfAborted();
if (best === null) throw new Error('the training was too short for an evaluation');

const test = await evaluatePolicy({ server, policy: best, signal });
console.log(`return ${test.meanReturn.toFixed(1)} over ${test.episodes} episodes that nothing was chosen by`);

const { bytes } = await exportPolicy(best);
await writePolicyFile(join(folder, 'policy.onnx'), bytes);
console.log(`exported ${join(folder, 'policy.onnx')}`);
await host.shutdown();
