/**
 * Round trips between two processes on loopback: a raw TCP echo, bare grpc-js echoes (unary and streamed) and a real
 * Pendulum step over gymwire's stream (on a port and on a Unix socket) with arrays decoded, carrying the same bytes and interleaved, so that noise of
 * the machine meets all alike. Then the same step between TypeScript and Python, both ways, and a step of dm_env_rpc's
 * own catch example between two Python processes: a board of 10 × 10 floats and no physics.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@gymwire/agent-sdk';
import { isTensor } from '@gymwire/protocol';
import { publish } from '../results/publish.ts';
import { parseOnce } from '../support/option-values.ts';
import { howToGetWirePeers } from '../support/python-peers.ts';
import { formatTable, type Row } from '../support/report.ts';
import { median, summarize, timeCall } from '../support/statistics.ts';
import { SubjectMissing } from '../support/subject.ts';
import { connectStreamEcho, connectTcpEcho, connectUnaryEcho, echoRequest } from './echo.ts';
import { startCatch, startPythonClient, startPythonServer } from './python-ends.ts';
import type { ServerPorts } from './server-process.ts';
import { unixHost } from './unix-host.ts';

/** What a Pendulum step takes on the wire: InteractRequest and InteractResponse, each with gRPC's 5-byte prefix. */
const requestBytes = 24;
const responseBytes = 50;
const rounds = 40;
const callsPerRound = 250;
const vectorCallsPerRound = 50;
const manyEnvs = 256;

const names = {
  tcp: 'raw TCP echo',
  unary: 'grpc-js unary echo',
  bare: 'grpc-js stream echo',
  stream: 'gymwire stream, 1 env',
  streamOfMany: 'gymwire stream, 256 envs',
  unix: 'the same on a Unix socket, 1 env',
  unixOfMany: 'the same on a Unix socket, 256 envs',
  python: 'Python → Python, 1 env',
  pythonUnix: 'Python → Python on a Unix socket, 1 env',
  catch: 'dm_env_rpc’s catch, Python',
} as const;

const ratios = [
  { label: 'stream / raw TCP echo:', over: names.stream, under: names.tcp, wanted: 'wanted: at most 1.6' },
  { label: 'bare stream / raw TCP echo:', over: names.bare, under: names.tcp, wanted: 'what grpc-js leaves' },
  { label: 'stream / unary echo:', over: names.stream, under: names.unary, wanted: 'wanted: at most 0.5' },
  { label: '256 envs / 1 env:', over: names.streamOfMany, under: names.stream, wanted: 'wanted: below 4' },
  { label: 'Unix socket / port:', over: names.unix, under: names.stream, wanted: 'below 1' },
  {
    label: 'Unix socket / port, 256 envs:',
    over: names.unixOfMany,
    under: names.streamOfMany,
    wanted: 'below 1',
  },
  { label: 'Unix socket / port, Python:', over: names.pythonUnix, under: names.python, wanted: 'below 1' },
  { label: 'dm_env_rpc / stream:', over: names.catch, under: names.stream, wanted: 'wanted: at least 3' },
] as const;

export async function runWireBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'wire',
    summary: 'Round trips on loopback: raw TCP, bare grpc-js, our stream, other languages, dm_env_rpc.',
    args: [...args],
    options: {
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)));
  try {
    const [ports] = (await once(child, 'message')) as [ServerPorts];
    await measure(ports, values.save);
  } finally {
    child.disconnect();
  }
}

/** One way of making calls; `series` makes some and tells the nanoseconds of each. */
interface WireSubject {
  readonly name: string;
  readonly envs: number;
  readonly calls: number;
  readonly series: (calls: number) => Promise<readonly number[]>;
}

type Stopping = (() => unknown)[];

/** The other way of `series`: one call of this process after the other. */
function timed(call: () => Promise<unknown>): WireSubject['series'] {
  return async (calls) => {
    const times: number[] = [];
    for (let k = 0; k < calls; k++) times.push(await timeCall(call));
    return times;
  };
}

async function startOurs(ports: ServerPorts, stopping: Stopping): Promise<WireSubject[]> {
  const tcp = await connectTcpEcho(ports.tcp);
  const unary = connectUnaryEcho(ports.grpc);
  const bare = connectStreamEcho(ports.grpc);
  stopping.push(
    () => tcp.socket.destroy(),
    () => unary.client.close(),
    () => bare.client.close(),
  );
  const request = echoRequest(requestBytes, responseBytes);
  return [
    { name: names.tcp, envs: 1, calls: callsPerRound, series: timed(() => tcp.call(request)) },
    { name: names.unary, envs: 1, calls: callsPerRound, series: timed(() => unary.call(request)) },
    { name: names.bare, envs: 1, calls: callsPerRound, series: timed(() => bare.call(request)) },
    ...(await startStreams(ports.gymwire, names.stream, names.streamOfMany, stopping)),
    ...(ports.unix === undefined
      ? []
      : await startStreams(ports.unix, names.unix, names.unixOfMany, stopping)),
  ];
}

/** The TypeScript client on a server. */
async function startStreams(
  address: string,
  name: string,
  nameOfMany: string,
  stopping: Stopping,
): Promise<WireSubject[]> {
  const connection = await connect(address);
  const env = await connection.make('Pendulum-v1', { maxEpisodeSteps: 0 });
  await env.reset({ seed: 0 });
  const envs = await connection.makeVector('Pendulum-v1', { numEnvs: manyEnvs, maxEpisodeSteps: 0 });
  await envs.reset({ seed: 0 });
  stopping.push(async () => {
    await env.close();
    await envs.close();
    connection.close();
  });
  const actions = new Float32Array(manyEnvs).fill(0.5);
  const checked = async () => {
    const { observation } = await env.step([0.5]);
    if (!isTensor(observation) || observation.data.length !== 3)
      throw new Error('the step carried no observation');
  };
  return [
    { name, envs: 1, calls: callsPerRound, series: timed(checked) },
    { name: nameOfMany, envs: manyEnvs, calls: vectorCallsPerRound, series: timed(() => envs.step(actions)) },
  ];
}

/** What cannot run here is named under the table. */
async function startPeers(ports: ServerPorts, stopping: Stopping, missing: string[]): Promise<WireSubject[]> {
  const attempt = async (name: string, start: () => Promise<WireSubject[]>) => {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof SubjectMissing)) throw error;
      missing.push(`${name}: ${error.message}`);
      return [];
    }
  };
  const client = (name: string, envs: number, start: () => ReturnType<typeof startCatch>) => async () => {
    const { series, stop } = await start();
    stopping.push(stop);
    return [{ name, envs, calls: envs === 1 ? callsPerRound : vectorCallsPerRound, series }];
  };
  const toPython = async () => {
    const server = await startPythonServer(['Pendulum-v1']);
    stopping.push(() => server.stop());
    return startStreams(
      server.address,
      'TypeScript → Python, 1 env',
      'TypeScript → Python, 256 envs',
      stopping,
    );
  };
  const pythonToPython = (name: string, where?: string[]) => async () => {
    const server = await startPythonServer(['Pendulum-v1'], where);
    stopping.push(() => server.stop());
    return client(name, 1, () => startPythonClient(server.address, 1))();
  };
  const host = unixHost();
  const fromPython = (envs: number) => () => startPythonClient(ports.gymwire, envs);
  return [
    ...(await attempt('TypeScript → Python', toPython)),
    ...(await attempt('Python → TypeScript', client('Python → TypeScript, 1 env', 1, fromPython(1)))),
    ...(await attempt(
      'Python → TypeScript, 256 envs',
      client('Python → TypeScript, 256 envs', manyEnvs, fromPython(manyEnvs)),
    )),
    ...(await attempt(names.python, pythonToPython(names.python))),
    ...(host === undefined
      ? []
      : await attempt(names.pythonUnix, pythonToPython(names.pythonUnix, ['--host', host]))),
    ...(await attempt(
      'dm_env_rpc',
      client(names.catch, 1, async () => startCatch()),
    )),
  ];
}

async function measure(ports: ServerPorts, save: boolean): Promise<void> {
  const stopping: Stopping = [];
  const missing: string[] = [];
  const subjects = [...(await startOurs(ports, stopping)), ...(await startPeers(ports, stopping, missing))];
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const medians = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = -5; round < rounds; round++) {
    for (const { name, calls, series } of subjects) {
      const taken = await series(calls);
      if (round < 0) continue; // warm-up
      times.get(name)?.push(...taken);
      medians.get(name)?.push(median(taken));
    }
  }
  for (const stop of stopping.reverse()) await stop();

  const rows = subjects.map(({ name, envs }) => rowOf(name, times.get(name) ?? [], envs));
  const text = [
    'A call and its answer on loopback, client and server in two processes, in turn.',
    formatTable(rows),
    ratios.flatMap((ratio) => describeRatio(ratio, medians)).join('\n'),
    ...(missing.length === 0 ? [] : [[...missing, howToGetWirePeers].map((line) => `- ${line}`).join('\n')]),
  ].join('\n\n');
  publish(
    { name: 'wire', title: 'Round trips', text, data: { rows, medians: Object.fromEntries(medians) } },
    save,
  );
}

/** The median of the rounds' ratios; nothing where a subject is missing. */
function describeRatio(
  { label, over, under, wanted }: (typeof ratios)[number],
  medians: ReadonlyMap<string, readonly number[]>,
): string[] {
  const [a, b] = [medians.get(over), medians.get(under)];
  if (a === undefined || b === undefined) return [];
  const ratio = median(a.map((x, i) => x / b[i]));
  return [`- ${label} ${ratio.toFixed(2)} (${wanted})`];
}

function rowOf(name: string, times: readonly number[], envs: number): Row {
  const { p50Us, p99Us, count } = summarize(times);
  const seconds = times.reduce((sum, x) => sum + x, 0) / 1e9;
  const perSecond = Math.round((envs * count) / seconds);
  return {
    call: name,
    'p50 µs': Math.round(p50Us),
    'p99 µs': Math.round(p99Us),
    'env steps/s': perSecond,
    calls: count,
  };
}
