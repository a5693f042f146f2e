/**
 * An arm with one motor, as a robot is: a process of its own that moves in wall-clock time whether or not anybody
 * commands it. `node examples/dist/robot/simulated-arm.js [--port 0] [--timeout-ms 300] [--log]`
 *
 * The timeout is the robot's own, and every real robot needs one: when commands stop coming, because a cable broke
 * or the computer with the driver died, nobody but the robot itself can stop the motor.
 */
import './end-with-parent.ts';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { refuseOption } from '../plain-errors.ts';
import { type ArmState, parseRequest } from './arm-protocol.ts';

/** Physics steps a second; every fifth is reported. */
const RATE_HZ = 500;
const TIME_STEP = 1 / RATE_HZ;
const TICKS_A_REPORT = 5;
/** rad/s², of gravity and of the motor at full torque. */
const GRAVITY = 15;
const STRENGTH = 30;
/** 1/s, of a free joint and of one whose motor brakes. */
const FRICTION = 1;
const BRAKE = 20;

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'timeout-ms': { type: 'string', default: '300' },
    log: { type: 'boolean', default: false },
  },
});
const timeoutMs = Number(options['timeout-ms']);
if (!(timeoutMs > 0)) refuseOption(`--timeout-ms: expected a time, got ${options['timeout-ms']}`);

let [tick, angle, speed] = [0, Math.PI, 0];
let [torque, isPressed, isBraked, isTimedOut] = [0, false, false, true];
let lastSequence = -1;
let [lastCommandMs, lastActionMs] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
let [lastReportMs, isMute] = [Number.NEGATIVE_INFINITY, false];
let mode = '';
let controller: { readonly address: string; readonly port: number } | undefined;

/** One line for each change of who is in control, by the arm's own clock. */
function enter(next: string): void {
  if (next === mode) return;
  mode = next;
  if (!options.log) return;
  const nowMs = performance.now();
  const since = (ms: number) => (Number.isFinite(ms) ? nowMs - ms : null);
  const line = {
    mode,
    tick,
    sinceActionMs: since(lastActionMs),
    sinceCommandMs: since(lastCommandMs),
    sinceReportMs: since(lastReportMs),
  };
  console.log(JSON.stringify(line));
}

function simulate(): void {
  const push = isPressed || isBraked ? -BRAKE * speed : STRENGTH * torque;
  speed += (GRAVITY * Math.sin(angle) + push - FRICTION * speed) * TIME_STEP;
  angle += speed * TIME_STEP;
  if (Math.abs(angle) > Math.PI) angle -= 2 * Math.PI * Math.sign(angle);
  tick += 1;
}

const socket = createSocket('udp4');

socket.on('message', (datagram, { address, port }) => {
  const request = parseRequest(datagram);
  if (request === undefined) return;
  const isNewController = controller?.port !== port || controller.address !== address;
  if (!isNewController && request.sequence <= lastSequence) return;
  lastSequence = request.sequence;
  controller = { address, port };
  if (request.type !== 'command') {
    isBraked = request.type === 'stop';
    enter(isBraked ? 'braked' : 'released');
    return;
  }
  torque = request.torque;
  // What the line tells is the time since the action before, so it is written first.
  if (!isPressed && !isBraked)
    enter(request.kind === 'hold' || request.kind === 'action' ? 'controlled' : request.kind);
  lastCommandMs = performance.now();
  if (request.kind === 'action') lastActionMs = lastCommandMs;
  isTimedOut = false;
});

function report(): void {
  if (controller === undefined || isMute) return;
  lastReportMs = performance.now();
  const state: ArmState = { type: 'state', tick, angle, speed, isPressed, isBraked };
  socket.send(JSON.stringify(state), controller.port, controller.address);
}

/** Physics catches up with the clock: time does not stop for a process that was not scheduled. */
const startMs = performance.now();
const timer = setInterval(() => {
  if (!isTimedOut && performance.now() - lastCommandMs >= timeoutMs) {
    isTimedOut = true;
    torque = 0;
    enter('timeout');
  }
  const due = Math.floor(((performance.now() - startMs) / 1000) * RATE_HZ);
  while (tick < due) {
    simulate();
    if (tick % TICKS_A_REPORT === 0) report();
  }
}, 2);

// A callback of `bind` hears nothing of a port that is taken, and nobody else would.
socket.on('error', (error) => {
  throw error;
});
socket.bind(Number(options.port), '127.0.0.1', () => {
  console.log(`arm on ${socket.address().address}:${socket.address().port}`);
});

/**
 * What those who stand beside the arm type. Its red button: `press`, and `turn` to pull it out again. The cable of its sensor:
 * `unplug`, after which the arm moves as it is told and reports nothing, and `plug`.
 */
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'plug' || line === 'unplug') {
    isMute = line === 'unplug';
    return;
  }
  isPressed = line === 'press';
  enter(isPressed ? 'pressed' : 'turned back');
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    socket.close();
    lines.close();
  });
}
