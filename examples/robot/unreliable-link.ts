/**
 * A bad network between driver and arm: datagrams come late, get lost, or stop altogether.
 * `node examples/dist/robot/unreliable-link.js --target 127.0.0.1:7000 [--port 0] [--delay-ms 20] [--jitter-ms 10]
 * [--loss 0.1] [--seed 1]`; the lines `silence` and `talk` on its input switch it off and on.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createRandomGenerator } from '@gymwire/env-server';
import { refuseOption } from '../plain-errors.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    port: { type: 'string', default: '0' },
    'delay-ms': { type: 'string', default: '0' },
    'jitter-ms': { type: 'string', default: '0' },
    loss: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.target === undefined) refuseOption('--target: expected the address of the arm, host:port');
const [host = '', port = ''] = values.target.split(':');
const [delayMs, jitterMs, loss] = [values['delay-ms'], values['jitter-ms'], values.loss].map(Number);
const random = createRandomGenerator(Number(values.seed));

let isSilent = false;
let driver: Pick<RemoteInfo, 'address' | 'port'> | undefined;
const towardsDriver = createSocket('udp4');
const towardsArm = createSocket('udp4');

/** Later than it came, perhaps after what came later, perhaps not at all. */
function pass(send: () => void): void {
  if (isSilent || random.random() < loss) return;
  const ms = delayMs + random.uniform(0, jitterMs);
  if (ms === 0) send();
  // Silence also swallows what is under way.
  else setTimeout(() => isSilent || send(), ms);
}

towardsDriver.on('message', (datagram, { address, port: from }) => {
  driver = { address, port: from };
  pass(() => towardsArm.send(datagram, Number(port), host));
});
towardsArm.on('message', (datagram) => {
  const to = driver;
  if (to !== undefined) pass(() => towardsDriver.send(datagram, to.port, to.address));
});
for (const socket of [towardsDriver, towardsArm]) {
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // A link without a port is none; what one datagram met is no reason to end.
    if (error.syscall === 'bind') throw error;
    console.error(error.message);
  });
}

towardsDriver.bind(Number(values.port), '127.0.0.1', () => {
  console.log(`link on 127.0.0.1:${towardsDriver.address().port} to ${values.target}`);
});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  isSilent = line === 'silence';
  console.log(isSilent ? 'silent' : 'talking');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    lines.close();
    towardsDriver.close();
    towardsArm.close();
  });
}
