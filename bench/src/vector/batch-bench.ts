/**
 * Simulators that step many environments at once, each as one session: a step here, over the wire, on a bare grpcio stream of
 * the same bytes, and inside such a stream's server, in turn. Then a training on as many environments of one, beside as many single ones.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { bridgeSources, findPeersPython, howToGetBatchPeers, pythonScript } from '../support/python-peers.ts';
import { formatTable, type Row } from '../support/report.ts';
import { measureTrainings, type Training } from './trainings.ts';

/** What batch_subject.py prints of a simulator; times in microseconds. */
type Told =
  | { readonly name: string; readonly missing: string }
  | {
      readonly name: string;
      readonly missing?: undefined;
      readonly sent: number;
      readonly received: number;
      readonly native: number;
      readonly wire: number;
      readonly bare: number;
      /** The simulator in a bare grpcio server: nothing is looked at, and only its time travels. */
      readonly inside: number;
      /** Medians of each round's own: native / wire, inside / wire, and wire / (bare + native). */
      readonly ofNative: number;
      readonly ofInside: number;
      readonly timesBare: number;
    };

/** What a batch session is held to: either of the first two, and the third where a native step takes as long as that. */
const bounds = { leastOfNative: 0.5, mostTimesBare: 1.3, leastOfSlow: 0.9, slowUs: 2_000 };

export async function runBatchBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'batch',
    summary: 'Batch simulators as one session: native, over the wire, bare grpcio, and a training.',
    args: [...args],
    options: {
      envs: { type: 'string', default: '256', what: 'environments of a batch' },
      rounds: { type: 'string', default: '20', what: 'rounds, in turn' },
      steps: { type: 'string', default: '50', what: 'steps of a round' },
      'train-envs': { type: 'string', default: '64', what: 'environments of a training' },
      'train-steps': { type: 'string', default: '20000', what: 'environment steps of a training' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const count = (flag: 'envs' | 'rounds' | 'steps' | 'train-envs' | 'train-steps') =>
    positiveInteger(flag, values[flag]);
  const python = findPeersPython('batch');
  if (python === undefined) {
    console.log(`no Python that has the simulators: ${howToGetBatchPeers}`);
    return;
  }
  const told = await measureSteps(
    python,
    ['all', count('envs'), count('rounds'), count('steps')].map(String),
  );
  const trainings = await measureTrainings(python, count('train-envs'), count('train-steps'));
  const missing = told.flatMap(({ name, missing: why }) =>
    why === undefined ? [] : [`- ${name} is missing: ${why}`],
  );
  const text = [
    `A step of ${values.envs} environments, µs, medians of ${values.rounds} rounds of ${values.steps} steps in turn. Bare: a grpcio ` +
      'stream of the same bytes between two Python processes. Inside: that stream with the simulator stepped in its server, which ' +
      'is as near to native as grpcio comes. Ratios are medians of the rounds’ own. ' +
      `Held: ≥ ${bounds.leastOfNative} × native, or ≤ ${bounds.mostTimesBare} × bare and native; where a native step takes ` +
      `${bounds.slowUs / 1000} ms or more, ≥ ${bounds.leastOfSlow} × native.`,
    formatTable(told.flatMap((one) => (one.missing === undefined ? [stepRow(one)] : []))),
    `A training on ${values['train-envs']} environments, ${values['train-steps']} steps.`,
    formatTable(trainings.map(trainingRow)),
    ...missing,
  ].join('\n\n');
  publish({ name: 'batch', title: 'Batch simulators', text, data: { told, trainings } }, values.save);
}

async function measureSteps(python: string, args: readonly string[]): Promise<Told[]> {
  const child = spawn(python, ['-W', 'ignore', pythonScript('batch_subject.py'), ...args], {
    env: { ...process.env, PYTHONPATH: bridgeSources },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: Told[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const one = JSON.parse(line) as Told;
    process.stderr.write(`${one.name}\n`);
    told.push(one);
  }
  return told;
}

function stepRow(told: Exclude<Told, { missing: string }>): Row {
  const { name, sent, received, native, wire, bare, inside, ofNative, ofInside, timesBare } = told;
  return {
    simulator: name,
    bytes: `${sent} / ${received}`,
    native: native.toFixed(0),
    wire: wire.toFixed(0),
    bare: bare.toFixed(0),
    inside: inside.toFixed(0),
    'native / wire': ofNative.toFixed(2),
    'inside / wire': ofInside.toFixed(2),
    'wire / (bare + native)': timesBare.toFixed(2),
    held: isHeld(told) ? 'yes' : 'no',
  };
}

function isHeld({ native, ofNative, timesBare }: Exclude<Told, { missing: string }>): boolean {
  if (native >= bounds.slowUs) return ofNative >= bounds.leastOfSlow;
  return ofNative >= bounds.leastOfNative || timesBare <= bounds.mostTimesBare;
}

function trainingRow({ name, updates, stepsPerSecond }: Training): Row {
  return { environments: name, 'updates a step': updates, 'steps/s': stepsPerSecond.toFixed(0) };
}
