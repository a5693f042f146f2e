// Bundled: exports a policy, loads it and acts.
import { exportPolicy, OnnxPolicy } from '@gymwire/exporter';

const { bytes } = await exportPolicy({
  envId: 'Tiny-v0',
  envSteps: 0,
  configHash: '0'.repeat(64),
  actor: [{ inputs: 1, outputs: 1, weight: Float32Array.of(1), bias: Float32Array.of(0) }],
  actionLow: Float32Array.of(-2),
  actionHigh: Float32Array.of(2),
  observationLow: Float32Array.of(-8),
  observationHigh: Float32Array.of(8),
});
const policy = await OnnxPolicy.load(bytes);
const [action] = await policy.act([1]);
await policy.dispose();
process.stdout.write(`${action.toFixed(4)}\n`);
