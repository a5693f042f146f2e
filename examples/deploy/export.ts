/**
 * Trains for a moment, exports, and has the file checked from itself alone: `node examples/dist/deploy/export.js [file]`.
 * The programs beside this one run that file and know nothing of gymwire's trainer.
 */
import '../plain-errors.ts';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { train } from '@gymwire/agent-sdk';
import { exportPolicy, verifyPolicy, writePolicyFile } from '@gymwire/exporter';
import { openServer } from '../open-server.ts';
import { stopOnRequest } from '../stop-signal.ts';

const [path = 'runs/deploy/policy.onnx', steps = '7000', address] = process.argv.slice(2);
const signal = stopOnRequest();
const server = await openServer(address);
const { best, policy } = await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: Number(steps) },
  signal,
});
signal.throwIfAborted();
await server.shutdown();

const { bytes } = await exportPolicy(best ?? policy);
await mkdir(dirname(path), { recursive: true });
await writePolicyFile(path, bytes);
const report = await verifyPolicy(path);
if (!report.ok) throw Object.assign(new Error(report.message), { code: report.code });
console.log(`${path}: ${bytes.length} bytes, verified; run it with act.js, act.py or the page`);
