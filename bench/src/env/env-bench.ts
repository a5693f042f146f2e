/**
 * Steps a second of Gymnasium's environments: ours in process and over gRPC, beside Gymnasium's own, one and several
 * at once; and where the time of one step over gRPC goes.
 */
import { fileURLToPath } from 'node:url';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { machineCores, placeOn } from '../support/placement.ts';
import { findPeersPython, howToGetEnvPeers, pythonScript } from '../support/python-peers.ts';
import { formatNotes, formatTable, type Row } from '../support/report.ts';
import { type Measured, measureInRounds, startSubjects } from '../support/rounds.ts';
import type { SubjectSpec } from '../support/subject.ts';
import { type Breakdown, measureBreakdown } from './breakdown.ts';

/** What is wanted of a quiet machine; see the report's text. */
const wanted = { addedEchoes: 1.5, ofAsync: 1.5, ofSync: 0.5 } as const;

export async function runEnvBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'env',
    summary: 'Steps a second of an environment: ours in process and over gRPC, beside Gymnasium.',
    args: [...args],
    options: {
      env: { type: 'string', default: 'HalfCheetah-v5', what: 'environment' },
      envs: { type: 'string', default: '8', what: 'environments in the vector' },
      runs: { type: 'string', default: '7', what: 'runs of each subject, in turn' },
      seconds: { type: 'string', default: '1', what: 'length of a run' },
      rounds: { type: 'string', default: '40', what: 'rounds of the breakdown of one step' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const { env: envId, save } = values;
  const numEnvs = positiveInteger('envs', values.envs);
  const rounds = {
    runs: positiveInteger('runs', values.runs),
    secondsPerRun: Number(values.seconds),
    multiple: 1,
  };
  const placement = placeOn(machineCores());
  const { subjects, missing } = await startSubjects(subjectsFor(envId, numEnvs), placement);
  const measured = await measureInRounds(subjects, rounds);
  for (const subject of subjects) await subject.stop();
  const breakdown = await measureBreakdown(envId, positiveInteger('rounds', values.rounds));

  const text = [
    `${envId}; ${rounds.runs} runs in turn, each subject in a process of its own; ${placement.description}`,
    formatTable(measured.map((subject) => rowOf(subject, measured, numEnvs))),
    describeTargets(measured),
    `One environment's step over gRPC, medians of ${values.rounds} rounds in turn:`,
    formatTable(breakdownRows(breakdown)),
    describeAdded(breakdown),
    formatNotes(measured, missing, howToGetEnvPeers),
  ].join('\n\n');
  const data = { envId, numEnvs, placement, measured, missing, breakdown };
  publish({ name: `env-${envId}-${numEnvs}`, title: 'Environment steps', text, data }, save);
}

const several = (name: string) => `${name}, vector`;
const remoteVector = several('gymwire, gRPC');

function subjectsFor(envId: string, numEnvs: number): SubjectSpec[] {
  const script = fileURLToPath(new URL('./our-env.js', import.meta.url));
  const ours = (name: string, where: string, count: number): SubjectSpec => ({
    name,
    command: process.execPath,
    args: [script, where, String(count), envId],
  });
  const peer = (name: string, mode: string, count: number): SubjectSpec => ({
    name,
    command: findPeersPython('env') ?? findPeersPython(),
    args: [pythonScript('env_subject.py'), mode, String(count), envId],
  });
  return [
    ours('gymwire, in process', 'local', 1),
    ours('gymwire, gRPC', 'grpc', 1),
    peer('Gymnasium make', 'make', 1),
    ours(several('gymwire, in process'), 'local', numEnvs),
    ours(remoteVector, 'grpc', numEnvs),
    peer('SyncVectorEnv', 'sync', numEnvs),
    peer('AsyncVectorEnv', 'async', numEnvs),
  ];
}

const isVector = (name: string) => name.includes('ector');

function rowOf({ name, p50Seconds, minSeconds }: Measured, all: readonly Measured[], numEnvs: number): Row {
  const envs = isVector(name) ? numEnvs : 1;
  const peers = isVector(name) ? ['SyncVectorEnv', 'AsyncVectorEnv'] : ['Gymnasium make'];
  const against = peers.map((peer) => ratioOf(name, peer, all)?.toFixed(2) ?? '');
  return {
    subject: name,
    environments: envs,
    'env steps/s p50': Math.round(envs / p50Seconds),
    'env steps/s best': Math.round(envs / minSeconds),
    'µs a call p50': (p50Seconds * 1e6).toFixed(1),
    '× make or Sync': against[0],
    '× Async': against[1] ?? '',
  };
}

/** How many times as fast, p50 against p50; undefined where either is missing. */
function ratioOf(name: string, peer: string, all: readonly Measured[]): number | undefined {
  const own = all.find((subject) => subject.name === name);
  const theirs = all.find((subject) => subject.name === peer);
  return own === undefined || theirs === undefined ? undefined : theirs.p50Seconds / own.p50Seconds;
}

function describeTargets(measured: readonly Measured[]): string {
  const line = (peer: string, least: number) => {
    const ratio = ratioOf(remoteVector, peer, measured)?.toFixed(2) ?? 'not measured';
    return `- ${remoteVector} / ${peer}: ${ratio} (wanted: at least ${least})`;
  };
  return [line('AsyncVectorEnv', wanted.ofAsync), line('SyncVectorEnv', wanted.ofSync)].join('\n');
}

function breakdownRows(breakdown: Breakdown): Row[] {
  const { simulatorUs, sessionUs, codecUs, grpcUs, echoUs, busyEchoUs, busyStreamUs } = breakdown;
  const row = (part: string, us: number): Row => ({
    part,
    µs: us.toFixed(1),
    share: `${((100 * us) / grpcUs).toFixed(0)} %`,
  });
  return [
    row('simulator: physics, observation, reward, info', simulatorUs),
    row('session: checks, limits, at-most-once', sessionUs - simulatorUs),
    row('codec, both ends, both directions', codecUs),
    row('transport: gRPC, HTTP/2, two processes', grpcUs - sessionUs - codecUs),
    row('total', grpcUs),
    row('raw TCP echo of the same bytes', echoUs),
    row('the same echo, the simulator in it', busyEchoUs),
    row('bare grpc-js stream of the same bytes, the simulator in it', busyStreamUs),
  ];
}

function describeAdded({ addedEchoes, requestBytes, responseBytes }: Breakdown): string {
  return (
    `The wire adds ${addedEchoes.toFixed(2)} echoes to the simulator's time (wanted: at most ${wanted.addedEchoes}); ` +
    `${requestBytes} bytes there, ${responseBytes} back. The parts are measured by themselves, in the client's process; ` +
    'transport is what remains.'
  );
}
