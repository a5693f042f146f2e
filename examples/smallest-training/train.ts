/** The smallest training there is, from nothing to a file: `node examples/dist/smallest-training/train.js`. */
import '../plain-errors.ts';
// #region train
import { evaluatePolicy, train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { builtinEnvs } from '@gymwire/simulators';

// Or one elsewhere: only its address matters.
const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
const { best, policy } = await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 7_000 },
});
const learnt = best ?? policy;
const { meanReturn } = await evaluatePolicy({ server: server.address, policy: learnt });
const { bytes, parity } = await exportPolicy(learnt);
await writePolicyFile('policy.onnx', bytes);
console.log(`policy.onnx: return ${meanReturn.toFixed(1)}, parity ${parity.maxError.toExponential(1)}`);
await server.shutdown();
// #endregion
