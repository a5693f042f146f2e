/** Throughput of one TD3 update, ours and peers in turn, from a full replay to actor weights that can be read. */

import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { placeOn } from '../support/placement.ts';
import { findPeersPython, howToGetPeers } from '../support/python-peers.ts';
import { formatNotes, formatTable, type Row } from '../support/report.ts';
import { type Measured, measureInRounds, startSubjects } from '../support/rounds.ts';
import { profileLearner } from './profile.ts';
import { flopsPerProduct, productsPerRun } from './sgemm.ts';
import { describeSizes, flopsPerUpdate, policyDelay, type UpdateSizes } from './sizes.ts';
import { floorSubject, learnerSubjects, peerNames } from './subjects.ts';

const small: UpdateSizes = { observationSize: 3, actionSize: 1, hiddenSizes: [64, 64], batchSize: 100 };
const wide: UpdateSizes = { observationSize: 17, actionSize: 6, hiddenSizes: [256, 256], batchSize: 256 };

export async function runLearnerBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'learner',
    summary: 'One TD3 update: ours and peers.',
    args: [...args],
    options: {
      obs: { type: 'string', what: 'size of observations' },
      act: { type: 'string', what: 'size of actions' },
      hidden: { type: 'string', what: 'sizes of hidden layers, such as 256,256' },
      batch: { type: 'string', what: 'size of batches' },
      cores: { type: 'string', default: '1', what: 'cores and threads that each subject gets' },
      runs: { type: 'string', default: '5', what: 'runs of each subject, in turn' },
      seconds: { type: 'string', default: '2', what: 'length of a run' },
      peers: { type: 'string', default: peerNames.join(','), what: 'peers to measure beside ours' },
      small: { type: 'boolean', default: false, what: 'sizes of Pendulum' },
      profile: { type: 'boolean', default: false, what: 'where the time of the compiled update goes' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const sizes = readSizes(values);
  const cores = positiveInteger('cores', values.cores);
  const rounds = {
    runs: positiveInteger('runs', values.runs),
    secondsPerRun: Number(values.seconds),
    multiple: policyDelay,
  };
  const peers = values.peers.split(',').filter((name) => name !== '');
  if (values.profile) await profileLearner(sizes, values.save);
  else await compare(sizes, cores, rounds, peers, values.save);
}

interface SizeFlags {
  readonly obs?: string;
  readonly act?: string;
  readonly hidden?: string;
  readonly batch?: string;
  readonly small: boolean;
}

function readSizes(flags: SizeFlags): UpdateSizes {
  const preset = flags.small ? small : wide;
  const { obs, act, hidden, batch } = flags;
  return {
    observationSize: obs === undefined ? preset.observationSize : positiveInteger('obs', obs),
    actionSize: act === undefined ? preset.actionSize : positiveInteger('act', act),
    hiddenSizes:
      hidden === undefined
        ? preset.hiddenSizes
        : hidden.split(',').map((size) => positiveInteger('hidden', size)),
    batchSize: batch === undefined ? preset.batchSize : positiveInteger('batch', batch),
  };
}

async function compare(
  sizes: UpdateSizes,
  cores: number,
  rounds: { runs: number; secondsPerRun: number; multiple: number },
  peers: readonly string[],
  save: boolean,
): Promise<void> {
  const placement = placeOn(cores);
  const specs = learnerSubjects(sizes, cores, peers, findPeersPython());
  const { subjects, missing } = await startSubjects(specs, placement);
  const floor = await startSubjects([floorSubject(sizes)], placement);
  const [measured, [product]] = [
    await measureInRounds(subjects, rounds),
    await measureInRounds(floor.subjects, { ...rounds, multiple: productsPerRun }),
  ];
  for (const subject of [...subjects, ...floor.subjects]) await subject.stop();

  const text = [
    `${describeSizes(sizes)}; ${placement.description}; ${rounds.runs} runs in turn, each subject in a process of its own`,
    formatTable(measured.map((subject) => rowOf(subject, measured[0]))),
    describeFloor(sizes, product, measured[0]),
    formatNotes(measured, missing, howToGetPeers),
  ].join('\n\n');
  const name = `learner-${sizes.observationSize}-${sizes.actionSize}-${sizes.hiddenSizes.join('-')}-b${sizes.batchSize}-${cores}core`;
  publish(
    { name, title: 'One TD3 update', text, data: { sizes, placement, measured, missing, product } },
    save,
  );
}

function rowOf(subject: Measured, ours: Measured): Row {
  const { name, p50Seconds, minSeconds, cpuSeconds, cpuPerWall } = subject;
  return {
    subject: name,
    'ms p50': (p50Seconds * 1e3).toFixed(2),
    'ms min': (minSeconds * 1e3).toFixed(2),
    'updates/s p50': Math.round(1 / p50Seconds),
    'time / ours, p50': (p50Seconds / ours.p50Seconds).toFixed(2),
    'time / ours, min': (minSeconds / ours.minSeconds).toFixed(2),
    'CPU ms': (cpuSeconds * 1e3).toFixed(2),
    'CPU / ours': (cpuSeconds / ours.cpuSeconds).toFixed(2),
    'CPU / wall': cpuPerWall.toFixed(2),
  };
}

/** How far ours is from what its matrix products alone would take at the speed of the large one. */
function describeFloor(sizes: UpdateSizes, product: Measured, ours: Measured): string {
  const flops = flopsPerUpdate(sizes);
  const flopsPerSecond = flopsPerProduct / product.minSeconds;
  const floorMs = (flops / flopsPerSecond) * 1e3;
  return [
    `Floor: ${(flops / 1e6).toFixed(1)} MFLOP of matrix products an update; onnxruntime's 256 × 256 × 256 float32`,
    `product on one thread reaches ${(flopsPerSecond / 1e9).toFixed(1)} GFLOP/s (best run), so ${floorMs.toFixed(2)} ms;`,
    `${ours.name} is at ${((ours.minSeconds * 1e3) / floorMs).toFixed(2)} × the floor (best run against best run).`,
  ].join(' ');
}
