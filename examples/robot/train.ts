/**
 * Trains on the arm and tests what it learnt: `node examples/dist/robot/train.js [address [folder [steps]]]`. A step
 * takes 40 ms, whatever the computer: 2000 of them are 80 s of the arm's life, and evaluations come on top.
 */
import '../plain-errors.ts';
import './end-with-parent.ts';
import { join } from 'node:path';
import { connect, evaluatePolicy, train } from '@gymwire/agent-sdk';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { stopOnRequest } from '../stop-signal.ts';

const [address = '127.0.0.1:50051', folder = 'runs/arm', steps = '2000'] = process.argv.slice(2);
const signal = stopOnRequest();

// A reset may wait for a person: half an hour. A step does not, since none resets by itself (`disabled`). Whether the
// server still lives is known from its pings.
const connection = await connect(address, { callDeadlineMs: 30 * 60_000, stepDeadlineMs: 10_000 });
const { policy, best } = await train({
  connection,
  options: {
    envId: 'SwingArm-v0',
    autoresetMode: 'disabled',
    totalEnvSteps: Number(steps),
    learningStarts: Math.min(300, Math.floor(Number(steps) / 4)),
    evaluationInterval: Math.min(500, Number(steps)),
    evaluationEpisodes: 2,
    gradientStepsPerTransition: 2,
    gamma: 0.97,
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

const snapshot = best ?? policy;
const test = await evaluatePolicy({
  connection,
  policy: snapshot,
  episodes: 3,
  seed: 0,
  autoresetMode: 'disabled',
  signal,
});
console.log(`return of the best policy ${test.meanReturn.toFixed(1)} over ${test.episodes} episodes`);
connection.close();

const { bytes } = await exportPolicy(snapshot);
await writePolicyFile(join(folder, 'policy.onnx'), bytes);
console.log(`exported ${join(folder, 'policy.onnx')}`);
