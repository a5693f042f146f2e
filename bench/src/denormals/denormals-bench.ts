/**
 * What denormal moments cost in a training: observations go dead after a while, as those of a joint that no longer moves
 * do, and Adam's moments decay. With the learner's flush and without, in turn; and whether memory stays flat meanwhile.
 */
import { fileURLToPath } from 'node:url';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { placeOn } from '../support/placement.ts';
import { formatTable } from '../support/report.ts';
import { startSubjects } from '../support/rounds.ts';
import type { Subject } from '../support/subject.ts';
import { deadSizes } from '../train/bench-envs.ts';
import { memoryRows, type Sample, type Series, timeRow } from './denormals-report.ts';

export interface DenormalSettings {
  readonly keepDenormals: boolean;
  readonly hiddenSizes: readonly number[];
  readonly batchSize: number;
  /** Environment steps until observations go dead. */
  readonly liveSteps: number;
  readonly learningStarts: number;
  readonly updatesPerStep: number;
  readonly bufferSize: number;
  /** Environment steps before the first that is measured. */
  readonly freeSteps: number;
}

const settings = {
  hiddenSizes: [64, 64],
  batchSize: 32,
  liveSteps: 1000,
  learningStarts: 100,
  updatesPerStep: 4,
  bufferSize: 1000,
  // 2 000 updates: trainer and learner are compiled and warm.
  freeSteps: 600,
} as const;

const { hiddenSizes, batchSize, liveSteps, learningStarts, updatesPerStep, bufferSize, freeSteps } = settings;
/** Environment steps: until observations go dead in windows that are compared with the end, then longer ones. */
const [startWindow, window] = [50, 500];

export async function runDenormalsBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'denormals',
    summary: 'Update times where observations went dead, with the flush of moments and without.',
    args: [...args],
    options: {
      updates: { type: 'string', default: '200000', what: 'updates of each training' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const updates = positiveInteger('updates', values.updates);
  const placement = placeOn(2);
  const script = fileURLToPath(new URL('./denormals-subject.js', import.meta.url));
  const specs = [false, true].map((keepDenormals) => ({
    name: keepDenormals ? 'moments left to decay' : 'moments flushed (the default)',
    command: process.execPath,
    args: [script, JSON.stringify({ ...settings, keepDenormals } satisfies DenormalSettings)],
  }));
  const { subjects } = await startSubjects(specs, placement);
  const series = await measure(subjects, updates);
  for (const subject of subjects) await subject.stop();

  const { observationSize, actionSize } = deadSizes;
  const updatesAt = (envSteps: number) => (envSteps - learningStarts) * updatesPerStep;
  const text = [
    [
      `train() over gRPC, pipelined, obs ${observationSize}, act ${actionSize}, hidden ${hiddenSizes.join('-')}, batch ${batchSize}`,
      `${updatesPerStep} updates a step, a replay of ${bufferSize}`,
      `observations are zero from step ${liveSteps} (update ${updatesAt(liveSteps)}) on, and so is the whole replay from update ${updatesAt(liveSteps + bufferSize)}`,
      `start: updates ${updatesAt(freeSteps)} to ${updatesAt(liveSteps)}, end: the last ${updates / 10}`,
      placement.description,
      'a session made on the main thread first, the learner in its thread; both trainings in turn',
    ].join('; '),
    formatTable(series.map((one) => timeRow(one, updatesAt(liveSteps), (updates * 9) / 10))),
    'Memory of the process, median of each fifth of the run:',
    formatTable(series.flatMap(memoryRows)),
  ].join('\n\n');
  publish(
    {
      name: 'denormals',
      title: 'Denormal moments',
      text,
      data: { settings, sizes: deadSizes, updates, series },
    },
    values.save,
  );
}

async function measure(subjects: readonly Subject[], updates: number): Promise<Series[]> {
  const total = learningStarts + Math.ceil(updates / updatesPerStep);
  const counts: number[] = [];
  for (let step = freeSteps; step < total; ) {
    const count = step < liveSteps ? startWindow : window;
    counts.push(count);
    step += count;
  }
  const samples = subjects.map((): Sample[] => []);
  let done = (freeSteps - learningStarts) * updatesPerStep;
  for (const [i, count] of counts.entries()) {
    done += count * updatesPerStep;
    for (const [k, subject] of subjects.entries()) {
      const { extra = {} } = await subject.run(count);
      const { updateMs = Number.NaN, learnerCpuMs = Number.NaN, rss = 0, heapUsed = 0 } = extra;
      samples[k].push({ updates: done, updateMs, learnerCpuMs, rss, heapUsed });
    }
    if (i % 20 === 19) process.stderr.write(`${done} of ${updates} updates\n`);
  }
  const series: Series[] = [];
  for (const [k, { name }] of subjects.entries()) {
    const { extra = {} } = await subjects[k].run(2, { inspect: true });
    series.push({ name, samples: samples[k], denormals: extra.denormals ?? 0 });
  }
  return series;
}
