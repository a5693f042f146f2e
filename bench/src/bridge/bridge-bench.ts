/**
 * What the Python bridge costs: the same environments in Gymnasium's own process and over the wire, from Python and from
 * TypeScript, beside what gRPC itself takes for the same bytes, and a step of dm_env_rpc's example, Python to Python.
 */
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { machineCores, placeOn } from '../support/placement.ts';
import { bridgeSources, findPeersPython, howToGetWirePeers, pythonScript } from '../support/python-peers.ts';
import { formatTable, type Row } from '../support/report.ts';
import { startSubjects } from '../support/rounds.ts';
import { median, summarize } from '../support/statistics.ts';
import { type Subject, SubjectMissing, type SubjectSpec } from '../support/subject.ts';
import { catchSpec, type PythonServer, startPythonServer } from '../wire/python-ends.ts';
import { StepParts } from './step-parts.ts';

/** What is measured in turn; the first is what the others are compared with. */
interface Case {
  readonly envId: string;
  readonly envs: number;
  readonly stepsPerRound: number;
}

const cases: readonly Case[] = [
  { envId: 'Pendulum-v1', envs: 1, stepsPerRound: 250 },
  { envId: 'Pendulum-v1', envs: 256, stepsPerRound: 30 },
  { envId: 'HalfCheetah-v5', envs: 8, stepsPerRound: 100 },
];

const names = {
  local: 'Gymnasium in process',
  session: 'a session’s own work',
  python: 'over the wire, Python client',
  typescript: 'over the wire, TypeScript client',
  stream: 'bare grpcio stream, same bytes',
  empty: 'empty grpcio stream',
  catch: 'dm_env_rpc’s catch',
} as const;

const partsTitle =
  'Where it goes: µs of a processor for one step in each process, the threads of gRPC’s core apart, and how often a thread of theirs ' +
  'waited and was woken. What the step takes beyond that is waiting for each other.';

const withWorkers = (workers: number) => `${names.python}, --workers ${workers}`;

export async function runBridgeBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'bridge',
    summary: 'A step through the Python bridge: Gymnasium’s own, over the wire, gRPC alone, dm_env_rpc.',
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20', what: 'rounds, in each of which every subject has its turn' },
      workers: { type: 'string', default: '2', what: 'processes of the session beside the one with one' },
      save: { type: 'boolean', default: false, what: 'write the table and every round to bench/results' },
    },
  });
  const rounds = positiveInteger('rounds', values.rounds);
  const workers = positiveInteger('workers', values.workers);
  const [load = 0] = loadavg();
  const ids = [...new Set(cases.map(({ envId }) => envId))];
  const servers = [
    await startPythonServer(ids),
    await startPythonServer(ids, ['--port', '0', '--workers', String(workers)]),
  ] as const;
  const tables: string[] = [];
  const data: unknown[] = [];
  const missing: string[] = [];
  try {
    for (const one of cases) {
      const { medians, parts } = await measure(one, servers, workers, rounds, missing);
      tables.push(
        `## ${titleOf(one)}`,
        formatTable(rowsOf(one, medians)),
        ...ratiosOf(one, medians, workers),
        ...(parts.length === 0 ? [] : [partsTitle, formatTable(parts)]),
      );
      data.push({ ...one, medians: Object.fromEntries(medians), parts });
    }
  } finally {
    for (const server of servers) server.stop();
  }
  const text = [
    `Client, server and session in processes of their own on loopback; ${rounds} rounds in turn, medians of rounds. ` +
      `Load of the machine before (1 min): ${load.toFixed(1)}. A loop in one process has its caches for itself; on a machine that does ` +
      'other things in between, every process on the way of a step begins with cold ones.',
    ...tables,
    ...(missing.length === 0 ? [] : [[...missing, howToGetWirePeers].map((line) => `- ${line}`).join('\n')]),
  ].join('\n\n');
  publish(
    { name: 'bridge', title: 'A step through the Python bridge', text, data: { load, cases: data } },
    values.save,
  );
}

function titleOf({ envId, envs }: Case): string {
  return envs === 1 ? `${envId}, one environment` : `${envId}, ${envs} environments`;
}

function specsFor(
  { envId, envs }: Case,
  [plain, spread]: readonly PythonServer[],
  workers: number,
): SubjectSpec[] {
  const python = (name: string, ...args: readonly string[]): SubjectSpec => ({
    name,
    command: findPeersPython('wire'),
    args: [pythonScript('bridge_subject.py'), ...args],
    environment: { PYTHONPATH: bridgeSources },
  });
  const own = [envId, String(envs)];
  const typescript: SubjectSpec = {
    name: names.typescript,
    command: process.execPath,
    args: [fileURLToPath(new URL('./typescript-client.js', import.meta.url)), ...own, plain.address],
  };
  return [
    python(names.local, 'sync', ...own),
    python(names.session, 'session', ...own),
    python(names.python, 'wire', ...own, plain.address),
    ...(envs === 1 ? [] : [python(withWorkers(workers), 'wire', ...own, spread.address)]),
    typescript,
    python(names.stream, 'stream', ...own),
    ...(envs === 1 ? [python(names.empty, 'stream')] : []),
  ];
}

/** A step of one environment is held against that of another program. */
function peersFor({ envs }: Case, missing: string[]): SubjectSpec[] {
  if (envs !== 1) return [];
  try {
    return [catchSpec(names.catch)];
  } catch (error) {
    if (!(error instanceof SubjectMissing)) throw error;
    missing.push(`${names.catch} is missing: ${error.message}`);
    return [];
  }
}

interface Measured {
  /** Medians of every round, of each subject, in ns. */
  readonly medians: Map<string, number[]>;
  /** Parts of a step, of each subject on a server of ours, where the system tells. */
  readonly parts: readonly Row[];
}

async function measure(
  one: Case,
  servers: readonly PythonServer[],
  workers: number,
  rounds: number,
  missing: string[],
): Promise<Measured> {
  const specs = [...specsFor(one, servers, workers), ...peersFor(one, missing)];
  const { subjects, missing: absent } = await startSubjects(specs, placeOn(machineCores()));
  missing.push(...absent.map(({ name, reason }) => `${titleOf(one)}: ${name} is missing: ${reason}`));
  const medians = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const parts = new Map(subjects.flatMap((subject) => partsOf(subject, servers, workers)));
  try {
    for (let round = -2; round < rounds; round++) {
      for (const subject of subjects) {
        const run = () => seriesOf(subject, one.stepsPerRound);
        // The first ones warm up.
        if (round < 0) await run();
        else
          medians
            .get(subject.name)
            ?.push(median(await (parts.get(subject.name)?.during(one.stepsPerRound, run) ?? run())));
      }
    }
  } finally {
    for (const subject of subjects) await subject.stop();
  }
  const rows = [...parts].map(([name, one]) => one.row(name));
  return { medians, parts: rows.filter((row) => row !== undefined) };
}

function partsOf({ name, pid }: Subject, [plain, spread]: readonly PythonServer[], workers: number) {
  const server = name === withWorkers(workers) ? spread : plain;
  const isOnOurs = name === withWorkers(workers) || name === names.python || name === names.typescript;
  const found =
    isOnOurs && pid !== undefined && server.pid !== undefined ? new StepParts(pid, server.pid) : undefined;
  return found === undefined ? [] : [[name, found] as const];
}

async function seriesOf(subject: Subject, count: number): Promise<readonly number[]> {
  return (await subject.run(count)).series ?? [];
}

function rowsOf({ envs }: Case, measured: ReadonlyMap<string, readonly number[]>): Row[] {
  const local = measured.get(names.local);
  return [...measured].map(([name, times]) => {
    const { p50Us } = summarize(times);
    return {
      subject: name,
      'p50 µs': Math.round(p50Us),
      'best µs': Math.round(Math.min(...times) / 1e3),
      'env steps/s': Math.round((envs * 1e6) / p50Us),
      '× Gymnasium': local === undefined ? '' : ratio(times, local).toFixed(2),
    };
  });
}

/** The median of the rounds' ratios: what disturbs a round meets both. */
function ratio(times: readonly number[], others: readonly number[]): number {
  return median(times.map((time, i) => time / others[i]));
}

function ratiosOf(
  { envs, envId }: Case,
  measured: ReadonlyMap<string, readonly number[]>,
  workers: number,
): string[] {
  const lines = wantedFor(envId, envs, workers).flatMap(({ over, under, most }) => {
    const [a, b] = [measured.get(over), measured.get(under)];
    return a === undefined || b === undefined
      ? []
      : [`- ${over} / ${under}: ${ratio(a, b).toFixed(2)} (wanted: at most ${most})`];
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function wantedFor(envId: string, envs: number, workers: number) {
  if (envs === 1) return [{ over: names.python, under: names.catch, most: 1 }];
  if (envId === 'Pendulum-v1') return [{ over: names.python, under: names.local, most: 1.3 }];
  return [
    { over: names.python, under: names.local, most: 1.6 },
    { over: withWorkers(workers), under: names.local, most: 1.1 },
  ];
}
