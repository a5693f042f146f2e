/**
 * How long a robot goes on when something happens to those who command it, by the clock of the simulated arm in
 * examples/robot: at 50 Hz and a watchdog of 200 ms, the safe action must come within 200 ms and two ticks after the
 * last action; within 200 ms and three ticks after the arm's last report, when its sensor falls silent: its driver hands
 * out each sample once and without an age, which then counts from the tick after it came; when the bridge itself dies, the
 * arm's own timeout must act.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRandomGenerator } from '@gymwire/env-server';
import { describeMachine } from '../support/machine.ts';
import { OptionError, parseOnce, positiveInteger } from '../support/option-values.ts';
import { bridgeSources, findPeersPython, howToGetWirePeers } from '../support/python-peers.ts';
import { median } from '../support/statistics.ts';
import { LineProcess } from './line-process.ts';
import { type SilentProxy, startSilentProxy } from './silent-proxy.ts';

const watchdogMs = 200;
const tickMs = 20;
const ownTimeoutMs = 500;
const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const built = `${examples}dist/robot/`;

const bridges = {
  typescript: (args: readonly string[]) => new LineProcess(process.execPath, [`${built}serve.js`, ...args]),
  python: (args: readonly string[]) => {
    const python = findPeersPython('wire');
    if (python === undefined) throw new Error(`no Python for the bridge: ${howToGetWirePeers}`);
    return new LineProcess(python, [`${examples}robot/serve.py`, ...args], { PYTHONPATH: bridgeSources });
  },
};

/** What happens, what the arm must log then, and within which time of what. */
const faults = {
  'trainer killed': { mode: 'safe', since: 'sinceActionMs', limitMs: watchdogMs + 2 * tickMs },
  'trainer stopped': { mode: 'safe', since: 'sinceActionMs', limitMs: watchdogMs + 2 * tickMs },
  'network silent': { mode: 'safe', since: 'sinceActionMs', limitMs: watchdogMs + 2 * tickMs },
  'sensor silent': { mode: 'safe', since: 'sinceReportMs', limitMs: watchdogMs + 3 * tickMs },
  'bridge killed': { mode: 'timeout', since: 'sinceCommandMs', limitMs: ownTimeoutMs + 2 * tickMs },
} as const;

type Fault = keyof typeof faults;

export async function runRobotBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'robot',
    summary: 'From the last action to the safe one when something fails, by the clock of the simulated arm.',
    args: [...args],
    options: {
      count: { type: 'string', default: '100', what: 'times that each fault is tried' },
      bridge: { type: 'string', default: 'typescript', what: 'typescript or python' },
      faults: { type: 'string', default: Object.keys(faults).join(','), what: 'faults to try' },
    },
  });
  const count = positiveInteger('count', values.count);
  if (!existsSync(built)) throw new Error(`${built} is missing: run npm run build`);
  const startBridge = bridges[oneOf('bridge', values.bridge, bridges)];
  const chosen = values.faults.split(',').map((name) => oneOf('faults', name, faults));
  console.log(`${values.bridge} bridge, 50 Hz, watchdog ${watchdogMs} ms; ${describeMachine()}\n`);
  const rows: Record<string, object> = {};
  for (const fault of chosen) rows[fault] = await repeat(fault, count, startBridge);
  console.table(rows);
}

async function repeat(fault: Fault, count: number, startBridge: (args: readonly string[]) => LineProcess) {
  const { since, limitMs } = faults[fault];
  const random = createRandomGenerator(1);
  const arm = new LineProcess(process.execPath, [
    `${built}simulated-arm.js`,
    '--log',
    '--timeout-ms',
    String(ownTimeoutMs),
  ]);
  const [, robot = ''] = await arm.nextMatch(/arm on (\S+)/);
  const times: number[] = [];
  let repeated = 0;
  let cell: Cell | undefined;
  try {
    while (times.length < count) {
      cell ??= await openCell(startBridge, robot);
      const ms = await measure(fault, arm, cell, random.uniform(0, 2 * tickMs));
      if (ms === undefined) repeated += 1;
      else times.push(ms);
      // Killed trainers leave sessions behind, of which a server holds 64.
      if (fault !== 'bridge killed' && (times.length + repeated) % 50 !== 0) continue;
      await closeCell(cell);
      cell = undefined;
    }
  } finally {
    if (cell !== undefined) await closeCell(cell);
    await arm.kill();
  }
  const within = times.filter((ms) => ms <= limitMs).length;
  return {
    'within limit': `${within} of ${count}`,
    'limit ms': limitMs,
    'p50 ms': Math.round(median(times)),
    'min ms': Math.round(Math.min(...times)),
    'max ms': Math.round(Math.max(...times)),
    since,
    repeated,
  };
}

interface Cell {
  readonly bridge: LineProcess;
  readonly proxy: SilentProxy;
}

async function openCell(startBridge: (args: readonly string[]) => LineProcess, robot: string): Promise<Cell> {
  const bridge = startBridge(['--robot', robot, '--port', '0']);
  const [, address = ''] = await bridge.nextMatch(/serving on (\S+)/);
  return { bridge, proxy: await startSilentProxy(address) };
}

async function closeCell({ bridge, proxy }: Cell): Promise<void> {
  proxy.close();
  await bridge.kill();
}

/**
 * @returns ms, by the arm's clock, from what it got last to what it must do; undefined where the machine has kept the
 * trainer waiting for so long that the watchdog acted before anything happened
 */
async function measure(
  fault: Fault,
  arm: LineProcess,
  cell: Cell,
  phaseMs: number,
): Promise<number | undefined> {
  const { mode, since } = faults[fault];
  const trainer = new LineProcess(process.execPath, [
    fileURLToPath(new URL('./trainer-process.js', import.meta.url)),
    cell.proxy.address,
  ]);
  try {
    await trainer.nextMatch(/^step 8$/);
    await new Promise((resolve) => setTimeout(resolve, phaseMs));
    if (!arm.last.includes('"mode":"controlled"')) return undefined;
    const outcome = arm.nextMatch(new RegExp(`"mode":"${mode}"`), 10_000);
    strike(fault, arm, trainer, cell);
    const line = JSON.parse((await outcome).input) as Readonly<Record<string, number>>;
    return line[since];
  } finally {
    arm.type('plug');
    await trainer.kill();
  }
}

function strike(fault: Fault, arm: LineProcess, trainer: LineProcess, { bridge, proxy }: Cell): void {
  switch (fault) {
    case 'trainer killed':
      trainer.child.kill('SIGKILL');
      return;
    case 'trainer stopped':
      trainer.child.kill('SIGSTOP');
      return;
    case 'network silent':
      return proxy.silence();
    case 'sensor silent':
      return arm.type('unplug');
    case 'bridge killed':
      bridge.child.kill('SIGKILL');
  }
}

function oneOf<T extends object>(flag: string, name: string, choices: T): keyof T {
  if (Object.hasOwn(choices, name)) return name as keyof T;
  throw new OptionError(`--${flag}: expected one of ${Object.keys(choices).join(', ')}, got ${name}`);
}
