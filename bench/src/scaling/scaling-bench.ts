/**
 * How many hosts one trainer can use: what its parts cost is measured here; what comes of it for up to 1 000 hosts is computed,
 * and simulated for 100.
 */
import { readFileSync } from 'node:fs';
import { replayByteLength } from '@gymwire/agent-sdk/parts';
import { createCodecRun } from '../env/codec-run.ts';
import { makeLocalSession } from '../env/local-session.ts';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import { type Fleet, type FleetRun, simulateFleet, type TrainerCosts } from './fleet-model.ts';
import { paceSetter, stepParts, transitionsPerSecond, usefulHosts } from './limits.ts';
import { type MeasuredCosts, measureCosts } from './measure-costs.ts';
import { type Comparison, compareFleet, type RealFleet } from './real-fleet.ts';

const hour = 3_600_000;
const envsPerHost = 8;
const delays = [1, 10, 50];

/** What people train: how long a step takes, and how much is learnt from it. */
const tasks = [
  { name: 'HalfCheetah-v5 (0.05 ms a step), an update a transition', stepMs: 0.05, updatesPerTransition: 1 },
  { name: '5 ms a step, an update a transition', stepMs: 5, updatesPerTransition: 1 },
  { name: '5 ms a step, an update for 20 transitions', stepMs: 5, updatesPerTransition: 0.05 },
  { name: '50 ms a step, an update a transition', stepMs: 50, updatesPerTransition: 1 },
  { name: '50 ms a step, an update for 20 transitions', stepMs: 50, updatesPerTransition: 0.05 },
] as const;

export async function runScalingBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'scaling',
    summary:
      'How many hosts one trainer can use: costs measured here, fleets of up to 1000 computed and simulated.',
    args: [...args],
    options: {
      runs: { type: 'string', default: '40', what: 'short runs of each cost, of which the fastest counts' },
      measured: {
        type: 'string',
        default: '',
        what: 'a saved run, scaling.json: computes and simulates anew with what was measured then',
      },
      real: { type: 'boolean', default: false, what: 'also train over real servers on this machine' },
      save: { type: 'boolean', default: false, what: 'write the tables and every figure to bench/results' },
    },
  });
  const known = values.measured === '' ? undefined : savedRun(values.measured);
  const costs = known?.costs ?? (await measureCosts(positiveInteger('runs', values.runs)));
  const bytes = await stepBytes();
  const simulated = simulations(costs);
  const compared = values.real ? await comparisons(costs) : (known?.compared ?? []);
  const text = [
    `Measured: HalfCheetah’s sizes (observation 17, action 6), 256-256, batch 256, compiled learner in its thread`,
    formatTable(costRows(costs)),
    formatTable(costs.steps.map((step) => fitRow(step, costs))),
    'Computed of these: where each part ends',
    formatTable(endRows(costs, bytes)),
    formatTable(replayRows()),
    `Computed: transitions/s of so many hosts with ${envsPerHost} environments each, and the number beyond which another one helps no longer`,
    formatTable(hostRows(costs)),
    `Simulated: two hours of 100 hosts with ${envsPerHost} environments each, 5 ms a step ± 10 %; where hosts fail, each does once in 10 hours`,
    formatTable(simulated.map(({ row }) => row)),
    ...(compared.length > 0 ? [aboutReal, formatTable(compared.map(comparisonRow))] : []),
  ].join('\n\n');
  const data = { costs, bytes, tasks: limitsOf(costs), simulated, compared };
  publish({ name: 'scaling', title: 'How many hosts one trainer can use', text, data }, values.save);
}

interface SavedRun {
  readonly costs: MeasuredCosts;
  readonly compared: readonly Comparison[];
}

function savedRun(path: string): SavedRun {
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly data: SavedRun }).data;
}

const aboutReal =
  'Real: a training over so many servers on this machine, an environment each, that sleeps; ms of a step of all, the fastest tenth and the median of 200';

/** What 2 cores can do: trainer, learner and all servers share them. */
const realFleets: readonly RealFleet[] = [
  { hosts: 4, sleepMs: 50, updatesPerTransition: 1 },
  { hosts: 16, sleepMs: 50, updatesPerTransition: 1 },
  { hosts: 32, sleepMs: 50, updatesPerTransition: 1 },
  { hosts: 100, sleepMs: 50, updatesPerTransition: 0.05 },
];

async function comparisons(costs: TrainerCosts): Promise<Comparison[]> {
  const compared: Comparison[] = [];
  for (const fleet of realFleets) compared.push(await compareFleet(costs, fleet, 200));
  return compared;
}

function comparisonRow({ hosts, sleepMs, updatesPerTransition, ...ms }: Comparison): Row {
  return {
    hosts,
    'a step sleeps, ms': sleepMs,
    'updates a transition': updatesPerTransition,
    simulated: ms.simulatedMs.toFixed(1),
    'real, fastest tenth': ms.realMs.toFixed(1),
    'real, median': ms.medianMs.toFixed(1),
  };
}

const us = (ms: number) => `${(ms * 1e3).toFixed(1)} µs`;

function costRows({ updateMs, drawMs, messageMs, actMs, rowMs }: TrainerCosts): Row[] {
  const row = (what: string, where: string, cost: string): Row => ({ what, where, cost });
  return [
    row('an update, its batch drawn from 10⁶ transitions', 'learner', `${updateMs.toFixed(2)} ms`),
    row('of it, drawing', 'trainer’s thread', us(drawMs)),
    row('a step of a host, whatever it carries', 'trainer’s thread', us(messageMs)),
    row('an action of the actor, an environment', 'trainer’s thread', us(actMs)),
    row('codec and storing, an environment', 'trainer’s thread', us(rowMs)),
  ];
}

/** How well two numbers a step describe what was measured. */
function fitRow(step: MeasuredCosts['steps'][number], { messageMs, codecMs }: MeasuredCosts): Row {
  const { hosts, envsPerHost: envs, cpuMs } = step;
  return {
    hosts,
    'environments a host': envs,
    'CPU a step, measured': us(cpuMs),
    fitted: us(hosts * messageMs + hosts * envs * codecMs),
  };
}

/** Bytes of a step of a host, HalfCheetah-v5, gRPC's prefixes with them. */
async function stepBytes() {
  const session = await makeLocalSession({ envId: 'HalfCheetah-v5', numEnvs: envsPerHost });
  const { requestBytes, responseBytes } = await createCodecRun(session, new Float32Array(envsPerHost * 6));
  return { requestBytes, responseBytes };
}

function endRows(costs: TrainerCosts, bytes: { requestBytes: number; responseBytes: number }): Row[] {
  const stepsPerSecond = (envs: number) => 1e3 / (costs.messageMs + envs * (costs.actMs + costs.rowMs));
  const ofHosts = (envs: number): Row => ({
    part: `trainer’s thread without updates, ${envs} an environment server`,
    'at most': `${Math.round(stepsPerSecond(envs))} round trips/s, ${Math.round(stepsPerSecond(envs) * envs)} transitions/s`,
  });
  const megabytes = (stepsPerSecond(envsPerHost) * (bytes.requestBytes + bytes.responseBytes)) / 1e6;
  return [
    { part: 'learner', 'at most': `${Math.round(1e3 / costs.updateMs)} updates/s` },
    {
      part: 'streams alone, nothing acted and stored',
      'at most': `${Math.round(1e3 / costs.messageMs)} round trips/s`,
    },
    ...[1, envsPerHost, 64].map(ofHosts),
    {
      part: `network at that, ${envsPerHost} a server (${bytes.requestBytes} B there, ${bytes.responseBytes} B back)`,
      'at most': `${megabytes.toFixed(1)} MB/s`,
    },
  ];
}

const spaces = [
  ['Pendulum-v1', 3, 1],
  ['HalfCheetah-v5', 17, 6],
  ['Ant-v5', 105, 8],
  ['Humanoid-v5', 348, 17],
] as const;

function replayRows(): Row[] {
  return spaces.map(([name, observationSize, actionSize]) => {
    const bytes = replayByteLength({ observationSize, actionSize, capacity: 1 });
    return {
      environment: name,
      'bytes a transition': bytes,
      // Of 10⁶ transitions it is as many megabytes.
      'replay of 10⁶': `${bytes} MB`,
    };
  });
}

const hostCounts = [1, 4, 16, 64, 256, 1000];

function limitsOf(costs: TrainerCosts) {
  return tasks.flatMap(({ name, ...task }) =>
    delays.map((delayMs) => {
      const fleet = { ...task, envsPerHost, delayMs };
      const useful = usefulHosts(costs, fleet);
      return {
        name,
        delayMs,
        useful,
        pace: paceSetter(costs, useful, fleet),
        rates: hostCounts.map((hosts) => transitionsPerSecond(costs, hosts, fleet)),
        parts: stepParts(costs, useful, fleet),
      };
    }),
  );
}

function hostRows(costs: TrainerCosts): Row[] {
  return limitsOf(costs).map(({ name, delayMs, useful, pace, rates }) => ({
    task: name,
    'delay ms': delayMs,
    ...Object.fromEntries(
      hostCounts.map((hosts, i) => [hosts === 1 ? '1 host' : `${hosts} hosts`, Math.round(rates[i])]),
    ),
    'useful hosts': useful,
    'then busy': pace === 'hosts' ? 'thread, half of the time' : pace,
  }));
}

const often = { everyHours: 10, makeMs: 500 };
/** The trainer tries for 10 s to connect again, and a machine that says nothing has a minute for a step. */
const trouble: ReadonlyArray<readonly [string, Pick<Fleet, 'failures' | 'slow'>]> = [
  ['none', {}],
  ['one host is ten times as slow', { slow: { hosts: 1, factor: 10 } }],
  ['processes die, and begin again in 2 s', { failures: { ...often, noticeMs: 2_000, awayMs: 2_000 } }],
  ['machines go away for 10 min', { failures: { ...often, noticeMs: 10_000, awayMs: 600_000 } }],
  ['machines fall silent for 10 min', { failures: { ...often, noticeMs: 70_000, awayMs: 600_000 } }],
];

function simulations(costs: TrainerCosts): Array<{ fleet: Fleet; run: FleetRun; row: Row }> {
  const settings = [1, 0.05].flatMap((updatesPerTransition) =>
    (['strict', 'elastic'] as const).flatMap((mode) =>
      delays.flatMap((delayMs) =>
        trouble.map(([name, more]) => ({ name, setting: { updatesPerTransition, mode, delayMs, ...more } })),
      ),
    ),
  );
  return settings.map(({ name, setting }) => {
    const fleet: Fleet = { hosts: 100, envsPerHost, stepMs: 5, spread: 0.1, ...setting };
    const run = simulateFleet(costs, fleet, 2 * hour);
    return { fleet, run, row: simulationRow(fleet, name, run) };
  });
}

function simulationRow(fleet: Fleet, name: string, run: FleetRun): Row {
  const percent = (share: number) => `${(100 * share).toFixed(share < 0.01 && share > 0 ? 2 : 0)} %`;
  return {
    'updates a transition': fleet.updatesPerTransition,
    mode: fleet.mode,
    'delay ms': fleet.delayMs,
    trouble: name,
    'transitions/s': Math.round(run.transitionsPerSecond),
    'learner busy': percent(run.learnerBusy),
    'thread busy': percent(run.threadBusy),
    failures: run.failures,
    'episodes lost': run.lostEpisodes,
    'steps gone on without': percent(run.absent),
  };
}
