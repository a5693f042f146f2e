/** Many servers for one training: how steps scale with hosts, what a network's delay costs, and fleets of a hundred. */
import { publish } from '../results/publish.ts';
import { OptionError, parseOnce, positiveInteger } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import { sleepEnvId } from '../train/bench-envs.ts';
import { startHosts } from './bench-hosts.ts';
import { blockingEnvId } from './blocking-env.ts';
import { trainBehind, trainedEnvs } from './delayed-training.ts';
import { median, quantile, type StepTimes, stepFleet, stepsPerSecond } from './fleet-steps.ts';

const parts = { scaling, delay, simulated } as const;

export async function runFleetBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'fleet',
    summary: 'One training on many servers: hosts, network delay, and a hundred simulated hosts.',
    args: [...args],
    options: {
      part: { type: 'string', default: '', what: `one of ${Object.keys(parts).join(', ')}; default: all` },
      steps: { type: 'string', default: '100', what: 'vector steps of each measurement' },
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
  const rows: Row[] = [];
  let alone: number | undefined;
  for (const count of [1, 2, 4]) {
    const hosts = await Promise.all(Array.from({ length: count }, () => startHosts(1, 0)));
    const addresses = hosts.flatMap((host) => host.addresses);
    const times = await stepFleet({ addresses, envId: blockingEnvId, numEnvs, sleepMs, steps });
    await Promise.all(hosts.map((host) => host.close()));
    const middle = numEnvs / median(times.seconds);
    alone ??= middle;
    rows.push({ hosts: count, ...timesOf(times), 'of linear, p50': (middle / alone / count).toFixed(3) });
  }
  const text = `${numEnvs} environments whose step holds its thread for ${sleepMs} ms; a host has one thread\n\n${formatTable(rows)}`;
  return { name: 'fleet-scaling', title: 'Hosts of a fleet', text, data: { numEnvs, sleepMs, steps, rows } };
}

/** Trainings whose environments are on one host behind a network. */
async function delay({ steps }: Asked) {
  const rows: Row[] = [];
  let none: number | undefined;
  for (const roundTripMs of [0, 1, 10, 50, 100]) {
    const { seconds } = await trainBehind(roundTripMs, steps);
    const middle = median(seconds);
    none ??= middle;
    rows.push({
      'round trip ms': roundTripMs,
      'ms a vector step p50': inMs(middle),
      'transitions/s': Math.round(trainedEnvs / middle),
      'of none': (none / middle).toFixed(3),
    });
  }
  const text =
    `${trainedEnvs} environments, 256-256, batch 256, one update a transition, pipelined; half of the round trip each way\n\n` +
    formatTable(rows);
  return { name: 'fleet-delay', title: 'A training behind a network', text, data: { steps, rows } };
}

/** Fleets on this machine: all hosts in one process, one environment each, which sleeps 5 ms a step. */
async function simulated({ steps, hosts: most }: Asked) {
  const rows: Row[] = [];
  const measure = async (what: string, count: number, roundTripMs: number, more: Partial<Scenario> = {}) => {
    const hosts = await startHosts(count, roundTripMs);
    if (more.slowMs !== undefined) hosts.ask({ kind: 'delay', host: 0, roundTripMs: more.slowMs });
    const failing = more.failing ?? 0;
    const before = (step: number) => {
      if (failing > 0 && step === Math.floor(steps / 2)) {
        hosts.ask({ kind: 'kill', hosts: Array.from({ length: failing }, (_, i) => i) });
      }
    };
    const options = { reconnectTimeoutMs: 500, mode: more.mode ?? ('strict' as const) };
    const { addresses } = hosts;
    const times = await stepFleet({
      addresses,
      envId: sleepEnvId,
      numEnvs: count,
      sleepMs: 5,
      steps,
      options,
      before,
    });
    await hosts.close();
    const slowest = inMs(Math.max(...times.seconds));
    rows.push({ fleet: what, hosts: count, ...timesOf(times), 'slowest ms': slowest, lost: times.lost });
  };
  for (const count of [1, 10, 30, most]) await measure('no delay', count, 0);
  for (const roundTripMs of [1, 10, 50]) await measure(`${roundTripMs} ms round trip`, most, roundTripMs);
  for (const mode of ['strict', 'elastic'] as const) {
    await measure(`10 ms, one host 200 ms, ${mode}`, most, 10, { slowMs: 200, mode });
  }
  await measure('10 ms, 5 hosts fail at once', most, 10, { failing: 5 });
  const text =
    'All servers in one process of this machine, an environment each, whose step sleeps 5 ms; a fleet that steps without a learner\n\n' +
    formatTable(rows);
  return { name: 'fleet-simulated', title: 'Simulated fleets', text, data: { steps, rows } };
}

interface Scenario {
  readonly mode: 'strict' | 'elastic';
  /** The first host's way there and back. */
  readonly slowMs: number;
  /** Hosts that fail half-way. */
  readonly failing: number;
}
