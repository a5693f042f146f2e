/** Runs the file that train.ts wrote: `node examples/dist/smallest-training/deploy.js`. */
import '../plain-errors.ts';
// #region deploy
import { OnnxPolicy } from '@gymwire/exporter';

const policy = await OnnxPolicy.load('policy.onnx'); // refuses a file that was damaged or changed
const action = await policy.act(Float32Array.of(1, 0, 0)); // upright, at rest
console.log(policy.metadata.envId, action);
await policy.dispose();
// #endregion
