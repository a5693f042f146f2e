/** End to end, one update a step: `train` over gRPC beside the peers' `learn` in process. */
import { publish } from '../results/publish.ts';
import { OptionError, parseOnce, positiveInteger } from '../support/option-values.ts';
import { machineCores, type Placement, placeOn, threadLimits } from '../support/placement.ts';
import { findPeersPython, howToGetPeers, pythonScript } from '../support/python-peers.ts';
import { formatNotes, formatTable, type Row } from '../support/report.ts';
import { type Measured, measureInRounds, type RoundsOptions, startSubjects } from '../support/rounds.ts';
import type { SubjectSpec } from '../support/subject.ts';
import { halfCheetah, shapeEnvId, sleepEnvId } from './bench-envs.ts';
import { runExtrasBench } from './extras-bench.ts';
import { ourSubject } from './our-subject.ts';
import type { TrainerSettings } from './settings.ts';
import { runSolveBench } from './solve-bench.ts';
import { batchOfDuration } from './update-time.ts';

const common = { learningRate: 1e-3, gamma: 0.98, learningStarts: 1000, freeSteps: 1200 } as const;

const pendulum: TrainerSettings = {
  ...common,
  envId: 'Pendulum-v1',
  shapes: null,
  hiddenSizes: [64, 64],
  batchSize: 100,
};

const halfCheetahShapes: TrainerSettings = {
  ...common,
  envId: shapeEnvId,
  shapes: halfCheetah,
  hiddenSizes: [256, 256],
  batchSize: 256,
};

const sleepMs = 10;

export async function runTrainBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'train',
    summary: 'Steps a second of training: ours over gRPC, peers in process.',
    args: [...args],
    options: {
      env: { type: 'string', what: 'environment' },
      shapes: { type: 'string', what: 'halfcheetah: its spaces and next to no dynamics' },
      sleep: {
        type: 'boolean',
        default: false,
        what: 'pipelined beside alternating where a step sleeps 10 ms',
      },
      extras: { type: 'boolean', default: false, what: 'what a run folder and callbacks cost' },
      solve: { type: 'boolean', default: false, what: 'how long until Pendulum-v1 is solved' },
      seeds: { type: 'string', default: '5', what: 'seeds of --solve' },
      cores: {
        type: 'string',
        default: String(Math.min(2, machineCores())),
        what: 'cores and threads that each subject gets',
      },
      runs: { type: 'string', default: '5', what: 'runs of each subject, in turn' },
      seconds: { type: 'string', default: '4', what: 'length of a run' },
      peers: { type: 'string', default: 'sb3,sbx', what: 'peers to measure beside ours' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const cores = positiveInteger('cores', values.cores);
  const rounds = {
    runs: positiveInteger('runs', values.runs),
    secondsPerRun: Number(values.seconds),
    multiple: 2,
  };
  const placement = placeOn(cores);
  const peers = values.peers.split(',').filter((name) => name !== '');
  if (values.solve) return runSolveBench(cores, positiveInteger('seeds', values.seeds), values.save);
  if (values.extras) return runExtrasBench(`extras-${cores}core`, pendulum, placement, rounds, values.save);
  if (values.sleep)
    return compare(`sleep-${cores}core`, await sleeping(), ourSubjects, placement, rounds, values.save);
  const all = (settings: TrainerSettings) => [
    ...ourSubjects(settings),
    ...(cores > 1 ? [ourSubject(settings, 'pipelined', 2)] : []),
    ...peerSubjects(settings, peers, cores),
  ];
  if (values.shapes === 'halfcheetah')
    return compare(`halfcheetah-shapes-${cores}core`, halfCheetahShapes, all, placement, rounds, values.save);
  const { env = pendulum.envId } = values;
  if (values.shapes !== undefined)
    throw new OptionError(`--shapes: expected halfcheetah, got ${values.shapes}`);
  return compare(`${env}-${cores}core`, { ...pendulum, envId: env }, all, placement, rounds, values.save);
}

/** An environment that sleeps, and a batch so large that an update takes as long. */
async function sleeping(): Promise<TrainerSettings> {
  const { shapes: _, ...settings } = halfCheetahShapes;
  const { hiddenSizes } = settings;
  const batchSize = await batchOfDuration(sleepMs, { ...halfCheetah, hiddenSizes });
  return {
    ...settings,
    shapes: null,
    envId: sleepEnvId,
    batchSize,
    sleepMs,
    learningStarts: 100,
    freeSteps: 150,
  };
}

async function compare(
  name: string,
  settings: TrainerSettings,
  subjectsFor: (settings: TrainerSettings) => readonly SubjectSpec[],
  placement: Placement,
  rounds: RoundsOptions,
  save: boolean,
): Promise<void> {
  const { subjects, missing } = await startSubjects(subjectsFor(settings), placement);
  const measured = await measureInRounds(subjects, rounds);
  for (const subject of subjects) await subject.stop();
  const { envId, hiddenSizes, batchSize } = settings;
  const text = [
    `${envId}, hidden ${hiddenSizes.join('-')}, batch ${batchSize}, one update a step; ${placement.description}; ${rounds.runs} runs in turn`,
    formatTable(measured.map((subject) => rowOf(subject, measured[0]))),
    formatNotes(measured, missing, howToGetPeers),
  ].join('\n\n');
  const data = { settings, placement, measured, missing };
  publish({ name: `train-${name}`, title: `Training end to end: ${name}`, text, data }, save);
}

function ourSubjects(settings: TrainerSettings): SubjectSpec[] {
  return [ourSubject(settings, 'pipelined', 1), ourSubject(settings, 'alternating', 1)];
}

/** With one thread, and with as many as there are cores: which is faster depends on the sizes and on the machine. */
function peerSubjects(settings: TrainerSettings, peers: readonly string[], cores: number): SubjectSpec[] {
  const python = findPeersPython();
  const script = pythonScript('train_subject.py');
  return peers.flatMap((library) =>
    [...new Set([1, cores])].map((threads) => ({
      name: `${library}, ${threads} thread${threads === 1 ? '' : 's'}`,
      command: python,
      args: [script, library, JSON.stringify(settings)],
      environment: threadLimits(threads),
    })),
  );
}

function rowOf({ name, p50Seconds, minSeconds, cpuSeconds, cpuPerWall }: Measured, ours: Measured): Row {
  return {
    subject: name,
    'steps/s p50': Math.round(1 / p50Seconds),
    'steps/s best': Math.round(1 / minSeconds),
    'ms a step p50': (p50Seconds * 1e3).toFixed(2),
    'time / ours, p50': (p50Seconds / ours.p50Seconds).toFixed(2),
    'time / ours, best': (minSeconds / ours.minSeconds).toFixed(2),
    'CPU ms a step': (cpuSeconds * 1e3).toFixed(2),
    'CPU / wall': cpuPerWall.toFixed(2),
  };
}
