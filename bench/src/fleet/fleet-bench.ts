/** Many servers for one training: how steps scale with hosts, what a network's delay costs, and fleets of a hundred. */
import { publish } from '../results/publish.ts';
import { OptionError, parseOnce, positiveInteger } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import { sleepEnvId } from '../train/bench-envs.ts';
import { type BenchHosts, startHosts } from './bench-hosts.ts';
import { blockingEnvId } from './blocking-env.ts';
import { trainBehind, trainedEnvs } from './delayed-training.ts';
import { median, openFleet, quantile, type StepTimes, stepsPerSecond } from './fleet-steps.ts';

const parts = { scaling, delay, simulated } as const;

export async function runFleetBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'fleet',
    summary: 'One training on many servers: hosts, network delay, and a hundred simulated hosts.',
    args: [...args],
    options: {
      part: { type: 'string', default: '', what: `one of ${Object.keys(parts).join(', ')}; default: all` },
      steps: { type: 'string', default: '100', what: 'vector steps of each variant; variants take turns' },
      hosts: { type: 'string', default: '100', what: 'hosts of the largest simulated fleet' },
      save: { type: 'boolean', default: false, what: 'write the tables and every run to bench/results' },
    },
  });
  const asked = {
    steps: positiveInteger('steps', values.steps),
    hosts: positiveInteger('hosts', values.hosts),
  };
  if (values.part !== '' && !Object.hasOwn(parts, values.part)) {
    throw new OptionError(`--part: expected ${Object.keys(parts).join(', ')}, got ${values.part}`);
  }
  for (const [name, measure] of Object.entries(parts)) {
    if (values.part === '' || values.part === name) publish(await measure(asked), values.save);
  }
}

interface Asked {
  readonly steps: number;
  readonly hosts: number;
}

const inMs = (seconds: number) => (seconds * 1e3).toFixed(1);

function timesOf(times: StepTimes): Row {
  return {
    'ms a step p50': inMs(median(times.seconds)),
    'ms a step p99': inMs(quantile(times.seconds, 0.99)),
    'steps/s': Math.round(stepsPerSecond(times)),
    'CPU ms a step': inMs(times.cpuSeconds),
  };
}

/** Each host in a process of its own; 32 environments whose step sleeps 5 ms, one after the other on a host. */
async function scaling({ steps }: Asked) {
  const [numEnvs, sleepMs] = [32, 5];
  const fleets = [];
  for (const count of [1, 2, 4]) {
    const hosts = await Promise.all(Array.from({ length: count }, () => startHosts(1, 'direct')));
    const addresses = hosts.flatMap((host) => host.addresses);
    const fleet = await openFleet({ addresses, envId: blockingEnvId, numEnvs, sleepMs });
    fleets.push({ count, hosts, fleet, hostSeconds: 0 });
  }
  const used = async (hosts: readonly BenchHosts[]) =>
    (await Promise.all(hosts.map((host) => host.cpuSeconds()))).reduce((a, b) => a + b);
  for (const turn of turnsOf(steps)) {
    for (const each of fleets) {
      const before = await used(each.hosts);
      await each.fleet.step(turn);
      each.hostSeconds += (await used(each.hosts)) - before;
    }
  }
  const measured = fleets.map(({ count, fleet, hostSeconds }) => {
    const times = fleet.times();
    return { count, times, hostCpuSeconds: hostSeconds / times.seconds.length };
  });
  for (const { hosts, fleet } of fleets) {
    await fleet.close();
    await Promise.all(hosts.map((host) => host.close()));
  }
  const alone = numEnvs / median(measured[0].times.seconds);
  const rows = measured.map(({ count, times, hostCpuSeconds }) => ({
    hosts: count,
    ...timesOf(times),
    'CPU ms a step, all hosts': inMs(hostCpuSeconds),
    'beyond the sleeps, ms p50': inMs(median(times.seconds) - (numEnvs / count) * (sleepMs / 1e3)),
    'of linear, p50': (numEnvs / median(times.seconds) / alone / count).toFixed(3),
  }));
  const text =
    `${numEnvs} environments whose step holds its thread for ${sleepMs} ms; a host has one thread. The fleets take turns\n\n` +
    formatTable(rows);
  const data = { numEnvs, sleepMs, steps, rows, measured };
  return { name: 'fleet-scaling', title: 'Hosts of a fleet', text, data };
}

/** A training whose environments are on one host behind a network. */
async function delay({ steps }: Asked) {
  const seconds = await trainBehind([0, 1, 10, 50, 100], steps);
  const none = median(seconds.get(0) ?? []);
  const rows = [...seconds].map(([roundTripMs, ofDelay]) => {
    const middle = median(ofDelay);
    return {
      'round trip ms': roundTripMs,
      'ms a vector step p50': inMs(middle),
      'transitions/s': Math.round(trainedEnvs / middle),
      'of none': (none / middle).toFixed(3),
    };
  });
  const text =
    `${trainedEnvs} environments, 256-256, batch 256, one update a transition, pipelined; half of the round trip each way. One ` +
    `training, in which the delays take turns\n\n${formatTable(rows)}`;
  const data = { steps, rows, seconds: Object.fromEntries(seconds) };
  return { name: 'fleet-delay', title: 'A training behind a network', text, data };
}

interface Scenario {
  readonly what: string;
  readonly count: number;
  readonly roundTripMs: number;
  readonly mode?: 'strict' | 'elastic';
  /** The first host's way there and back. */
  readonly slowMs?: number;
  /** Hosts that fail half-way through a turn. */
  readonly failing?: number;
}

function scenarios(most: number): Scenario[] {
  return [
    ...[1, 10, 30, most].map((count) => ({ what: 'no delay', count, roundTripMs: 0 })),
    ...[1, 10, 50].map((roundTripMs) => ({
      what: `${roundTripMs} ms round trip`,
      count: most,
      roundTripMs,
    })),
    ...(['strict', 'elastic'] as const).map((mode) => ({
      what: `10 ms, one host 200 ms, ${mode}`,
      count: most,
      roundTripMs: 10,
      slowMs: 200,
      mode,
    })),
    { what: '10 ms, 5 hosts fail at once', count: most, roundTripMs: 10, failing: 5 },
  ];
}

/** One turn of a fleet that is made for it. */
async function playTurn(scenario: Scenario, steps: number): Promise<StepTimes> {
  const { count, roundTripMs, mode = 'strict', slowMs, failing = 0 } = scenario;
  const hosts = await startHosts(count, roundTripMs);
  if (slowMs !== undefined) hosts.ask({ kind: 'delay', host: 0, roundTripMs: slowMs });
  const { addresses } = hosts;
  const options = { reconnectTimeoutMs: 500, mode };
  const fleet = await openFleet({ addresses, envId: sleepEnvId, numEnvs: count, sleepMs: 5, options });
  await fleet.step(steps, (step) => {
    if (failing === 0 || step !== Math.floor(steps / 2)) return;
    hosts.ask({ kind: 'kill', hosts: Array.from({ length: failing }, (_, i) => i) });
  });
  await fleet.close();
  await hosts.close();
  return fleet.times();
}

/** Fleets on this machine: all hosts in one process, one environment each, which sleeps 5 ms a step. */
async function simulated({ steps, hosts: most }: Asked) {
  const played = scenarios(most).map((scenario) => ({ scenario, turns: [] as StepTimes[] }));
  for (const turn of turnsOf(steps)) {
    for (const { scenario, turns } of played) turns.push(await playTurn(scenario, turn));
  }
  const rows = played.map(({ scenario: { what, count }, turns }) => {
    const times = joined(turns);
    const slowest = inMs(Math.max(...times.seconds));
    return { fleet: what, hosts: count, ...timesOf(times), 'slowest ms': slowest, lost: times.lost };
  });
  const text =
    'All servers in one process of this machine, an environment each, whose step sleeps 5 ms; a fleet that steps without a learner. ' +
    `The fleets take turns, and each is made anew for its turn\n\n${formatTable(rows)}`;
  return { name: 'fleet-simulated', title: 'Simulated fleets', text, data: { steps, rows, played } };
}

/** So many steps in three turns, or fewer where there are too few. */
function turnsOf(steps: number): number[] {
  const turns = Math.min(3, steps);
  return Array.from({ length: turns }, (_, i) => Math.floor((steps + i) / turns));
}

function joined(turns: readonly StepTimes[]): StepTimes {
  const sum = (of: (times: StepTimes) => number) => turns.reduce((total, times) => total + of(times), 0);
  const seconds = turns.flatMap((times) => times.seconds);
  const cpu = sum((times) => times.cpuSeconds * times.seconds.length);
  return {
    seconds,
    cpuSeconds: cpu / seconds.length,
    transitions: sum(({ transitions }) => transitions),
    lost: sum(({ lost }) => lost),
  };
}
