/**
 * Trains on an environment that Python simulates: real Gymnasium, served by gymwire's bridge in a process of its own, which this
 * program starts and ends. `node examples/dist/python-simulator/train.js [python [environment [steps]]]`
 */
import '../plain-errors.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { train } from '@gymwire/agent-sdk';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { stopOnRequest } from '../stop-signal.ts';

const [python = 'python3', envId = 'Pendulum-v1', steps = '7000'] = process.argv.slice(2);
const signal = stopOnRequest();

const serve = ['-m', 'gymwire', '--json', 'serve', envId, '--port', '0'];
const server = spawn(python, serve, { stdio: ['ignore', 'pipe', 'pipe'] });
try {
  const address = await addressOf(server);
  console.log(`${python} serves ${envId} on ${address}`);
  const { best, policy } = await train({
    server: address,
    options: { envId, totalEnvSteps: Number(steps) },
    signal,
    onProgress(event) {
      if (event.type === 'evaluation')
        console.log(`step ${event.envSteps}: return ${event.meanReturn.toFixed(1)}`);
    },
  });
  signal.throwIfAborted();
  const { bytes } = await exportPolicy(best ?? policy);
  await writePolicyFile('policy.onnx', bytes);
  console.log(`policy.onnx: ${bytes.length} bytes, learnt from ${envId} in Python`);
} finally {
  server.kill();
}

/** What the bridge prints once it listens; what it says on stderr, when it does not. */
async function addressOf({ stdout, stderr }: ChildProcess): Promise<string> {
  let [said, complaint] = ['', ''];
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const failed = new Promise<never>((_, reject) => server.once('error', reject));
  const ended = once(server, 'close').then(() => undefined);
  for (;;) {
    const address = /"address": "([^"]+)"/.exec(said)?.[1];
    if (address !== undefined) return address;
    const next = once(stdout as NonNullable<typeof stdout>, 'data').then(([text]) => String(text));
    const part = await Promise.race([next, ended, failed]).catch((error: Error) => refuse(error.message));
    if (part === undefined) refuse(complaint.trimEnd().split('\n').at(-1) ?? '');
    said += part;
  }
}

function refuse(why: string): never {
  const message =
    `${python} does not serve ${envId}: ${why}; is the bridge installed (\`pip install ./bridges/python\`)? ` +
    'Another Python is named by the first argument';
  throw Object.assign(new Error(message), { code: 'PYTHON_FAILED' });
}
