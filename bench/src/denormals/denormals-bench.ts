/**
 * What denormal moments cost: inputs go dead after a thousand updates, as those of a joint that no longer moves do,
 * and Adam's moments decay. With the learner's flush and without, in turn; and whether memory stays flat meanwhile.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeSizes, type UpdateSizes } from '../learner/sizes.ts';
import { positiveInteger } from '../support/option-values.ts';
import { placeOn } from '../support/placement.ts';
import { formatTable, publish, type Row } from '../support/report.ts';
import { startSubjects } from '../support/rounds.ts';
import { median } from '../support/statistics.ts';
import type { Subject } from '../support/subject.ts';

export interface DenormalSettings {
  readonly sizes: UpdateSizes;
  readonly keepDenormals: boolean;
  /** Updates until the inputs go dead. */
  readonly liveUpdates: number;
}

/** Humanoid's observation: most of the parameters lie in first layers, which are the ones that go dead. */
const sizes: UpdateSizes = { observationSize: 376, actionSize: 17, hiddenSizes: [64, 64], batchSize: 32 };
const liveUpdates = 1000;
const warmUp = 500;
/** Blocks at the start, at full speed before anything has decayed, and at the end. */
const blocksCompared = 3;

interface Sample {
  /** Updates at the end of the block. */
  readonly updates: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rss: number;
  readonly heapUsed: number;
}

interface Series {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly denormals: number;
}

export async function runDenormalsBench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      updates: { type: 'string', default: '200000' },
      save: { type: 'boolean', default: false },
    },
  });
  const updates = positiveInteger('updates', values.updates);
  const placement = placeOn(2);
  const script = fileURLToPath(new URL('./denormals-subject.js', import.meta.url));
  const specs = [false, true].map((keepDenormals) => ({
    name: keepDenormals ? 'moments left to decay' : 'moments flushed (the default)',
    command: process.execPath,
    args: [script, JSON.stringify({ sizes, keepDenormals, liveUpdates } satisfies DenormalSettings)],
  }));
  const { subjects } = await startSubjects(specs, placement);
  const series = await measure(subjects, updates);
  for (const subject of subjects) await subject.stop();

  const text = [
    `${describeSizes(sizes)}; all inputs zero from update ${liveUpdates} on; ${placement.description}; an acting session made first, the learner in its thread; both in turn`,
    formatTable(series.map(timeRow)),
    'Memory of the process, median of each fifth of the run:',
    formatTable(series.flatMap(memoryRows)),
  ].join('\n\n');
  publish(
    { name: 'denormals', title: 'Denormal moments', text, data: { sizes, updates, series } },
    values.save,
  );
}

async function measure(subjects: readonly Subject[], updates: number): Promise<Series[]> {
  // The first blocks are over before a first moment can have decayed (some 750 updates after the inputs died).
  const startBlock = Math.floor((liveUpdates - warmUp) / blocksCompared);
  const block = Math.max(500, Math.round(updates / 50));
  const counts = Array.from({ length: blocksCompared }, () => startBlock);
  for (let done = liveUpdates; done < updates; done += block) counts.push(block);

  for (const subject of subjects) await subject.run(warmUp);
  const samples = subjects.map((): Sample[] => []);
  let done = warmUp;
  for (const [i, count] of counts.entries()) {
    done += count;
    for (const [k, subject] of subjects.entries()) {
      const { seconds, cpuSeconds, extra = {} } = await subject.run(count);
      const { rss = 0, heapUsed = 0 } = extra;
      samples[k].push({
        updates: done,
        seconds: seconds / count,
        cpuSeconds: cpuSeconds / count,
        rss,
        heapUsed,
      });
    }
    if (i % 10 === 9) process.stderr.write(`${done} of ${updates} updates\n`);
  }
  const series: Series[] = [];
  for (const [k, { name }] of subjects.entries()) {
    const { extra = {} } = await subjects[k].run(2, { inspect: true });
    series.push({ name, samples: samples[k], denormals: extra.denormals ?? 0 });
  }
  return series;
}

function timeRow({ name, samples, denormals }: Series): Row {
  const of = (blocks: readonly Sample[], key: 'seconds' | 'cpuSeconds') =>
    median(blocks.map((block) => block[key])) * 1e3;
  const [start, end] = [samples.slice(0, blocksCompared), samples.slice(-blocksCompared)];
  return {
    moments: name,
    'ms at the start': of(start, 'seconds').toFixed(3),
    'ms at the end': of(end, 'seconds').toFixed(3),
    'end / start': (of(end, 'seconds') / of(start, 'seconds')).toFixed(2),
    'CPU ms at the start': of(start, 'cpuSeconds').toFixed(3),
    'CPU ms at the end': of(end, 'cpuSeconds').toFixed(3),
    'end / start, CPU': (of(end, 'cpuSeconds') / of(start, 'cpuSeconds')).toFixed(2),
    'denormals at the end': denormals,
  };
}

function memoryRows({ name, samples }: Series): Row[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return Array.from({ length: 5 }, (_, fifth) => {
    const at = (part: number) => Math.floor((samples.length * part) / 5);
    const part = samples.slice(at(fifth), at(fifth + 1));
    return {
      moments: name,
      'updates until': part.at(-1)?.updates ?? 0,
      'RSS MB': megabytes(median(part.map(({ rss }) => rss))),
      'heap MB': megabytes(median(part.map(({ heapUsed }) => heapUsed))),
    };
  });
}
